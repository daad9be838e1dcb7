// The stops of a curve with what is known at each, and where the story of a recording begins.
import { CURVES, isLost, type Curve, type Measured, type Point, type Recording } from './curves';

/** A stop, and what was found there; `isLive`: on this device. */
export type Place = { stop: number | null; point: Point; isLive: boolean } | { stop: number | null; point: null };

/** What is known at each stop, the original first: measured here where it was, else recorded. */
export function placesOf({ stops }: Curve, recorded: Measured | undefined, live: Measured | undefined): Place[] {
  return [null, ...stops].map((stop) => {
    const at = (measured: Measured | undefined): Point | undefined => (stop === null ? measured?.original : measured?.points.find((point) => point.stop === stop));
    const [here, before] = [at(live), at(recorded)];
    if (here) return { stop, point: here, isLive: true };
    return before ? { stop, point: before, isLive: false } : { stop, point: null };
  });
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
  const curve = CURVES.find((each) => firstLoss(placesOf(each, curves[each.method], undefined)) !== null);
  return { curve: curve ?? CURVES[0]!, isLost: curve !== undefined };
}

/** Said before the sentence where a recording has no loss to begin with. */
export const NOTHING_LOST = 'In no recorded recipe is any dimension clearly worse or broken.';
