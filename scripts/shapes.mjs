// The types that reports are made of, www/types.ts, as data: what a report that is dropped onto the page is held against.
import { readFile } from 'node:fs/promises';

const NAME = 'virtual:shapes';
const TOKEN = /\s*(?:\/\*[\s\S]*?\*\/\s*|\/\/[^\n]*\s*)*([A-Za-z_$][\w$]*|'[^']*'|-?\d[\d.]*|[{}()[\]<>:;,|&=?])/y;

/**
 * The shapes of a file of types by their names. A shape is a word (`number`, `string`, `boolean`, `null`), or of an object's one key:
 * `is` a value, `ref` another shape by its name, `list` of one shape, `tuple` of several, `any` of several, `map` of one shape by names,
 * or `fields` by names, those that may be absent with a `?` behind them.
 */
export function shapesOf(source) {
  TOKEN.lastIndex = 0;
  const tokens = [];
  for (let found = TOKEN.exec(source); found; found = TOKEN.exec(source)) tokens.push(found[1]);
  let at = 0;
  const peek = () => tokens[at];
  const take = (wanted) => {
    if (wanted !== undefined && peek() !== wanted) throw new Error(`www/types.ts: ${wanted} is expected where ${peek()} stands`);
    return tokens[at++];
  };
  const skip = (token) => peek() === token && (at += 1) > 0;
  const listed = (end, read) => {
    const all = [];
    while (!skip(end)) {
      all.push(read());
      if (peek() !== end) skip(',') || take(';');
    }
    return all;
  };
  const union = () => {
    skip('|');
    const all = [both()];
    while (skip('|')) all.push(both());
    return all.length === 1 ? all[0] : { any: all };
  };
  /** Objects that are joined are one; where one of them is a choice, the other joins each. */
  const both = () => {
    let shape = postfix();
    while (skip('&')) shape = joined(shape, postfix());
    return shape;
  };
  const joined = (one, other) => (other.any ? { any: other.any.map((each) => joined(one, each)) } : { fields: { ...one.fields, ...other.fields } });
  const postfix = () => {
    let shape = primary();
    while (peek() === '[' && tokens[at + 1] === ']') (at += 2), (shape = { list: shape });
    return shape;
  };
  const field = () => {
    const name = take().replaceAll("'", '');
    const key = skip('?') ? `${name}?` : name;
    take(':');
    return [key, union()];
  };
  const primary = () => {
    const token = take();
    if (token === '(') {
      const shape = union();
      take(')');
      return shape;
    }
    if (token === '{') return { fields: Object.fromEntries(listed('}', field)) };
    if (token === '[') return { tuple: listed(']', union) };
    if (token === 'Array' || token === 'Record') {
      take('<');
      const [first, second] = listed('>', union);
      return token === 'Array' ? { list: first } : { map: second };
    }
    if (token.startsWith("'")) return { is: token.slice(1, -1) };
    if (/^-?\d/.test(token)) return { is: Number(token) };
    if (token === 'true' || token === 'false') return { is: token === 'true' };
    return ['number', 'string', 'boolean', 'null'].includes(token) ? token : { ref: token };
  };
  const shapes = {};
  while (at < tokens.length) {
    take('export');
    take('type');
    const name = take();
    take('=');
    shapes[name] = union();
    take(';');
  }
  return shapes;
}

/** Those that one of them is made of. */
export function reached(shapes, from) {
  const found = {};
  const visit = (name) => {
    if (name in found) return;
    if (!(name in shapes)) throw new Error(`www/types.ts says nothing of ${name}`);
    found[name] = shapes[name];
    for (const [, ref] of JSON.stringify(shapes[name]).matchAll(/\{"ref":"(\w+)"\}/g)) visit(ref);
  };
  visit(from);
  return found;
}

/** For Vite: `virtual:shapes`. */
export function shapes() {
  const path = new URL('../www/types.ts', import.meta.url);
  return {
    name: 'shapes',
    resolveId: (id) => (id === NAME ? `\0${NAME}` : undefined),
    load: async (id) => (id === `\0${NAME}` ? `export default ${JSON.stringify(reached(shapesOf(await readFile(path, 'utf8')), 'Report'))}` : undefined),
  };
}
