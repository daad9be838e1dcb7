// What the engine really gives is what www/types.ts says: TypeScript itself reads its JSON as values of those types, and
// refuses a field too many, a field too few, and a value of another kind.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Lists are long, and alike all along. */
const ENTRIES = 40;

let folder;
const said = {};

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'types-'));
  const core = await import(join(ROOT, 'www/pkg/pressure_test.js'));
  core.initSync({ module: await readFile(join(ROOT, 'www/pkg/pressure_test_bg.wasm')) });
  const names = ['config.json', 'model.safetensors', 'tokenizer.json'];
  const files = await Promise.all(names.map(async (name) => ({ name, bytes: new Uint8Array(await readFile(join(ROOT, 'www/public/pebble', name))) })));
  const unchecked = { method: 'wanda+foo', settings: [['calibration.sequences', '8'], ['calibration.length', '64'], ['calibration.seeds', '2'], ['evaluation.items', '20']], probes: null };
  const settled = core.settle(unchecked.method, unchecked.settings, unchecked.probes);
  const engine = core.Engine.load('Pebble', files);
  const events = [];
  const experiment = engine.experiment(settled.recipe, null);
  const tell = (event) => events.push(event);
  for (const seed of experiment.seeds()) {
    await experiment.compress(seed, tell);
    await experiment.score(seed, (side, requests) => experiment.answer(side, requests), tell);
  }
  const report = experiment.report();
  Object.assign(said, { Catalog: core.catalog(), UncheckedRecipe: unchecked, Settled: settled, Fit: fit(core, files), ModelSummary: engine.inspect() });
  // The first of each kind, and the last, which holds the most.
  const kinds = [...new Set(events.map(({ kind }) => kind))];
  const told = kinds.flatMap((kind) => [events.find((event) => event.kind === kind), events.findLast((event) => event.kind === kind)]);
  Object.assign(said, { Report: report, 'EngineEvent[]': told, 'Offer[]': engine.formats() });
});
after(() => rm(folder, { recursive: true }));

/** Without what the border adds to it. */
function fit(core, files) {
  const { dense_bytes: _, compressed_bytes: __, ...rest } = core.fit(files.slice(0, 2), 4, 64);
  return rest;
}

function shortened(value) {
  if (Array.isArray(value)) return value.slice(0, ENTRIES).map(shortened);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shortened(inner)]));
}

/** What TypeScript has against these values, by their types; nothing where all is well. */
async function refusal(values) {
  const types = Object.keys(values).map((type) => type.replace('[]', ''));
  const lines = Object.entries(values).map(([type, value], place) => `export const value${place}: ${type} = ${JSON.stringify(shortened(value))};`);
  await writeFile(join(folder, 'said.ts'), [`import type { ${types.join(', ')} } from './types';`, ...lines].join('\n'));
  await writeFile(join(folder, 'types.ts'), await readFile(join(ROOT, 'www/types.ts')));
  const tsc = join(ROOT, 'node_modules/.bin/tsc');
  const flags = '--noEmit --strict --skipLibCheck --target es2022 --module esnext --moduleResolution bundler said.ts';
  return promisify(execFile)(tsc, flags.split(' '), { cwd: folder, maxBuffer: 1e8 }).then(() => '', ({ stdout }) => stdout);
}

test('everything that the engine says is of its type', { timeout: 300_000 }, async () => {
  assert.equal((await refusal(said)).slice(0, 2000), '');
});

test('a field too many, one too few and a value of another kind are refused', { timeout: 300_000 }, async () => {
  const { Report: report, Catalog: catalog } = said;
  const [score, ...scores] = report.before.scores;
  const { chance: _, ...without } = score;
  const withScore = (score) => ({ ...report, before: { ...report.before, scores: [score, ...scores] } });
  for (const [values, reason] of [
    [{ Report: withScore({ ...score, speed: 1 }) }, /"speed"' does not exist/],
    [{ Report: withScore(without) }, /Property 'chance' is missing/],
    [{ Report: withScore({ ...score, group: 'fun' }) }, /"fun"/],
    [{ Report: { ...report, model: { ...report.model, files: { ...report.model.files, bytes: '1' } } } }, /'string' is not assignable to type 'number'/],
    [{ Catalog: { ...catalog, calibration: [{ ...catalog.calibration[0], colour: 'red' }] } }, /"colour"' does not exist/],
  ]) {
    assert.match(await refusal(values), reason);
  }
});
