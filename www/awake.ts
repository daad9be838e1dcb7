// A phone whose page is hidden rests, so that it neither warms a pocket nor is ended for it.
import type { Engine } from './engine';
import { isPhone } from './workers';

let since: number | null = null;
let rested = 0;

/** Seconds that this page was not resting. */
export function now(): number {
  return ((since ?? performance.now()) - rested) / 1000;
}

/** Lets the engine rest while the page of a phone is hidden. */
export function restWhileHidden(engine: Engine): void {
  if (!isPhone()) return;
  document.addEventListener('visibilitychange', () => {
    if (document.hidden === (since !== null)) return;
    if (since !== null) rested += performance.now() - since;
    since = document.hidden ? performance.now() : null;
    engine.rest(document.hidden);
  });
}
