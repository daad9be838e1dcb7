// The smallest recipe that can be trusted as the original, of those that were tried: for each method from the weakest
// pressure on, up to the first that fails. Nothing passes by silence.
import * as format from '../format';
import { frontier as TEXT } from '../text';
import { itemsOf, stopText, type Curve, type Dot, type Point } from '../dial/curves';

/** A recipe that was run; `isLive`: on this device. */
export interface Tried {
  curve: Curve;
  stop: number;
  point: Point;
  isLive: boolean;
}

/** A dimension of trust. */
export interface Dimension {
  name: string;
  title: string;
}

/** What stands in the way of a recipe; `more`: independent groups of items that are lacking, as far as that is known. */
export interface Obstacle {
  says: string;
  more: number | null;
}

export interface Answer {
  /** The smallest that passes, with how many dimensions it does so by; null for none. */
  best: (Tried & { measurable: number }) | null;
  says: string;
}

/** So many dimensions must be measurable. */
export const LEAST = 5;

/** Whether a dimension is shown to be no worse; who is better is no worse. */
export function isProven(dot: Dot | undefined): boolean {
  return dot !== undefined && !dot.provisional && (dot.word === 'no_worse' || dot.word === 'better');
}

/** What stands in the way of trusting a point as the original; nothing where it can be. */
export function obstacles(point: Point, trust: Dimension[]): { obstacles: Obstacle[]; measurable: number } {
  const rows = trust.map((dimension) => ({ dimension, dot: point.dots.find(({ name }) => name === dimension.name) }));
  const measurable = rows.filter(({ dot }) => dot?.word !== 'not_measurable');
  const found = measurable.filter(({ dot }) => !isProven(dot)).map(({ dimension, dot }) => obstacle(dimension, dot));
  if (measurable.length < LEAST) found.push({ says: TEXT.tooFew({ n: measurable.length, of: trust.length, least: LEAST }), more: null });
  return { obstacles: found, measurable: measurable.length };
}

function obstacle({ title }: Dimension, dot: Dot | undefined): Obstacle {
  const dimension = title.toLowerCase();
  if (dot === undefined) return { says: TEXT.notMeasured({ dimension }), more: null };
  if (dot.provisional) return { says: TEXT.stillMeasured({ dimension }), more: null };
  if (dot.word !== null && dot.word !== 'too_few_items') return { says: TEXT.verdict({ dimension, words: dot.words }), more: null };
  const { more = null } = dot;
  return { says: more === null ? TEXT.needsMore({ dimension }) : TEXT.needsGroups({ dimension, groups: format.whole(more) }), more };
}

/** `curves`: every method with all its stops; one that was not run ends its row as a failure does. Of several runs of one recipe the one of most items counts. */
export function recommend(tried: Tried[], curves: Curve[], trust: Dimension[]): Answer {
  const passed: (Tried & { measurable: number })[] = [];
  const ends: { where: string; obstacles: Obstacle[] }[] = [];
  for (const curve of curves) {
    const run = tried.filter((each) => each.curve.method === curve.method);
    if (run.length === 0) continue;
    for (const stop of curve.stops) {
      const at = run.filter((each) => each.stop === stop).toSorted((one, other) => itemsOf(other.point) - itemsOf(one.point))[0];
      const judged = at ? obstacles(at.point, trust) : { obstacles: [{ says: TEXT.notRun, more: null }], measurable: 0 };
      if (at && judged.obstacles.length === 0) {
        passed.push({ ...at, measurable: judged.measurable });
        continue;
      }
      ends.push({ where: named(curve, stop), obstacles: judged.obstacles });
      break;
    }
  }
  const best = passed.toSorted((one, other) => one.point.bytes - other.point.bytes)[0] ?? null;
  if (best) return { best, says: TEXT.best({ recipe: named(best.curve, best.stop), dimensions: best.measurable }) };
  if (ends.length === 0) return { best, says: TEXT.noneRun };
  const nearest = ends.toSorted((one, other) => distance(one.obstacles) - distance(other.obstacles))[0]!;
  return { best, says: TEXT.nearest({ recipe: nearest.where, obstacles: nearest.obstacles.map(({ says }) => says) }) };
}

/** "GPTQ, 4 bits". */
export function named(curve: Curve, stop: number): string {
  return TEXT.recipe({ curve: curve.title, stop: stopText(curve, stop) });
}

/** Fewer obstacles are nearer, and of as many the fewer items; one that no item removes is farthest. */
function distance(obstacles: Obstacle[]): number {
  return obstacles.reduce((sum, { more }) => sum + 1e9 + (more ?? 1e8), 0);
}
