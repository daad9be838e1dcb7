// What may stand on a side: models as they were, and what recipes made of them, of the results that are shown and of those kept here.
import { readKept, type Kept } from '../kept/storage';
import { sideBySide as TEXT } from '../text';
import type { Catalog, Report } from '../types';
import { sideName } from '../views/titles';
import { keptTitle, when } from '../views/kept';

export type Which = 'before' | 'after';

export interface SideOffer {
  key: string;
  title: string;
  /** What its report is called where something is said of it. */
  name: string;
  which: Which;
  read(): Promise<Report>;
  /** The link that repeats its run. */
  link: string;
}

/** Of the results that are shown. */
export const [THIS_BEFORE, THIS_AFTER] = ['this before', 'this after'];

/** `link`: that of the report, by which it is known among those that are kept. */
export function offersOf(report: Report, link: string, kept: Kept[], catalog: Catalog): SideOffer[] {
  const { model, recipe } = report;
  const own = { name: TEXT.shownResult, read: () => Promise.resolve(report), link };
  const others = kept.filter((each) => each.version === catalog.version && !(each.link === link && each.hash === model.hash));
  const models = others.filter(({ hash }, i) => hash !== model.hash && others.findIndex((each) => each.hash === hash) === i);
  const of = (each: Kept, which: Which, title: string): SideOffer => ({ key: `${each.id} ${which}`, title, name: TEXT.resultOf({ date: when(each) }), which, read: () => readKept(each.id), link: each.link });
  return [
    { ...own, key: THIS_BEFORE!, title: sideName(model, undefined, catalog), which: 'before' },
    ...models.map((each) => of(each, 'before', sideName(each, undefined, catalog))),
    { ...own, key: THIS_AFTER!, title: TEXT.shown({ title: keptTitle({ name: model.name, recipe }, catalog) }), which: 'after' },
    ...others.map((each) => of(each, 'after', TEXT.dated({ title: keptTitle(each, catalog), date: when(each) }))),
  ];
}
