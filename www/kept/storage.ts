// Finished reports, kept in this browser's IndexedDB: a tab that is ended finds them again. Nothing leaves the page.
import type { Pace } from '../left';
import { kept as TEXT } from '../text';
import type { Recipe, Report } from '../types';

/** A report without what it holds, to be listed. `date`: when it was finished, as ISO 8601. */
export interface Kept {
  id: string;
  date: string;
  name: string;
  /** Of the model; results of before have none. */
  parameters?: number;
  hash: string;
  recipe: Recipe;
  /** Of the report's form. */
  version: number;
  /** The sentence over it. */
  says: string;
  link: string;
  workers: number;
  /** Null where the calibration seeds were several. */
  pace: Pace | null;
}

/** So many are kept; the oldest makes room. */
export const MOST_KEPT = 50;
const [DATABASE, LIST, REPORTS] = ['pressure-test', 'kept', 'reports'];

/** What is kept, the newest first. */
export async function listKept(): Promise<Kept[]> {
  const all = await within('readonly', (list) => list.getAll() as IDBRequest<Kept[]>);
  return all.sort((a, b) => b.date.localeCompare(a.date));
}

export async function keep(kept: Kept, report: Report): Promise<void> {
  await within('readwrite', (list, reports) => {
    reports.put(report, kept.id);
    return list.put(kept, kept.id);
  });
  const oldest = (await listKept()).slice(MOST_KEPT);
  await Promise.all(oldest.map(({ id }) => removeKept(id)));
}

export async function readKept(id: string): Promise<Report> {
  const report = await within('readonly', (_, reports) => reports.get(id) as IDBRequest<Report | undefined>);
  if (!report) throw new Error(TEXT.gone);
  return report;
}

/** One, or without a name all of them. */
export async function removeKept(id?: string): Promise<void> {
  await within('readwrite', (list, reports) => {
    if (id === undefined) {
      reports.clear();
      return list.clear();
    }
    reports.delete(id);
    return list.delete(id);
  });
}

/** Does something in one go, and gives what its last request gives. */
async function within<T>(mode: IDBTransactionMode, ask: (list: IDBObjectStore, reports: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await open();
  try {
    return await new Promise<T>((resolve, reject) => {
      const transaction = database.transaction([LIST, REPORTS], mode);
      const request = ask(transaction.objectStore(LIST), transaction.objectStore(REPORTS));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => {
      for (const name of [LIST, REPORTS]) request.result.createObjectStore(name);
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
