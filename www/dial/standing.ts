// Where the dial stands, and what is known at every place of it.
import type { State } from '../store';
import { dial as TEXT } from '../text';
import { CURVES } from './curves';
import { openingCurve, placesOf, startOf } from './places';
import { recorded } from './recorded';
import type { Dial } from './view';

/** The cursor stands where the reader put it, or where the recorded story begins: what is measured meanwhile does not move it. */
export function standing({ dial, live, growing, model }: State): Dial {
  const recording = model === null || model.hash === recorded.model.hash ? recorded : null;
  const opening = openingCurve(recorded);
  const curve = CURVES.find(({ method }) => method === dial.method) ?? opening.curve;
  const before = recording?.curves[curve.method];
  const places = placesOf(curve, before, live[curve.method], growing?.method === curve.method ? growing.pair : undefined);
  const at = Math.min(dial.at ?? startOf(placesOf(curve, before)), places.length - 1);
  const lead = recording && dial.method === '' && !opening.isLost ? TEXT.nothingLost : '';
  return { curve, places, at, lead, recording };
}
