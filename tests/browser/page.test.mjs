// The built page in a real Chromium, from opening it to reading its table.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, beforeEach, afterEach, test } from 'node:test';
import { promisify } from 'node:util';
import { DIST, launch, openPage, serve, waitFor } from './browser.mjs';

/** The table shows points to one digit: half of that, and a little for binary fractions. */
const SHOWN = 0.0501;

let server;
let browser;
let page;

before(async () => {
  server = await serve();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server?.close();
});
beforeEach(() => {
  page = null;
});
afterEach(async () => {
  const problems = page?.problems ?? [];
  await page?.context().close();
  assert.deepEqual(problems, [], 'the page reported problems');
});

async function open(hash = '') {
  page = await openPage(browser, server.url + hash);
  await waitFor(page, 'ready', 'true');
  return page;
}

function methodSelect(place) {
  return page.locator('select[name=method]').nth(place);
}

async function chooseMethods(...names) {
  for (const [place, name] of names.entries()) await methodSelect(place).selectOption(name);
}

async function squeeze() {
  await page.getByTestId('run').click();
  await waitFor(page, 'state', 'done');
}

/** The rows of the table as text, the way a reader sees them. */
function readTable() {
  return page.getByTestId('results').locator('tr[data-name]').evaluateAll((rows) =>
    rows.map((row) => {
      const cells = [...row.querySelectorAll('[data-cell]')].map((cell) => [cell.dataset.cell, cell.innerText.trim()]);
      return { name: row.dataset.name, ...Object.fromEntries(cells) };
    }),
  );
}

function numbers(text) {
  return (text.replaceAll('\u2212', '-').match(/-?\d+(\.\d+)?/g) ?? []).map(Number);
}

async function downloadReport() {
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('download').click()]);
  return JSON.parse(await readFile(await download.path(), 'utf8'));
}

/** The command line, as the native tests or `cargo build --release` left it. */
const PROGRAM = resolve(DIST, '..', process.env.CARGO_TARGET_DIR ?? 'target', 'release', 'pressure-test');

/** The same experiment on the command line. */
async function nativeReport(...experiment) {
  const file = join(await mkdtemp(join(tmpdir(), 'pressure-test-')), 'report.json');
  await promisify(execFile)(PROGRAM, ['run', '--model', 'builtin', ...experiment, '--json', file]);
  return JSON.parse(await readFile(file, 'utf8'));
}

/** Every number of the report but those that tell the time, or where it ran. */
function assertSameReport(page, native, path = 'report') {
  if (['seconds', 'tokens_per_second', 'engine'].includes(path.split('.').at(-1))) return;
  if (typeof native === 'number') {
    assert.ok(Math.abs(page - native) <= 1e-9 * Math.max(1, Math.abs(native)), `${path}: ${page} in the page, ${native} natively`);
  } else if (native !== null && typeof native === 'object') {
    assert.deepEqual(Object.keys(page), Object.keys(native), path);
    for (const key of Object.keys(native)) assertSameReport(page[key], native[key], `${path}.${key}`);
  } else {
    assert.equal(page, native, path);
  }
}

function near(actual, expected, what, tolerance = SHOWN) {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${what}: the table says ${actual}, the report ${expected}`);
}

function checkRow(row, report) {
  const find = (scores) => scores.find((score) => score.name === row.name);
  for (const side of ['before', 'after']) {
    const [value, low, high] = numbers(row[side]);
    assert.ok(value >= 0 && value <= 100, `${row.name} ${side}: ${row[side]}`);
    assert.ok(low <= value && value <= high, `${row.name} ${side}: the interval is not around ${row[side]}`);
    const score = find(report[side].scores);
    near(value, score.value, `${row.name} ${side}`);
    near(low, score.interval[0], `${row.name} ${side}, low`);
    near(high, score.interval[1], `${row.name} ${side}, high`);
  }
  const comparison = find(report.comparisons);
  const { verdict, ability } = comparison;
  const [difference, low, high] = numbers(row.difference);
  near(difference, verdict.difference, `${row.name} difference`);
  near(low, verdict.interval[0], `${row.name} difference, low`);
  near(high, verdict.interval[1], `${row.name} difference, high`);
  assert.ok(row.verdict.endsWith(verdict.words), `${row.name}: “${row.verdict}” is not the verdict of the report`);
  const shown = ability === null ? [] : ability.flatMap(({ value, interval }) => [value, ...interval]);
  assert.deepEqual(numbers(row.ability), shown.map((share) => Number((100 * share).toFixed(0))), `${row.name}: ability`);
  assert.ok(Number(row.n) >= 20, `${row.name}: only ${row.n} items`);
  assert.equal(Number(row.n), find(report.before.scores).n);
}

test('a squeeze of the built-in model fills the table with the numbers of its report', async (t) => {
  await open();
  await chooseMethods('round_to_nearest');
  await page.locator('[id="settings.bits"]').fill('4');
  await squeeze();

  const firstScore = await page.evaluate(() => performance.getEntriesByName('first-score')[0].startTime / 1000);
  t.diagnostic(`navigation to first score: ${firstScore.toFixed(2)} s`);

  const report = await downloadReport();
  assert.equal(report.complete, true);
  assert.equal(report.recipe.method, 'round_to_nearest');
  assert.equal(report.recipe.settings.bits, 4);

  assertSameReport(report, await nativeReport('--method', 'round_to_nearest', '--bits', '4'));

  const rows = await readTable();
  assert.equal(rows.length, report.before.scores.length);
  const points = rows.filter((row) => report.before.scores.find((score) => score.name === row.name).unit === 'points');
  assert.ok(points.length >= 4, `only ${points.length} scores in points`);
  for (const row of points) checkRow(row, report);

  const [sizeBefore, sizeAfter] = numbers(await page.getByTestId('size').innerText());
  assert.ok(sizeAfter > 0 && sizeAfter < sizeBefore, `size ${sizeBefore} to ${sizeAfter}`);
  assert.ok(report.after.size.bytes < report.before.size.bytes);

  await page.locator('tr[data-name] button').first().click();
  assert.ok((await page.locator('details.item').count()) >= 20, 'an opened row shows its items');
});

test('a link restores the method and its settings', async () => {
  await open();
  const chain = ['wanda', 'gptq'];
  await chooseMethods(...chain);
  const slider = page.locator('[data-parameter^="settings."] input[type=range]').first();
  await slider.press('ArrowLeft');
  const chosen = { url: page.url(), id: await slider.getAttribute('id'), value: await slider.inputValue() };
  assert.notEqual(chosen.value, '', 'the slider has a value');
  await page.context().close();

  await open(new URL(chosen.url).hash);
  for (const [place, name] of chain.entries()) assert.equal(await methodSelect(place).inputValue(), name);
  assert.equal(await page.locator(`[id="${chosen.id}"]`).inputValue(), chosen.value);
  assert.equal(page.url(), chosen.url);
});

/** A little calibration text, so that the tests stay short. */
const LITTLE = 'calibration.sequences=8&calibration.length=64';

test('a calibrated method names the layer it is at, shows what became of each, and saves the model', async () => {
  await open(`#method=wanda+gptq&settings.sparsity=0.5&settings.bits=4&settings.group_size=32&settings.symmetric=true&${LITTLE}`);
  const named = page.waitForFunction(() => /layers\.\d+\.(self_attn|mlp)\.\w+_proj, \d+ of 35/.test(document.body.innerText));
  await squeeze();
  await named;

  const report = await downloadReport();
  const native = await nativeReport(
    ...['--method', 'wanda+gptq', '--sparsity', '0.5', '--bits', '4', '--group-size', '32', '--symmetric'],
    ...['--calibration-sequences', '8', '--calibration-length', '64'],
  );
  assert.equal(report.compression.layers.length, 35);
  for (const [i, layer] of report.compression.layers.entries()) {
    const twin = native.compression.layers[i];
    assert.equal(layer.name, twin.name);
    assert.equal(layer.bytes_after, twin.bytes_after);
    assert.ok(layer.sparsity >= 0.5, `${layer.name}: ${layer.sparsity} zeros`);
    // Products of large matrices are summed in another order, so that a code may fall on the other side.
    assert.ok(Math.abs(layer.output_error / twin.output_error - 1) < 0.02, `${layer.name}: ${layer.output_error} and ${twin.output_error}`);
  }
  const cells = page.locator('layer-strips tbody button');
  assert.equal(await cells.count(), 35);
  await cells.last().click();
  assert.match(await page.getByTestId('layer').innerText(), /model\.layers\.4\.mlp\.down_proj/);

  const sizes = {};
  for (const { format, files } of [
    { format: 'safetensors', files: 5 },
    { format: 'compressed_tensors', files: 5 },
    { format: 'gguf', files: 1 },
  ]) {
    const downloads = [];
    const keep = (download) => downloads.push(download);
    page.on('download', keep);
    await page.locator(`button[data-format=${format}]`).click();
    await page.waitForFunction(() => document.documentElement.dataset.state === 'done');
    while (downloads.length < files) await page.waitForTimeout(50);
    page.off('download', keep);
    for (const download of downloads) {
      const name = download.suggestedFilename().split('-').at(-1);
      sizes[`${format} ${name}`] = await readFile(await download.path());
    }
  }
  for (const format of ['safetensors', 'compressed_tensors', 'gguf']) {
    const files = Object.entries(sizes).filter(([name]) => name.startsWith(`${format} `));
    const written = files.reduce((sum, [, bytes]) => sum + bytes.length, 0);
    const shown = await page.locator(`[data-bytes=${format}]`).innerText();
    assert.equal(shown, `${(written / 1e6).toFixed(2)} MB.`);
  }
  const packed = sizes['compressed_tensors model.safetensors'].length;
  // What it is in memory, and a header.
  assert.ok(packed > report.after.size.bytes && packed < report.after.size.bytes + 20_000, `${packed} for ${report.after.size.bytes}`);
  assert.ok(sizes['safetensors model.safetensors'].length > 2 * packed);
  assert.equal(sizes['gguf model.gguf'].subarray(0, 4).toString(), 'GGUF');
});

test('a format that cannot hold the model says why, under a button that cannot be pressed', async () => {
  await open('#method=round_to_nearest&settings.group_size=128');
  await squeeze();
  const button = page.locator('button[data-format=compressed_tensors]');
  assert.equal(await button.isDisabled(), true);
  assert.match(await page.locator('#about-compressed_tensors').innerText(), /Not possible here: .* not a multiple of the group size 128/);
  assert.equal(await page.locator('button[data-format=safetensors]').isDisabled(), false);
});

test('a calibration text of the reader is used, and a short one is named', async () => {
  await open(`#method=wanda&${LITTLE}`);
  await page.getByText('Calibration', { exact: true }).click();
  const give = (name, content) =>
    page.getByTestId('text-file').setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(content) });
  await give('short.txt', 'The dog is in the house.');
  await page.getByTestId('run').click();
  await waitFor(page, 'state', 'error');
  assert.match(await page.getByTestId('error').innerText(), /short\.txt: 8 sequences of 64 tokens are asked for/);
  await give('long.txt', 'The dog is in the house. The cook makes soup for the teacher. '.repeat(60));
  await squeeze();
  assert.equal((await downloadReport()).calibration.text, 'long.txt');
});

test('a link with run=1 starts at once', async () => {
  await open('#run=1');
  await waitFor(page, 'state', 'done');
  assert.ok((await readTable()).length > 0);
});

test('a broken model is answered with one sentence, and earlier results stay', async () => {
  await open();
  await squeeze();
  const earlier = await readTable();

  const files = ['config.json', 'model.safetensors', 'tokenizer.json'].map(async (name) => {
    const buffer = await readFile(join(DIST, 'pebble', name));
    return { name, mimeType: '', buffer: name === 'model.safetensors' ? buffer.subarray(0, 500) : buffer };
  });
  await page.getByText('Use another model').click();
  await page.getByTestId('files').setInputFiles(await Promise.all(files));
  await waitFor(page, 'state', 'error');

  assert.match(await page.getByTestId('error').innerText(), /^[^\n]{20,400}$/, 'one sentence');
  await page.getByTestId('close').click();
  assert.deepEqual(await readTable(), earlier);
  await squeeze(); // the model before it is still loaded
});

test('dropped files without a tokenizer are answered with what is missing', async () => {
  await open();
  const files = ['config.json', 'model.safetensors'].map((name) => join(DIST, 'pebble', name));
  await page.getByText('Use another model').click();
  await page.getByTestId('files').setInputFiles(files);
  await waitFor(page, 'state', 'error');
  assert.match(await page.getByTestId('error').innerText(), /tokenizer\.json/);
});

test('a run can be cancelled, and the next one succeeds', async () => {
  await open();
  await page.getByTestId('run').click();
  await waitFor(page, 'state', 'running');
  await page.waitForTimeout(600); // at first the button takes no second click
  await page.getByTestId('cancel').click();
  await waitFor(page, 'state', 'idle');
  assert.equal(await page.locator('[role=alert]').innerText(), '');
  await squeeze();
  assert.equal((await downloadReport()).complete, true);
});

test('embedding and head are compressed too where the reader asks for it, and the page says so', async () => {
  await open('#probes=perplexity&settings.embedding_and_head=true');
  await squeeze();
  assert.match(await page.getByTestId('tables').innerText(), /^embedding and head too, at \d\.\d bits: \d+ % of the bytes$/);
  const { before, after, compression } = await downloadReport();
  const tables = compression.layers.filter(({ block }) => block === null);
  assert.ok(tables.length > 0 && after.size.table_bytes < before.size.table_bytes / 3);
  for (const { name } of tables) await page.locator(`[data-layer="${name}"]`).click();
  assert.match(await page.getByTestId('layer').innerText(), new RegExp(tables.at(-1).name));
  await page.goto('about:blank');
  await page.goto(`${server.url}#probes=perplexity`);
  await waitFor(page, 'ready', 'true');
  await squeeze();
  assert.match(await page.getByTestId('tables').innerText(), /^embedding and head stay at 16 bits: \d+ % of the bytes$/);
});
