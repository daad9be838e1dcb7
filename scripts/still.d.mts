import type { Plugin } from 'vite';
export function still(): Plugin;
