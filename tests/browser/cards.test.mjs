// The list of models as cards, and the note before offensive items.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';
import { launch, openIn, openPage, serve, waitFor } from './browser.mjs';

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
afterEach(async () => {
  await page?.context().close();
  page = null;
});

const openNew = async (hash, options) => {
  page = await openPage(browser, server.url + hash, { isNew: true, ...options });
  await waitFor(page, 'ready', 'true');
};
const card = (title) => page.locator('.choices li').filter({ hasText: title }).first();
const state = () => page.evaluate(() => document.documentElement.dataset.state);
const note = () => page.getByTestId('content-note');

test('each card says licence, size, what thirty downloads cost, and what it is good for', async () => {
  await openNew('#probes=machine_ethics');
  await page.getByTestId('choose').click();
  const text = (await card('SmolLM2 135M').innerText()).replace(/\s+/g, ' ');
  assert.match(text, /SmolLM2 135M .*base and chat.* Apache 2\.0 · 30 downloads: 8\.1 GB/);
  assert.deepEqual(await card('SmolLM2 135M').getByRole('button').allInnerTexts(), ['base 269 MB', 'chat 269 MB', 'GGUF']);
  assert.equal(await page.getByTestId('room-models').count(), 0, 'no room here');
  for (const each of await page.locator('.choices li').all()) assert.match((await each.innerText()).replace(/\s+/g, ' '), /Apache 2\.0|MIT|terms|licence/);
});

test('a card says how long a run takes here: once the device was measured, in later visits too', async () => {
  await openNew('#probes=machine_ethics');
  await page.getByTestId('choose').click();
  assert.match(await page.getByTestId('expected-minutes').innerText(), /not known yet/);
  assert.doesNotMatch(await card('SmolLM2 135M').innerText(), /a run/);
  const rows = [{ backend: 'wasm', model: 'SmolLM2-135M', parameters: 134_515_008, workers: 2, prompts: 544, one: 50, several: 200 }];
  await page.evaluate((rows) => localStorage.setItem('pressure-test.speeds', JSON.stringify(rows)), rows);
  await page.reload();
  await waitFor(page, 'ready', 'true');
  await page.getByTestId('choose').click();
  assert.match(await page.getByTestId('expected-minutes').innerText(), /by the measurement of this device/);
  const minutes = async (title) => Number(/ (\d+) min a run/.exec((await card(title).innerText()).replace(/\s+/g, ' '))[1]);
  const [small, large] = [await minutes('SmolLM2 135M'), await minutes('SmolLM2 360M')];
  assert.ok(Math.abs(large / small - 362 / 135) < 0.5, `${small} and ${large} minutes`);
  await page.evaluate(() => localStorage.setItem('pressure-test.speeds', '[{"prompts": "many"'));
  await page.reload();
  await waitFor(page, 'ready', 'true');
  assert.deepEqual(page.problems, []);
});

test('without a measurement it is the last run of the default questions that tells', async () => {
  const { expected } = (await runnerImport(fileURLToPath(new URL('../../www/hub/expected.ts', import.meta.url)), { configFile: false, logLevel: 'error' })).module;
  const catalog = { evaluation: [{ name: 'items', default: 60 }, { name: 'ask', default: 'likelihood' }] };
  const run = (change = {}) => ({ name: 'Mine', parameters: 2e6, pace: { squeezing: 4, asking: { one: 10, two: 6 } }, recipe: { evaluation: { ask: 'likelihood', items: 60 }, probes: [] }, ...change });
  const by = (...kept) => expected({ speeds: [], kept, catalog });
  assert.equal(by(run()).seconds(4e6), 40);
  assert.equal(by(run()).by, 'the last run of Mine');
  assert.equal(by(), null);
  for (const other of [{ pace: null }, { parameters: undefined }, { recipe: { evaluation: { ask: 'likelihood', items: 20 } } }, { recipe: { ...run().recipe, probes: ['privacy'] } }]) assert.equal(by(run(other)), null);
  assert.equal(by(run({ pace: null }), run({ name: 'Earlier' })).by, 'the last run of Earlier');
});

test('the note stands before the first run with offensive items, once, and a link cannot skip it', { timeout: 180_000 }, async () => {
  await openNew('#probes=stereotype,machine_ethics&method=round_to_nearest&run=1');
  await note().waitFor();
  assert.equal(await state(), 'idle', 'nothing begins behind it');
  assert.match(await note().innerText(), /Stereotype puts prejudiced sentences/);
  assert.doesNotMatch(await note().innerText(), /Toxicity/, 'which is not asked');
  await page.keyboard.press('Escape');
  await note().waitFor({ state: 'detached' });
  assert.equal(await state(), 'idle');
  await page.getByTestId('run').click();
  await page.getByTestId('content-cancel').click();
  assert.equal(await state(), 'idle');
  await page.getByTestId('run').click();
  await page.getByTestId('content-go-on').click();
  await waitFor(page, 'state', 'done');
  assert.match(page.url(), /probes=stereotype%2Cmachine_ethics/);

  const context = page.context();
  page = await openIn(context, `${server.url}#probes=toxicity&method=round_to_nearest&evaluation.items=20&run=1`, { isNew: true });
  await waitFor(page, 'state', 'running'); // it was seen
  await page.getByTestId('cancel').click();
});

test('what offends can be left out, and what does not offend begins at once', { timeout: 120_000 }, async () => {
  await openNew('#probes=stereotype,toxicity,machine_ethics&method=round_to_nearest');
  await page.getByTestId('run').click();
  await page.getByTestId('content-leave-out').click();
  await waitFor(page, 'state', 'done');
  assert.match(page.url(), /probes=machine_ethics/);
  assert.equal(await page.evaluate(() => localStorage.getItem('pressure-test.content-note')), null, 'the note was not accepted');
  await page.getByTestId('run').click();
  await waitFor(page, 'state', 'running');
  assert.equal(await note().count(), 0);
  await page.getByTestId('cancel').click();
  await page.context().close();

  await openNew('#probes=toxicity');
  await page.getByTestId('run').click();
  await note().waitFor();
  assert.equal(await page.getByTestId('content-leave-out').count(), 0, 'nothing would be left');
});
