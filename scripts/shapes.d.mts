import type { Plugin } from 'vite';

export function shapesOf(source: string): Record<string, unknown>;
export function reached(shapes: Record<string, unknown>, from: string): Record<string, unknown>;
export function shapes(): Plugin;
