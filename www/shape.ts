// Whether a value is a report: held against the types that reports are made of, since a file may be anything.
import shapes from 'virtual:shapes';
import { reported as TEXT } from './text';
import type { Report } from './types';

/** As scripts/shapes.mjs says. */
export type Shape =
  | 'number'
  | 'string'
  | 'boolean'
  | 'null'
  | { is: unknown }
  | { ref: string }
  | { list: Shape }
  | { tuple: Shape[] }
  | { any: Shape[] }
  | { map: Shape }
  | { fields: Record<string, Shape> };

/** Where a value is no report, as "before.scores.0.value is no number"; null where it is one. */
export function notReport(value: unknown): string | null {
  const { path, wanted } = misfit(value, { ref: 'Report' }, []) ?? {};
  return path === undefined ? null : TEXT.misfit({ path: path.join('.') || null, wanted: wanted ?? '' });
}

export function isReport(value: unknown): value is Report {
  return notReport(value) === null;
}

interface Misfit {
  path: string[];
  wanted: string;
}

function misfit(value: unknown, shape: Shape, path: string[]): Misfit | null {
  const no = (wanted: string): Misfit => ({ path, wanted });
  if (typeof shape === 'string') return (value === null ? 'null' : typeof value) === shape ? null : no(shape);
  if ('is' in shape) return value === shape.is ? null : no(TEXT.value(String(shape.is)));
  if ('ref' in shape) return misfit(value, shapes[shape.ref]!, path);
  if ('any' in shape) return nearest(shape.any.map((each) => misfit(value, each, path)));
  if ('list' in shape || 'tuple' in shape) {
    if (!Array.isArray(value)) return no(TEXT.list);
    if ('list' in shape) return first(value.map((each, i) => () => misfit(each, shape.list, [...path, String(i)])));
    if (value.length !== shape.tuple.length) return no(TEXT.listOf({ n: shape.tuple.length }));
    return first(shape.tuple.map((each, i) => () => misfit(value[i], each, [...path, String(i)])));
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return no(TEXT.object);
  const found = value as Record<string, unknown>;
  if ('map' in shape) return first(Object.entries(found).map(([name, each]) => () => misfit(each, shape.map, [...path, name])));
  return first(
    Object.entries(shape.fields).map(([key, each]) => () => {
      const name = key.replace('?', '');
      return key.endsWith('?') && !Object.hasOwn(found, name) ? null : misfit(Object.hasOwn(found, name) ? found[name] : undefined, each, [...path, name]);
    }),
  );
}

function first(checks: (() => Misfit | null)[]): Misfit | null {
  for (const check of checks) {
    const found = check();
    if (found) return found;
  }
  return null;
}

/** Of several ways to fail the one that came furthest; none where one of them fits. */
function nearest(found: (Misfit | null)[]): Misfit | null {
  return found.reduce((best, each) => (best === null || each === null ? null : each.path.length > best.path.length ? each : best));
}
