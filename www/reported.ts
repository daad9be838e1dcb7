// Reports that were downloaded before: whole ones of this version are shown as they are, several of one experiment as one; of
// others the recipe is taken up.
import { engine } from './actions';
import { writeLink } from './history';
import { keepReport } from './kept/keeping';
import { toLink } from './link';
import { sentence } from './promised';
import { NO_SETUP } from './setup';
import type { Source } from './source';
import { BUILT_IN_SCORER, BUILT_IN_TEXT, store } from './store';
import { model, reported as TEXT } from './text';
import type { Merged, Report, Settings, UncheckedRecipe } from './types';
import { NO_METHOD } from './views/titles';

/** What is read of a report; of any version, since recipes have kept their form. */
interface Reported {
  version: number;
  model: { name: string };
  recipe: { method: string; settings: Settings; calibration: Settings; evaluation: Settings; probes?: string[] };
}

/** So many files that are not merged are named. */
const NAMED = 5;

/** A report that can be shown, and the file that it is from. */
interface Whole {
  file: File;
  report: Report;
}

/** Shows some reports as one where they are of one experiment, else the first; keeps all, and sets the controls to the recipe that
 * is shown; says what of that cannot be. */
export async function takeUp(files: File[]): Promise<void> {
  const { notReport } = await import('./shape');
  const version = store.state.catalog?.version;
  const all = await Promise.all(files.map(async (file) => ({ file, reported: read(file.name, await file.text()) })));
  const whole = all.flatMap(({ file, reported }): Whole[] => (reported.version === version && notReport(reported) === null ? [{ file, report: reported as Report }] : []));
  const keep = (report: Report, id: string): Promise<void> => keepReport(report, { link: linkOf(report), workers: 1, pace: null }, id);
  for (const { file, report } of whole.toReversed()) await keep(report, idOf(file));
  const { merged, refused } = await asOne(whole);
  if (merged) await keep(merged, `merged ${whole.map(({ file }) => idOf(file)).sort().join(' ')}`);
  const one = whole[0] ?? all[0];
  if (!one) return;
  const shown = merged ?? whole[0]?.report;
  const reported = shown ?? all[0]!.reported;
  // A model as it was, beside another one, has no recipe.
  const { recipe, problems } = reported.recipe.method === NO_METHOD ? { recipe: store.state.recipe, problems: [] } : await engine.settle(unchecked(reported));
  const says = shown
    ? [shownAs(one.file.name, merged?.merged ?? null, reported.recipe.method !== NO_METHOD), ...others(all.length, whole.length), refused].filter(Boolean).join(' ')
    : asRecipe(one.file.name, reported, version, notReport(reported));
  store.update({ recipe, notice: { says, problems, fetches: null, run: false }, error: null });
  writeLink();
  if (!shown) return;
  const [report, link] = [shown, linkOf(shown)];
  store.update({ phase: 'done', report, link, finished: { report, link }, held: null, offers: [] });
}

/** By this a report is kept once, however often its file is dropped. */
function idOf({ name, size, lastModified }: File): string {
  return `${name} ${size} ${lastModified}`;
}

/** Reports of one experiment as one, where there are two that differ; and which of them are of none or another, in sentences. */
async function asOne(whole: Whole[]): Promise<{ merged: Report | null; refused: string }> {
  if (whole.length < 2) return { merged: null, refused: '' };
  store.update({ notice: { says: TEXT.merging({ n: whole.length }), problems: [], fetches: null, run: false } });
  try {
    const { report, refused } = await engine.merge(whole.map(({ file, report }) => ({ name: file.name, report })));
    const { reports, equal } = report.merged ?? { reports: 0, equal: 0 };
    return { merged: reports - equal > 1 ? report : null, refused: sentences(refused) };
  } catch (reason) {
    return { merged: null, refused: sentence(reason) };
  }
}

/** The first few of many. */
function sentences(all: string[]): string {
  if (all.length === 0) return '';
  return TEXT.notMerged({ reasons: all.slice(0, NAMED), more: all.length - NAMED });
}

/** What is shown: one report, or several as one. */
function shownAs(name: string, merged: Merged | null, hasRecipe: boolean): string {
  if (merged === null) return (hasRecipe ? TEXT.shown : TEXT.shownWithoutRecipe)({ name });
  return (hasRecipe ? TEXT.merged : TEXT.mergedWithoutRecipe)({ n: merged.reports, equal: merged.equal });
}

function others(all: number, whole: number): string[] {
  return [...(all === 1 ? [] : [TEXT.kept({ n: whole })]), ...(all === whole ? [] : [TEXT.passedOver({ n: all - whole, of: all })])];
}

/** Of a report that cannot be shown. */
function asRecipe(name: string, { version, model }: Reported, current: number | undefined, misfit: string | null): string {
  const known = { name, version, model: model.name };
  if (current !== undefined && version < current) return TEXT.asOlderRecipe({ ...known, current });
  const why = version === current && misfit !== null ? [TEXT.cannotBeShown({ why: misfit })] : [];
  return [TEXT.asRecipe(known), ...why].join(' ');
}

/** The link that repeats the run of a report, as far as a report says what it was. */
function linkOf({ model, recipe, calibration, data, before }: Report): string {
  const { state } = store;
  const named = (name: string): { name: string; blob: Blob } => ({ name, blob: new Blob() });
  const source: Source = state.model?.hash === model.hash ? state.source : { kind: 'dropped', name: model.name, files: [], others: [] };
  const text = calibration.text === BUILT_IN_TEXT ? null : { name: calibration.text, content: '' };
  const items = recipe.evaluation['source'] === 'own' ? data.flatMap(({ files }) => files.map(({ name }) => named(name))) : [];
  const classifier = before.scores.map(({ scorer }) => scorer).find((scorer) => scorer !== null && !scorer.startsWith(BUILT_IN_SCORER));
  const judged = classifier ? { name: classifier.replace(/ [^ ]*$/, ''), files: [] } : null; // without the hash of its files
  return `${toLink({ ...state, source, recipe, text, items, classifier: judged, workers: null, setup: NO_SETUP })}&run=1`;
}

function read(name: string, text: string): Reported {
  const refused = new Error(TEXT.noReport({ name }));
  let found: Partial<Reported> | null;
  try {
    found = JSON.parse(text) as Partial<Reported> | null;
  } catch {
    throw refused;
  }
  const { version, model, recipe } = found ?? {};
  if (typeof version !== 'number' || typeof recipe?.method !== 'string') throw refused;
  return { ...found, version, model: named(model), recipe };
}

function named<T extends { name: string }>(given: T | undefined): { name: string } {
  return { ...given, name: String(given?.name ?? model.unnamed) };
}

/** A recipe as a link would say it. */
function unchecked({ recipe }: Reported): UncheckedRecipe {
  const part = (name: 'settings' | 'calibration' | 'evaluation'): [string, string][] =>
    Object.entries(recipe[name] ?? {}).map(([key, value]) => [`${name}.${key}`, String(value)]);
  const probes = Array.isArray(recipe.probes) && recipe.probes.length > 0 ? recipe.probes.join(',') : null;
  return { method: recipe.method, settings: [...part('settings'), ...part('calibration'), ...part('evaluation')], probes };
}
