// How fast this device is: measured when it is asked for, shown beside recorded machines, and saved; how long things take.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, afterEach, before, test } from 'node:test';
import { runnerImport } from 'vite';
import { fileURLToPath } from 'node:url';
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
afterEach(async () => {
  await page?.context().close();
  page = null;
});

const load = async (name) => (await runnerImport(fileURLToPath(new URL(`../../www/${name}.ts`, import.meta.url)), { configFile: false, logLevel: 'error' })).module;

async function openDevice(options) {
  page = await openPage(browser, server.url, options);
  await waitFor(page, 'ready', 'true');
  await page.getByTestId('open-device').click();
  await page.getByTestId('measure').waitFor();
}

test('the device is measured with one worker and with all, beside a recorded machine, and saved as it is shown', { timeout: 300_000 }, async () => {
  page = await openPage(browser, server.url);
  const fetched = [];
  page.on('request', (request) => fetched.push(new URL(request.url())));
  await waitFor(page, 'ready', 'true');
  assert.ok(!fetched.some(({ pathname }) => pathname.includes('/dialog')), 'fetched when it is asked for');
  await page.getByTestId('open-device').click();
  await page.getByTestId('measure').click();
  await waitFor(page, 'state', 'measuring');
  await page.getByText(/left$/).first().waitFor();
  await waitFor(page, 'state', 'idle', 240_000);
  const here = page.locator('.speeds[data-model=Pebble] tr[data-here=true]');
  const cores = await page.evaluate(() => navigator.hardwareConcurrency);
  assert.equal(await here.count(), cores > 1 ? 2 : 1);
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByTestId('save-speeds').click()]);
  const { unit, device, rows } = JSON.parse(await readFile(await file.path(), 'utf8'));
  assert.deepEqual([unit, device.cores], ['tokens per second', cores]);
  for (const [place, row] of rows.entries()) {
    for (const name of ['prompts', 'one', 'several']) assert.ok(row[name] > 0, `${name}: ${row[name]}`);
    const shown = await here.nth(place).locator('.value').allInnerTexts();
    assert.deepEqual(shown, [row.prompts, row.one, row.several].map((value) => Math.round(value).toLocaleString('en')));
  }
  const recorded = page.locator('.speeds[data-model=Pebble] tr[data-here=false]');
  assert.ok(await recorded.count());
  assert.match(await page.getByTestId('device').innerText(), /recorded by this page in Chromium .*, \d{4}-\d\d-\d\d, commit [0-9a-f]{8}/);
  assert.match(await page.getByTestId('served').innerText(), /^A run of the default questions of .+ is done here in about \d+ (s|min|h)/);
  await page.getByTestId('close-device').click();
  await page.getByTestId('open-device').click();
  assert.equal(await here.count(), rows.length, 'results stay');
  assert.ok(fetched.every(({ origin }) => origin === new URL(server.url).origin));
  assert.deepEqual(page.problems, []);
});

test('closing ends a measurement, and nothing else begins beside it or it beside a run', { timeout: 120_000 }, async () => {
  await openDevice();
  await page.getByTestId('measure').click();
  await waitFor(page, 'state', 'measuring');
  await page.getByTestId('close-device').click();
  await waitFor(page, 'state', 'idle');
  assert.deepEqual(await page.evaluate(() => document.activeElement.dataset.testid), 'open-device');
  await page.getByTestId('run').click();
  await waitFor(page, 'state', 'running');
  await page.getByTestId('open-device').click();
  assert.ok(await page.getByTestId('measure').isDisabled());
  assert.match(await page.getByTestId('measuring').innerText(), /^A run is going: wait/);
  // What the closed measurement was still fetching is fetched no longer.
  assert.deepEqual(page.problems.filter((problem) => !problem.endsWith('net::ERR_ABORTED')), []);
});

test('workers are together as fast as all their tokens by the slowest of them', async () => {
  const { together, median } = await load('device/measure');
  const speed = (prompt_tokens, prompt_seconds, written_tokens = 0, writing_seconds = 0) => ({ prompt_tokens, prompt_seconds, written_tokens, writing_seconds });
  assert.equal(together([speed(100, 1), speed(100, 2)]), 100);
  assert.equal(together([speed(16, 1, 30, 3), speed(16, 1, 30, 2)]), 20);
  assert.equal(median([3, 1, 2]), 2);
});

test('times of other models are foretold from the largest that was measured, linear in parameters', async () => {
  const { servings, served } = await load('device/machines');
  const row = (model, parameters, workers, prompts) => ({ backend: 'wasm', model, parameters, workers, prompts, one: 1, several: 1 });
  const reference = [{ device: 'a', date: '', browser: '', commit: '', rows: [row('Pebble', 2e6, 2, 5000)], run: { seconds: 20, workers: 2 } }];
  const at = (rows, title) => servings(rows, reference).find((each) => each.title === title).seconds;
  const close = (value, expected) => assert.ok(Math.abs(value / expected - 1) < 1e-9, `${value}, not ${expected}`);
  close(at([row('Pebble', 2e6, 1, 2500), row('Pebble', 2e6, 2, 5000)], 'Pebble'), 20);
  close(at([row('Pebble', 2e6, 2, 10000)], 'SmolLM2 135M'), 10 * (135e6 / 2e6));
  close(at([row('Pebble', 2e6, 2, 10000), row('SmolLM2-135M', 135e6, 2, 500)], 'SmolLM2 135M'), 200);
  assert.match(served([row('Pebble', 2e6, 2, 5000)], reference), /^A run of the default questions of Pebble is done here in about 20 s/);
  assert.equal(served([], reference), '');
});

for (const [name, options, sentence] of [
  ['a phone', { isMobile: true, hasTouch: true, viewport: { width: 360, height: 740 }, screen: { width: 360, height: 740 } }, true],
  ['a laptop', {}, false],
]) {
  test(`a phone keeps to 1 GB whatever it says of its memory: ${name}`, async () => {
    page = await (await browser.newContext({ serviceWorkers: 'block', ...options })).newPage();
    await page.addInitScript(() => {
      Object.defineProperty(navigator, 'deviceMemory', { value: 8 });
      Object.defineProperty(navigator, 'hardwareConcurrency', { value: 32 });
    });
    await page.goto(server.url);
    await waitFor(page, 'ready', 'true');
    assert.equal(await page.getByTestId('phone').count(), sentence ? 1 : 0);
    if (sentence) assert.match(await page.getByTestId('phone').innerText(), /^A phone ends a page that takes more than about 1 GB: 7 workers do the work, of 8/);
  });
}
