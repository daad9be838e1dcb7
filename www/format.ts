// Numbers as the page writes them.
import { LANGUAGE, numbers as TEXT } from './text';
import type { Score } from './types';

export type Unit = Score['unit'];
type Interval = Score['interval'];

const MINUS = '\u2212';

/** With so many digits behind the decimal mark. */
export function fixed(value: number, digits: number): string {
  return value.toFixed(digits).replace(/^-(?=.*[1-9])/, MINUS).replace(/^-/, '').replace('.', TEXT.decimal);
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
  return interval === null ? TEXT.noInterval : TEXT.between(amount(unit, interval[0]), amount(unit, interval[1]));
}

export function change(unit: Unit, value: number): string {
  const text = amount(unit, value);
  return value > 0 && /[1-9]/.test(text) ? `+${text}` : text;
}

export function changeBetween(unit: Unit, interval: Interval): string {
  return interval === null ? TEXT.noInterval : TEXT.between(change(unit, interval[0]), change(unit, interval[1]));
}

export function bytes(value: number): string {
  if (value < 1e6) return TEXT.kilobytes(fixed(value / 1e3, 0));
  if (value < 1e9) return TEXT.megabytes(fixed(value / 1e6, 2));
  return TEXT.gigabytes(fixed(value / 1e9, 2));
}

/** Bytes as precisely as an estimate deserves. */
export function aboutBytes(value: number): string {
  return value < 1e9 ? TEXT.megabytes(String(Math.max(1, Math.round(value / 1e6)))) : TEXT.gigabytes(fixed(value / 1e9, 1));
}

/** Bytes as roughly as a list needs them. */
export function roughBytes(value: number): string {
  return value < 1e6 ? TEXT.kilobytes(String(Math.ceil(value / 1e3))) : aboutBytes(value);
}

/** Every digit of a whole number. A browser's own way of it reads its tables of languages first, which holds up a phone for a fifth of a second. */
export function whole(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, TEXT.thousands);
}

export function count(value: number): string {
  if (value < 1e6) return whole(value);
  return value < 1e9 ? TEXT.millions(fixed(value / 1e6, 1)) : TEXT.billions(fixed(value / 1e9, 2));
}

/** A share as points of 100, as ability is shown. */
export function percentOf(share: number): string {
  return fixed(100 * share, 0);
}

export function percent(rate: number): string {
  return TEXT.percent(fixed(100 * rate, rate > 0 && rate < 0.01 ? 1 : 0));
}

/** A share to about two digits, however small. */
export function share(rate: number): string {
  if (rate > 0 && rate < 0.0001) return TEXT.lessThanPercent(fixed(0.01, 2));
  const digits = rate === 0 || rate >= 0.0995 ? 0 : rate >= 0.00095 ? 1 : 2;
  return TEXT.percent(fixed(100 * rate, digits));
}

/** From the lowest value to the highest, which may read the same. */
export function range(unit: Unit, values: number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return amount(unit, low) === amount(unit, high) ? amount(unit, low) : between(unit, [low, high]);
}

export function seconds(value: number): string {
  if (value < 1) return TEXT.milliseconds(fixed(1000 * value, value < 0.01 ? 1 : 0));
  return value < 100 ? TEXT.seconds(fixed(value, 1)) : TEXT.minutes(fixed(value / 60, 1));
}

export function dateAndTime(date: string): string {
  return new Date(date).toLocaleString(LANGUAGE, { dateStyle: 'medium', timeStyle: 'short' });
}

export function timeOfDay(milliseconds: number): string {
  return new Date(milliseconds).toLocaleTimeString(LANGUAGE, { hour12: false });
}
