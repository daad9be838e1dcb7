import type { Plugin } from 'vite';

export const POLICY: string;
export const META: string;
export function policy(): Plugin;
