// The dial: recorded curves at once, a cursor through all of them, and points that are measured here in their place.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, afterEach, before, test } from 'node:test';
import { launch, openPage, serve, waitFor } from './browser.mjs';

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
afterEach(async () => page?.context().close());

const sentence = () => page.getByTestId('dial-sentence').innerText();
const cards = () => page.locator('.card').evaluateAll((all) => all.map((card) => ({ name: card.dataset.name, word: card.dataset.word, text: card.innerText.replaceAll('\n', ' ') })));
const dots = (kind) => page.locator(`.card circle.${kind}`).count();

test('what was recorded is there before the engine, hollow, and begins where something is lost', async () => {
  page = await (await browser.newContext({ serviceWorkers: 'block' })).newPage();
  await page.route('**/*.wasm', () => {}); // never answered
  await page.goto(server.url);
  const all = await cards();
  assert.equal(all.length, 9);
  assert.ok(all.some(({ word }) => word === 'worse' || word === 'broken'), JSON.stringify(all));
  assert.match(await sentence(), /^At \d bits, .*(worse|broken)/);
  assert.equal(await dots('live'), 0);
  assert.equal(await dots('recorded'), 9 * 7);
  assert.match(await page.getByTestId('origin').innerText(), /^Recorded of Pebble.* on .+, \d{4}-\d\d-\d\d, commit [0-9a-f]{8}/);
});

test('keys move a cursor through all curves at once', async () => {
  page = await openPage(browser, server.url);
  await waitFor(page, 'ready', 'true');
  const slider = page.locator('#pressure');
  await slider.focus();
  await page.keyboard.press('Home');
  assert.match(await sentence(), /^This is the original/);
  assert.equal(await slider.getAttribute('aria-valuetext'), '16 bits');
  const original = await cards();
  await page.keyboard.press('End');
  assert.equal(await slider.getAttribute('aria-valuetext'), '2 bits');
  assert.match(await sentence(), /^At 2 bits, /);
  const pressed = await cards();
  assert.ok(pressed.every((card, i) => card.text !== original[i].text), 'every card follows');
  const cursors = await page.locator('.card .cursor').evaluateAll((all) => all.map((line) => line.getAttribute('x1')));
  assert.deepEqual([...new Set(cursors)], ['232']);
  assert.ok(await slider.evaluate((element) => element === document.activeElement));
  assert.deepEqual(page.problems, []);
});

test('a stop that is measured here is filled, and the report below says the same', async () => {
  page = await openPage(browser, server.url);
  await waitFor(page, 'ready', 'true');
  await page.locator('#pressure').focus();
  await page.keyboard.press('End');
  await page.getByTestId('measure-stop').click();
  await waitFor(page, 'state', 'done');
  assert.equal(await dots('live'), 9 * 2, 'the original and this stop');
  assert.match(await page.getByTestId('origin').innerText(), /^Measured on this device/);
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('download').click()]);
  const report = JSON.parse(await readFile(await download.path(), 'utf8'));
  assert.equal(report.recipe.settings.bits, 2);
  for (const { name, word, text } of await cards()) {
    const { value } = report.after.scores.find((score) => score.name === name);
    assert.ok(text.includes(value.toFixed(1)), `${name}: ${text}`);
    assert.equal(word, report.comparisons.find((each) => each.name === name).verdict.word);
  }
  assert.ok((await page.getByTestId('summary').innerText()).startsWith(await sentence()));
  assert.deepEqual(page.problems, []);
});
