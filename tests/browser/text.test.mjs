// All text of the page is in one file, www/text/, so that it can be translated: no template, and no string, has words of its own.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'vite';

const ROOT = fileURLToPath(new URL('../../www/', import.meta.url));
/** What is no code of the page, or is the text itself. */
const ELSEWHERE = /^(text|pkg|public)\/|\.d\.ts$/;
/** Attributes that are read out or shown. */
const SAID = /\s(?:aria-label|aria-valuetext|aria-description|title|alt|placeholder|label|data-label)=(?:"([^"]*)"|'([^']*)')/g;
/** Stands where a template has a value. */
const VALUE = '\0';

/** Words that are no text of the page, each with why. */
const ALLOWED = [
  { path: 'format.ts', text: /^bits per byte$/, why: 'a unit, as reports of the engine have it' },
  { path: 'left.ts', text: /^…, the first … %$/, why: 'a label of the engine' },
  { path: 'store.ts', text: /^built-in English$/, why: 'the name that reports of the engine give a text' },
  { path: 'views/choose.ts', text: /^Pebble$/, why: 'the name of a model' },
  { path: 'hub/curated.ts', text: /^\w+ [\d.]+ ?[\d.]*[MB]$|^Apache 2.0$/, why: 'names of models, and of a licence' },
  { path: 'published/figures.ts', text: /^CC BY-SA 4.0$/, why: 'the name of a licence' },
  { path: 'share/command.ts', text: /--\w+/, why: 'a command' },
  { path: 'share/recipe.ts', text: /^ +\w+: [\w…]+$/, why: 'a line of YAML' },
  { path: 'share/picture.ts', text: /^… system-ui, sans-serif$/, why: 'a font' },
  { path: 'kept/dialog.ts', text: /^(li|header) button/, why: 'a selector' },
  { path: 'views/layers.ts', text: /^tbody tr$/, why: 'a selector' },
  { path: 'share/builder.ts', text: /^\.new-step input$/, why: 'a selector' },
  { path: 'views/table.ts', text: /^\(prefers-reduced-motion: reduce\)$/, why: 'a media query' },
  { path: 'frontier/frontier.ts', text: /^\(prefers-reduced-motion: reduce\)$/, why: 'a media query' },
  { path: 'workers.ts', text: /^\(pointer: coarse\)$/, why: 'a media query' },
  { path: 'views/action.ts', text: /^main quiet$/, why: 'classes' },
  { path: 'stage/stage.ts', text: /^seen waiting$/, why: 'classes' },
  { path: 'sides/offers.ts', text: /^this (before|after)$/, why: 'keys' },
  { path: 'reported.ts', text: /^merged …$/, why: 'a key' },
  { path: 'dial/lasting.ts', text: /^pressure-test dial$/, why: 'a key' },
  { path: 'dial/dial.ts', text: /^input:not/, why: 'a selector' },
  { path: 'device/dialog.ts', text: /^tokens per second$/, why: 'a unit in a file' },
  { path: 'hub/transfer.worker.ts', text: /^blob …/, why: 'what Git hashes' },
  { path: 'sw.ts', text: /^offline store$/, why: 'a key of what says who requested something' },
];

/** Whether a template's own words are seen. */
const hasLetters = (text) => /\p{L}/u.test(text);
/** Whether a string reads as words of a sentence: two of them, or one beside a value. */
const isSaid = (text) => /\p{L}{2,}[,;:.]? \p{L}{2,}|\p{L}{2,}[,;:.]? \0|\0 \p{L}{2,}|^\p{Lu}\p{Ll}+ /u.test(text);

/** What stands between the tags of a template, and what its attributes say. */
function saidBy(markup) {
  const attributes = [...markup.matchAll(SAID)].map(([, one, other]) => one ?? other);
  const between = markup.replace(/<!--.*?-->/gs, '').split(/<[^>]*>/);
  return [...between, ...attributes].map((text) => text.replace(/\s+/g, ' ').trim()).filter(hasLetters);
}

/** Words in the code of a file that are for readers. */
export function wordsIn(name, code) {
  const found = [];
  const textOf = ({ quasis }) => quasis.map(({ value }) => value.cooked ?? value.raw).join(VALUE);
  const walk = (node) => {
    if (node === null || typeof node !== 'object') return;
    if (Array.isArray(node)) return node.forEach(walk);
    if (node.type?.startsWith('TS') && !['TSAsExpression', 'TSSatisfiesExpression', 'TSNonNullExpression'].includes(node.type)) return;
    if (/^(Import|ExportAll)/.test(node.type ?? '') && node.type !== 'ImportExpression') return;
    if (node.type === 'TaggedTemplateExpression') {
      found.push(...saidBy(textOf(node.quasi)));
      return walk(node.quasi.expressions);
    }
    if (node.type === 'TemplateLiteral' && isSaid(textOf(node))) found.push(textOf(node));
    if (node.type === 'Literal' && typeof node.value === 'string' && isSaid(node.value)) found.push(node.value);
    for (const [key, value] of Object.entries(node)) if (key !== 'type') walk(value);
  };
  const { program, errors } = parseSync(name, code);
  assert.deepEqual(errors, [], name);
  walk(program.body);
  return found.map((text) => text.replaceAll(VALUE, '…'));
}

test('no text stands outside of www/text/', async () => {
  const paths = (await readdir(ROOT, { recursive: true })).filter((path) => path.endsWith('.ts') && !ELSEWHERE.test(path));
  assert.ok(paths.length > 80, `${paths.length} files`);
  const found = await Promise.all(paths.map(async (path) => wordsIn(path, await readFile(join(ROOT, path), 'utf8')).map((text) => ({ path, text }))));
  const isAllowed = ({ path, text }) => ALLOWED.find((each) => each.path === path && each.text.test(text));
  const left = found.flat().filter((each) => !isAllowed(each));
  assert.deepEqual(left.map(({ path, text }) => `${path}: ${text}`), []);
  const unused = ALLOWED.filter((each) => !found.flat().some((one) => isAllowed(one) === each));
  assert.deepEqual(unused, [], 'is no longer there to be allowed');
});
