// A report grows while a run goes on: the engine tells each piece once, and the whole at the end.
import type { EngineEvent, Measurement, Report } from './types';

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
