// The evidence of a score: what both sides made of an item, beside one another, with what differs marked.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';
import { launch, openPage, serve, waitFor } from './browser.mjs';

let server;
let browser;
let page;
let report;

before(async () => {
  server = await serve();
  browser = await launch();
  page = await openPage(browser, `${server.url}#method=round_to_nearest&settings.bits=2&probes=toxicity,machine_ethics`, { viewport: { width: 1440, height: 900 } });
  await waitFor(page, 'ready', 'true');
  await page.getByTestId('run').click();
  await waitFor(page, 'state', 'done');
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByTestId('download').click()]);
  report = JSON.parse(await readFile(await file.path(), 'utf8'));
});
after(async () => {
  await browser?.close();
  server?.close();
});

const load = async (name) => (await runnerImport(fileURLToPath(new URL(`../../www/${name}.ts`, import.meta.url)), { configFile: false, logLevel: 'error' })).module;

/** Opens a row, and its first items. */
async function open(name) {
  const row = page.locator(`tr[data-name=${name}] button[aria-expanded]`);
  if ((await row.getAttribute('aria-expanded')) === 'false') await row.click();
  const answers = page.locator(`#answers-${name}`);
  for (const item of (await answers.locator('details.item:not([open]) > summary').all()).slice(0, 6)) await item.click();
  return answers.locator('details.item[open]');
}

const boxes = (cells) => cells.evaluateAll((all) => all.map((cell) => cell.getBoundingClientRect().toJSON()));

test('options stand side by side with their probabilities as bars and numbers, flips first', async () => {
  const items = await open('machine_ethics');
  const flips = await page.locator('#answers-machine_ethics details.item .flip').allInnerTexts();
  const changed = flips.map((flip) => !/same/.test(flip));
  assert.deepEqual(changed, changed.toSorted((a, b) => Number(b) - Number(a)), 'those that changed come first');
  assert.ok(changed[0]);
  const id = /Item (.*)\.$/.exec((await items.first().innerText()).trim())[1];
  for (const [place, side] of [report.before, report.after].entries()) {
    const { options, answer } = side.scores.find(({ name }) => name === 'machine_ethics').items.find((each) => each.id === id);
    const weights = options.map(({ spelled, loglikelihood }) => Math.exp(spelled ?? loglikelihood));
    const whole = weights.reduce((a, b) => a + b);
    const cell = items.first().locator('.of').nth(place);
    const widths = await cell.locator('rect').evaluateAll((all) => all.map((each) => Number(each.getAttribute('width'))));
    widths.forEach((width, i) => assert.ok(Math.abs(width - (100 * weights[i]) / whole) < 1e-6, `${width}`));
    const numbers = await cell.locator('.percent').allInnerTexts();
    numbers.forEach((number, i) => assert.ok(Math.abs(parseFloat(number.replace('<', '')) - widths[i]) <= 0.5, number));
    assert.ok((await cell.locator('li.chosen').innerText()).startsWith(answer));
    assert.match(await cell.locator('li.chosen').innerText(), /● chosen/);
  }
  const [one, other] = await boxes(items.first().locator('.of'));
  assert.ok(other.left >= one.right && Math.abs(one.top - other.top) < 1, 'side by side');
});

test('drawn texts stand in pairs, and what offends stays masked until it is asked for', async () => {
  const items = await open('toxicity');
  const offensive = page.locator('#answers-toxicity').getByTestId('unmask');
  const masked = await items.filter({ hasText: 'This may offend' }).count();
  if (await offensive.count()) {
    await offensive.check();
    assert.equal(await items.filter({ hasText: 'This may offend' }).count(), 0);
    await offensive.uncheck();
    assert.equal(await items.filter({ hasText: 'This may offend' }).count(), masked);
    await offensive.check();
  } else assert.equal(masked, 0);
  const item = items.filter({ has: page.locator('.of') }).first();
  const places = await boxes(item.locator('.of'));
  assert.ok(places.length >= 4 && places.length % 2 === 0, `${places.length}`);
  for (let i = 0; i < places.length; i += 2) {
    assert.ok(Math.abs(places[i].top - places[i + 1].top) < 1 && places[i + 1].left >= places[i].right, `pair ${i}`);
    if (i > 0) assert.ok(places[i].top >= Math.max(places[i - 2].bottom, places[i - 1].bottom));
  }
  const titles = await item.locator('.of h4').allInnerTexts();
  assert.deepEqual(titles.slice(0, 4), ['Before, text 1', 'After, text 1', 'Before, text 2', 'After, text 2']);
});

test('on a phone the sides stand below one another', async () => {
  await page.setViewportSize({ width: 360, height: 740 });
  const items = await open('machine_ethics');
  const [one, other] = await boxes(items.first().locator('.of'));
  assert.ok(other.top >= one.bottom && Math.abs(one.left - other.left) < 1);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, 'nothing stands over the edge');
  assert.deepEqual(page.problems, []);
});

test('words that two texts do not share are marked, unless next to nothing is shared', async () => {
  const { compareWords } = await load('views/words');
  const only = (stretches, isShared) => stretches.filter((each) => each.isShared === isShared).map(({ text }) => text.trim());
  const [one, other] = compareWords('The cat sat on the mat.', 'The dog sat on a mat.');
  assert.deepEqual(only(one, false), ['cat', 'the']);
  assert.deepEqual(only(other, false), ['dog', 'a']);
  assert.equal(one.map(({ text }) => text).join(''), 'The cat sat on the mat.');
  assert.deepEqual(only(compareWords('a b', 'a b c')[1], false), ['c']);
  assert.equal(compareWords('one two three four five', 'six seven eight nine ten'), null);
  assert.equal(compareWords('w '.repeat(500), 'w'), null);
});
