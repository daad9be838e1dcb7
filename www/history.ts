// The address of the page says what it shows, and the browser's way back leads through what was run.
import { toLink } from './link';
import { store } from './store';

/** Marks entries that this page wrote: any other is a link that the reader typed or pasted. */
const OURS = 'written';
/** The link that the address has now. */
let written = '';

/** Writes it. What was run stays behind it: only a change after a run makes an entry of its own. */
export function writeLink(): void {
  const link = toLink(store.state);
  const wasRun = store.state.finished?.link === `${written}&run=1`;
  if (wasRun && link !== written) history.pushState(OURS, '', link);
  else history.replaceState(OURS, '', link);
  written = link;
}

/** After the reader went back or forward to an entry of this page. */
export function followLink(link: string): void {
  written = link;
}

export function isOurs(state: unknown): boolean {
  return state === OURS;
}
