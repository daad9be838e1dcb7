import type { Plugin } from 'vite';

/** For Vite: docs/NAME.md becomes docs/NAME.html. */
export function documents(folder?: URL): Plugin;
