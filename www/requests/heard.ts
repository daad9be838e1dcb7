// Every request of this page and of its workers, in the order that they ended in.
import { CHANNEL, hear, type Requested } from './telling';

const all: Requested[] = [];
const listeners = new Set<() => void>();

/** Begins to listen; what the page itself requested before is known to the browser. */
export function listen(): void {
  const take = (requests: Requested[]): void => {
    all.push(...requests);
    for (const told of listeners) told();
  };
  hear('page', take);
  new BroadcastChannel(CHANNEL).addEventListener('message', ({ data }: MessageEvent<Requested[]>) => take(data));
}

export function requested(): readonly Requested[] {
  return all;
}

/** Calls back when there are more, until it is told to stop. */
export function onRequest(told: () => void): () => void {
  listeners.add(told);
  return () => listeners.delete(told);
}
