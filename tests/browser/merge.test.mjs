// Reports of a class that are dropped together: one picture, the same as the command line makes of the same files.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { access, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { launch, openPage, serve, waitFor } from './browser.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** The command line, as the native tests or `cargo build --release` left it. */
const PROGRAM = resolve(ROOT, process.env.CARGO_TARGET_DIR ?? 'target', 'release', 'pressure-test');
const isBuilt = await access(PROGRAM).then(() => true, () => false);
const skip = isBuilt ? false : 'target/release/pressure-test is not built';
const RUN = ['run', '--model', 'builtin', '--method', 'wanda', '--sparsity', '0.7', '--calibration-sequences', '4', '--calibration-length', '32', '--items', '20', '--samples', '2', '--probes', 'stereotype,privacy,toxicity,fairness,perplexity'];

let server;
let browser;
let page;
let folder;
/** By name: the text of each report. */
const reports = {};

const command = (...words) => promisify(execFile)(PROGRAM, words);
const path = (name) => join(folder, name);

before(async () => {
  if (skip) return;
  folder = await mkdtemp(join(tmpdir(), 'pressure-test-'));
  const runs = { 'ann.json': ['--calibration-seed', '0'], 'ben.json': ['--calibration-seed', '1'], 'cleo.json': ['--calibration-seed', '1', '--seed', '5'], 'dan.json': ['--calibration-seed', '0', '--seed', '5'], 'eve.json': ['--sparsity', '0.5'] };
  for (const [name, words] of Object.entries(runs)) {
    const given = RUN.filter((_, at) => !words.includes('--sparsity') || ![5, 6].includes(at));
    await command(...given, ...words, '--json', path(name));
    reports[name] = await readFile(path(name), 'utf8');
  }
  server = await serve();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server?.close();
});

async function open() {
  page = await openPage(browser, server.url);
  await waitFor(page, 'ready', 'true');
}

async function drop(files) {
  const transfer = await page.evaluateHandle((files) => {
    const transfer = new DataTransfer();
    for (const [name, text] of files) transfer.items.add(new File([text], name, { lastModified: 1 }));
    return transfer;
  }, files);
  await page.dispatchEvent('pressure-test', 'drop', { dataTransfer: transfer });
}

async function downloaded() {
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('download').click()]);
  return readFile(await download.path(), 'utf8');
}

/** Every number of a report, as near as two builds of the same arithmetic are; all else is equal. */
function assertSame(one, other, place = 'report') {
  if (typeof other === 'number') {
    assert.ok(Math.abs(one - other) <= 1e-9 * Math.max(1, Math.abs(other)), `${place}: ${one} in the page, ${other} on the command line`);
  } else if (other !== null && typeof other === 'object') {
    assert.deepEqual(Object.keys(one).sort(), Object.keys(other).sort(), place);
    for (const key of Object.keys(other)) assertSame(one[key], other[key], `${place}.${key}`);
  } else {
    assert.equal(one, other, place);
  }
}

const notice = () => page.getByTestId('notice-link');

test('reports that are dropped together are one, as on the command line, and can be dropped back', { timeout: 240_000, skip }, async () => {
  const names = ['ann.json', 'ben.json', 'cleo.json', 'dan.json'];
  await command('merge', ...names.map(path), path('ann.json'), '-o', path('class.json'));
  const native = JSON.parse(await readFile(path('class.json'), 'utf8'));
  assert.deepEqual(native.merged, { reports: 5, equal: 1, seeds: [0, 1], item_seeds: [0, 5] });

  await open();
  const dropped = ['eve.json', 'dan.json', 'ben.json', 'ann.json', 'cleo.json'].map((name) => [name, reports[name]]);
  await drop([...dropped, ['twice.json', reports['ann.json']]]);
  await notice().getByText('5 reports of one experiment, 1 of them equal to others and counted once, are shown below as one; its recipe is in the controls.').waitFor({ timeout: 60_000 });
  assert.match(await notice().innerText(), /All 6 are among the results that are kept in this browser\. Not merged: eve\.json has another settings\.sparsity: 0\.5, not 0\.7\./);
  assert.match(await page.locator('.results').innerText(), /5 reports of one experiment are merged here: of calibration seeds 0, 1, with items drawn by seeds 0, 5\. 1 of them is equal to another/);
  const text = await downloaded();
  assertSame(JSON.parse(text), native);

  const shown = () => page.locator('.results > h2, [data-testid=summary], score-table, score-chart text').allInnerTexts();
  const first = await shown();
  await page.getByTestId('open-kept').click();
  await page.getByTestId('kept-row').first().waitFor();
  assert.equal(await page.getByTestId('kept-row').count(), 7, 'each, and all as one');
  await page.getByTestId('close-kept').click();
  await drop([['class.json', text]]);
  await notice().getByText('“class.json” is shown below as it was measured').waitFor();
  assert.deepEqual(await shown(), first);
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test('thirty reports of a class are one picture', { timeout: 240_000, skip }, async () => {
  await open();
  const seeds = Array.from({ length: 30 }, (_, seed) => seed);
  const all = seeds.map((seed) => {
    const report = JSON.parse(reports[['ann.json', 'ben.json'][seed % 2]]);
    report.recipe.calibration.seed = seed;
    return [`${seed}.json`, JSON.stringify(report)];
  });
  const began = Date.now();
  await drop(all);
  await notice().getByText('30 reports of one experiment are shown below as one').waitFor({ timeout: 180_000 });
  console.log(`thirty reports: ${((Date.now() - began) / 1000).toFixed(1)} s`);
  const { merged, spread } = JSON.parse(await downloaded());
  assert.deepEqual([merged.seeds, spread.seeds], [seeds, seeds]);
  assert.deepEqual(page.problems, []);
  await page.context().close();
});
