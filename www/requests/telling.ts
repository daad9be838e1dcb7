// What a worker of this page requests is told to the page, which lists it.

/** A request that came to its end. */
export interface Requested {
  url: string;
  /** What asked: the page, or one of its workers. */
  by: string;
  /** Milliseconds since 1970. */
  at: number;
  /** Bytes over the line; 0 from this browser's own store, null where the other server does not let them be known. */
  bytes: number | null;
}

export const CHANNEL = 'requests';

/** Hears of every request of the thread that calls it, those of before included. */
export function hear(by: string, listen: (requests: Requested[]) => void): void {
  const own = (entry: PerformanceResourceTiming): Requested => ({
    url: entry.name,
    by,
    at: Math.round(performance.timeOrigin + entry.startTime),
    bytes: entry.transferSize === 0 && entry.decodedBodySize === 0 ? null : entry.transferSize,
  });
  const observer = new PerformanceObserver((list) => listen((list.getEntries() as PerformanceResourceTiming[]).map(own)));
  observer.observe({ type: 'resource', buffered: true });
  listen((performance.getEntriesByType('navigation') as PerformanceResourceTiming[]).map(own)); // the page itself; a worker has none
}

/** For a worker. */
export function tellRequests(by: string): void {
  const channel = new BroadcastChannel(CHANNEL);
  hear(by, (requests) => channel.postMessage(requests));
}
