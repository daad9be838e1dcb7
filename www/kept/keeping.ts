// What the reader can do with results that are kept in this browser.
import { sentence } from '../promised';
import type { Pace } from '../left';
import { store, type State } from '../store';
import { kept as TEXT } from '../text';
import { summary } from '../views/summary';
import type { Report } from '../types';
import { keep, type Kept, listKept, readKept, removeKept } from './storage';

/** What is kept here; null where this browser keeps nothing. */
export function findKept(): Promise<Kept[] | null> {
  return listKept().catch(() => null);
}

/** Keeps a report that came to its end, in place of one with the same `id`; a browser that cannot is no error of the run, and the list says it. */
export async function keepReport(report: Report, beside: Pick<Kept, 'link' | 'workers' | 'pace'>, id?: string): Promise<void> {
  const { catalog } = store.state;
  if (!catalog) return;
  const { model, recipe, version } = report;
  const date = new Date().toISOString();
  const kept: Kept = { id: id ?? `${date} ${recipe.method}`, date, name: model.name, parameters: model.parameters, hash: model.hash, recipe, version, says: summary(report, catalog), ...beside };
  const list = await keep(kept, report).then(listKept, () => null);
  store.update({ kept: list });
}

/** Shows a result of before. Of one by other rules only the recipe is of use. */
export async function showKept({ id, version, link }: Kept): Promise<void> {
  try {
    const report = await readKept(id);
    if (version !== store.state.catalog?.version) throw new Error(TEXT.otherVersion({ version }));
    store.update({ phase: 'done', report, link, finished: { report, link }, held: null, offers: [], error: null });
  } catch (reason) {
    store.update({ error: sentence(reason) });
  }
}

export async function forget(id?: string): Promise<void> {
  await removeKept(id).catch((reason: unknown) => store.update({ error: sentence(reason) }));
  store.update({ kept: await findKept() });
}

/** The pace of the last run of the same model that asked the same. */
export function paceLike({ kept, model, recipe }: Pick<State, 'kept' | 'model' | 'recipe'>, isSameMethod: boolean): Pace | null {
  const asks = ({ evaluation, probes }: Kept['recipe']): string => JSON.stringify([Object.entries(evaluation).sort(), probes ?? []]);
  const like = kept?.find((each) => each.pace && each.hash === model?.hash && asks(each.recipe) === asks(recipe) && (!isSameMethod || each.recipe.method === recipe.method));
  return like?.pace ?? null;
}
