// Reports that are dropped back onto the page: shown as they were, kept once, and refused with the place where they are none.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';
import { shapes, shapesOf } from '../../scripts/shapes.mjs';
import { launch, openPage, serve, waitFor } from './browser.mjs';

const root = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const QUICK = '#method=gptq&settings.bits=2&calibration.sequences=8&calibration.length=64&calibration.seeds=2&evaluation.items=20&probes=stereotype,toxicity,machine_ethics,perplexity';

let server;
let browser;
let page;
let text;
let before_;

before(async () => {
  server = await serve();
  browser = await launch();
  page = await openPage(browser, server.url + QUICK);
  await waitFor(page, 'ready', 'true');
  await page.getByTestId('run').click();
  await waitFor(page, 'state', 'done');
  assert.match(await page.locator('.save').innerText(), /the one of calibration seed \d+, the last of the run/);
  before_ = await shown();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('download').click()]);
  text = await readFile(await download.path(), 'utf8');
  await page.context().close();
});
after(async () => {
  await browser?.close();
  server?.close();
});

/** What the page shows of its report, its numbers and its picture, and the link that repeats it. */
async function shown() {
  const texts = await page.locator('.results > h2, [data-testid=summary], [data-testid=size], score-table, score-chart text, layer-strips table, .results > footer > p').allInnerTexts();
  const dots = await page.locator('score-chart svg :is(circle, path)').evaluateAll((all) => all.map((each) => each.outerHTML));
  return { texts, dots, link: await page.getByTestId('repeat').getAttribute('href') };
}

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

const notice = () => page.getByTestId('notice-link');

test('a report that is dropped back shows what was downloaded, and is kept once', { timeout: 120_000 }, async () => {
  await open();
  await drop([['mine.json', text]]);
  await notice().getByText('“mine.json” is shown below as it was measured; its recipe is in the controls.').waitFor();
  await page.getByTestId('results').waitFor();
  assert.deepEqual(await shown(), before_);
  assert.equal(await page.getByTestId('not-held').count(), 1);
  assert.equal(new URLSearchParams(new URL(page.url()).hash.slice(1)).get('settings.bits'), '2');
  assert.equal(await page.locator('.card circle.live').count(), 0, 'it was not measured here');
  const judged = text.replaceAll(/"scorer": ?"[^"]*"/g, '"scorer": "toxic bert 0123456789abcdef"');
  assert.notEqual(judged, text);
  await drop([['judged.json', judged]]);
  await notice().getByText('“judged.json” is shown').waitFor();
  const link = new URL(await page.getByTestId('repeat').getAttribute('href'), page.url());
  assert.equal(new URLSearchParams(link.hash.slice(1)).get('classifier'), 'toxic bert');
  await drop([['mine.json', text], ['copy.json', text], ['cut.json', text.replace('"interval"', '"interva"')]]);
  await notice().getByText('All 2 are among the results that are kept in this browser. 1 of 3 files are no whole reports of this version, and were passed over.').waitFor();
  await page.getByTestId('open-kept').click();
  await page.getByTestId('kept-row').first().waitFor();
  assert.equal(await page.getByTestId('kept-row').count(), 3);
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test('what is no whole report is not shown, and the place is named', { timeout: 120_000 }, async () => {
  await open();
  const changed = (change) => {
    const report = JSON.parse(text);
    change(report);
    return JSON.stringify(report);
  };
  for (const [change, pattern] of [
    [(report) => (report.before.scores[0].value = 'many'), /It cannot be shown: before\.scores\.0\.value is no number\./],
    [(report) => delete report.compression, /It cannot be shown: compression is no object\./],
    [(report) => (report.comparisons[1].verdict.word = 'fine'), /It cannot be shown: comparisons\.1\.verdict\.word is no /],
    [(report) => (report.before.scores[0].interval = [1]), /before\.scores\.0\.interval is no /],
    [(report) => (report.after = []), /after is no object/],
  ]) {
    await drop([['bad.json', changed(change)]]);
    await notice().filter({ hasText: pattern }).waitFor({ timeout: 10_000 });
    assert.equal(await page.getByTestId('results').count(), 0);
  }
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

/** Every place of a value, those in lists up to the third of each. */
function* places(value, path = []) {
  if (path.length > 0) yield path;
  if (value === null || typeof value !== 'object') return;
  for (const [name, inner] of Object.entries(value).slice(0, Array.isArray(value) ? 3 : undefined)) yield* places(inner, [...path, name]);
}

test('every field of a report is looked at', { timeout: 120_000 }, async () => {
  const { module } = await runnerImport(root('www/shape.ts'), { configFile: false, logLevel: 'error', plugins: [shapes()] });
  const report = JSON.parse(text);
  assert.equal(module.notReport(report), null);
  for (const nothing of [null, 7, 'x', [], {}, [report]]) assert.ok(module.notReport(nothing), JSON.stringify(nothing)?.slice(0, 20));
  let looked = 0;
  for (const path of places(report)) {
    const inner = path.slice(0, -1).reduce((value, name) => value[name], report);
    const [name, value] = [path.at(-1), inner[path.at(-1)]];
    inner[name] = Symbol('none'); // of no kind that JSON has
    assert.ok(module.notReport(report)?.startsWith(path.slice(0, -1).join('.')), path.join('.'));
    inner[name] = value;
    looked += 1;
  }
  assert.ok(looked > 500, `${looked} places`);
  const own = shapesOf("export type A = { /** of b */ b?: Array<'x' | 2>; } & ({ kind: 'one'; } | { kind: 'two'; c: [number, string][]; });");
  assert.deepEqual(own.A, { any: [{ fields: { 'b?': { list: { any: [{ is: 'x' }, { is: 2 }] } }, kind: { is: 'one' } } }, { fields: { 'b?': { list: { any: [{ is: 'x' }, { is: 2 }] } }, kind: { is: 'two' }, c: { list: { tuple: ['number', 'string'] } } } }] });
  assert.throws(() => shapesOf('export interface A {}'), /type is expected where interface stands/);
});
