// Numbers as the page writes them.
import type { Report, Score } from './types';

export type Unit = Score['unit'];
type Interval = Score['interval'];

const MINUS = '\u2212';

function fixed(value: number, digits: number): string {
  return value.toFixed(digits).replace(/^-(?=.*[1-9])/, MINUS).replace(/^-/, '');
}

function digits(unit: Unit, value: number): number {
  if (unit === 'points') return 1;
  if (unit === 'bits per byte' || unit === 'nats') return 3;
  return Math.abs(value) < 1000 ? 2 : 0;
}

export function amount(unit: Unit, value: number): string {
  return fixed(value, digits(unit, value));
}

export function between(unit: Unit, interval: Interval): string {
  return interval === null ? 'no interval' : `${amount(unit, interval[0])} to ${amount(unit, interval[1])}`;
}

export function change(unit: Unit, value: number): string {
  const text = amount(unit, value);
  return value > 0 && /[1-9]/.test(text) ? `+${text}` : text;
}

export function changeBetween(unit: Unit, interval: Interval): string {
  return interval === null ? 'no interval' : `${change(unit, interval[0])} to ${change(unit, interval[1])}`;
}

export function bytes(value: number): string {
  if (value < 1e6) return `${fixed(value / 1e3, 0)} kB`;
  if (value < 1e9) return `${fixed(value / 1e6, 2)} MB`;
  return `${fixed(value / 1e9, 2)} GB`;
}

export function count(value: number): string {
  if (value < 1e6) return value.toLocaleString('en');
  return value < 1e9 ? `${fixed(value / 1e6, 1)} million` : `${fixed(value / 1e9, 2)} billion`;
}

/** A share as points of 100, as ability is shown. */
export function percentOf(share: number): string {
  return fixed(100 * share, 0);
}

export function percent(rate: number): string {
  return `${fixed(100 * rate, rate > 0 && rate < 0.01 ? 1 : 0)}\u202f%`;
}

/** A share to about two digits, however small. */
export function share(rate: number): string {
  if (rate > 0 && rate < 0.0001) return '<\u202f0.01\u202f%';
  const digits = rate === 0 || rate >= 0.0995 ? 0 : rate >= 0.00095 ? 1 : 2;
  return `${fixed(100 * rate, digits)}\u202f%`;
}

/** From the lowest value to the highest, which may read the same. */
export function range(unit: Unit, values: number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return amount(unit, low) === amount(unit, high) ? amount(unit, low) : between(unit, [low, high]);
}

export function seconds(value: number): string {
  if (value < 1) return `${fixed(1000 * value, value < 0.01 ? 1 : 0)} ms`;
  return value < 100 ? `${fixed(value, 1)} s` : `${fixed(value / 60, 1)} min`;
}

/** Which of its compressed models the engine holds after a run of several calibration seeds; nothing where there is one. */
export function heldSeed({ spread }: Report): string {
  const last = spread?.seeds.at(-1);
  return last === undefined ? '' : `The compressed model is the one of calibration seed ${last}, the last of the run. `;
}
