// What may become of a promise.

/** Why one failed, as a sentence. */
export function sentence(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}

/** What is promised, or an error with this sentence where it is not there after so many milliseconds. */
export function inTime<T>(promised: Promise<T>, patience: number, otherwise: string, signal?: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(otherwise)), patience);
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
    promised.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
