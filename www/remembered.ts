// Small things that a browser remembers of this page; one that remembers nothing is no error.

type Thing = 'content-note' | 'speeds';

/** What was written last, or null. */
export function remembered(thing: Thing): string | null {
  try {
    return localStorage.getItem(`pressure-test.${thing}`);
  } catch {
    return null;
  }
}

export function remember(thing: Thing, value: string): void {
  try {
    localStorage.setItem(`pressure-test.${thing}`, value);
  } catch {
    // It is asked, or measured, again in another tab.
  }
}
