// A report grows while a run goes on: the engine tells each piece once, and the whole at the end.
import type { Catalog, EngineEvent, Measurement, ProbeKind, Report } from './types';

/** The report with what an event adds to it; events other than the first have nothing to add where there is none. */
export function grow(report: Report | null, event: EngineEvent): Report | null {
  if (event.kind === 'compressed') return event.report;
  if (report === null || event.kind === 'progress') return report;
  switch (event.kind) {
    case 'scored': {
      const side = sides[event.side];
      if (!side) return report; // a third side has no place on this page yet
      const { score, seconds, tokens_per_second } = event;
      const measurement: Measurement = { ...report[side], scores: put(report[side].scores, score), seconds, tokens_per_second };
      return { ...report, [side]: measurement };
    }
    case 'asked': {
      const { set, comparisons, complete } = event;
      const grown = { ...report, data: put(report.data, set), comparisons, complete };
      return set.unavailable === null ? grown : without(grown, set.name);
    }
    case 'spread':
      return { ...report, spread: event.spread, comparisons: event.comparisons, complete: event.complete };
  }
}

/** The one dimension whose score is not in points. */
export const PERPLEXITY = 'perplexity';

/** What a run asks. */
export function asked({ recipe }: Report, { probes }: Catalog): ProbeKind[] {
  return probes.filter(({ name }) => !recipe.probes?.length || recipe.probes.includes(name));
}

/** What a run has yet to come to, which has its place already: nothing moves when it is there. */
export function coming(report: Report, catalog: Catalog): ProbeKind[] {
  const isThere = ({ name }: ProbeKind): boolean => [...report.before.scores, ...report.data].some((each) => each.name === name);
  return asked(report, catalog).filter((probe) => !isThere(probe));
}

/** A list with one more, in place of what has its name: the sample of a dimension grows. */
function put<T extends { name: string }>(all: T[], one: T): T[] {
  const place = all.findIndex(({ name }) => name === one.name);
  return place < 0 ? [...all, one] : all.with(place, one);
}

const sides = ['before', 'after'] as const;

/** Scores of a dimension of which one side could not be read are taken back. */
function without(report: Report, name: string): Report {
  const others = <T extends { name: string }>(all: T[]): T[] => all.filter((each) => each.name !== name);
  const { before, after } = report;
  return {
    ...report,
    before: { ...before, scores: others(before.scores) },
    after: { ...after, scores: others(after.scores) },
  };
}
