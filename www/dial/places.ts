// The stops of a curve with what is known at each, and where the story of a recording begins.
import { CURVES, isLost, type Curve, type Dot, type Measured, type Pair, type Point, type Recording } from './curves';

/** A stop, and what is known there; null for nothing. */
export interface Place {
  stop: number | null;
  point: Known | null;
}

/** What is known at a stop. `from`: who says its sentence; a run that goes on says it so far. */
export interface Known extends Point {
  from: 'recorded' | 'here' | 'growing';
  /** `isLive`: measured on this device. */
  dots: (Dot & { isLive: boolean })[];
}

/** What is known at each stop, the original first: measured here where it was, else recorded. `growing`: what a run that goes on has so far. */
export function placesOf({ stops }: Curve, recorded: Measured | undefined, live?: Measured, growing?: Pair): Place[] {
  return [null, ...stops].map((stop) => {
    const at = (measured: Measured | undefined): Point | undefined => (stop === null ? measured?.original : measured?.points.find((point) => point.stop === stop));
    const [here, before] = [at(live), at(recorded)];
    const known = here ? from('here', here) : before ? from('recorded', before) : null;
    const grown = growing && (stop === null ? growing.original : growing.point.stop === stop ? growing.point : null);
    return { stop, point: grown ? over(known, from('growing', grown)) : known };
  });
}

function from(source: Known['from'], point: Point): Known {
  return { ...point, from: source, dots: point.dots.map((dot) => ({ ...dot, isLive: source !== 'recorded' })) };
}

/** What a run has so far, over what is known already; dimensions that it has not come to stay as they are. */
function over(known: Known | null, grown: Known): Known {
  if (known?.from === 'here') return known;
  if (grown.dots.length === 0) return known ?? grown;
  const dots = known?.dots.map((dot) => grown.dots.find(({ name }) => name === dot.name) ?? dot) ?? [];
  const more = grown.dots.filter(({ name }) => !dots.some((dot) => dot.name === name));
  return { ...grown, perplexity: grown.perplexity ?? known?.perplexity ?? null, sentence: grown.sentence || (known?.sentence ?? ''), dots: [...dots, ...more] };
}

/** The first place at which something is lost; null where there is none. */
function firstLoss(places: Place[]): number | null {
  const lost = places.findIndex(({ point }) => point?.dots.some(isLost));
  return lost < 0 ? null : lost;
}

/** Where the cursor of a curve stands before anyone moves it: where something is first lost, else at the strongest pressure. */
export function startOf(places: Place[]): number {
  return firstLoss(places) ?? places.length - 1;
}

/** The curve with the first loss of a recording; `isLost`: whether there is any. */
export function openingCurve({ curves }: Recording): { curve: Curve; isLost: boolean } {
  const curve = CURVES.find((each) => firstLoss(placesOf(each, curves[each.method])) !== null);
  return { curve: curve ?? CURVES[0]!, isLost: curve !== undefined };
}
