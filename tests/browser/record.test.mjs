// The recording of reports of the command line: what the dial itself would make of them.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { record } from '../../scripts/record.mjs';

const WWW = fileURLToPath(new URL('../../www/', import.meta.url));

let folder;
let core;
let engine;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'record-'));
  core = await import(join(WWW, 'pkg/pressure_test.js'));
  core.initSync({ module: await readFile(join(WWW, 'pkg/pressure_test_bg.wasm')) });
  const names = ['config.json', 'model.safetensors', 'tokenizer.json'];
  engine = core.Engine.load('Pebble', await Promise.all(names.map(async (name) => ({ name, bytes: new Uint8Array(await readFile(join(WWW, 'public/pebble', name))) }))));
});
after(() => rm(folder, { recursive: true }));

/** The report of some settings, as a file. */
async function report(name, settings, items) {
  const { recipe } = core.settle('round_to_nearest', [...settings, ['evaluation.items', String(items)]], null);
  const experiment = engine.experiment(recipe, null);
  const tell = () => {};
  for (const seed of experiment.seeds()) {
    await experiment.compress(seed, tell);
    await experiment.score(seed, (side, requests) => experiment.answer(side, requests), tell);
  }
  const said = experiment.report();
  const file = join(folder, `${name}.json`);
  await writeFile(file, JSON.stringify(said));
  return { file, said };
}

test('a recording says what the reports say, by a sample of any size, and the larger one counts', async () => {
  const large = await report('large', [['settings.bits', '2']], 60);
  const small = await report('small', [['settings.bits', '2']], 20);
  const { device, model, curves } = await record([large.file, small.file], 'a test');
  assert.deepEqual([device, model.name, Object.keys(curves)], ['a test', 'Pebble', ['round_to_nearest']]);
  const [point, ...others] = curves.round_to_nearest.points;
  assert.deepEqual([point.stop, others.length], [2, 0]);
  assert.match(point.sentence, /^At 2 bits, /);
  assert.equal(point.dots.length, 9);
  for (const { name, value, n, words } of point.dots) {
    const score = large.said.after.scores.find((each) => each.name === name);
    assert.ok(Math.abs(score.value - value) < 1e-4, name);
    assert.equal(score.n, n);
    assert.equal(large.said.comparisons.find((each) => each.name === name).verdict.words, words);
  }
});

test('what is no stop of a curve, or was stopped, is refused', async () => {
  const other = await report('other', [['settings.bits', '2'], ['settings.group_size', '32']], 20);
  await assert.rejects(record([other.file], ''), /no whole report of a stop/);
  const half = join(folder, 'half.json');
  await writeFile(half, JSON.stringify({ ...other.said, complete: false }));
  await assert.rejects(record([half], ''), /no whole report of a stop/);
});
