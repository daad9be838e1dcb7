// Points that the page measures by itself: beside everything else, and out of the way of whatever the reader starts.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { launch, openPage, serve, waitFor } from './browser.mjs';
import { serveOrdinarily } from './ordinary-server.mjs';

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

const measured = () => page.getByTestId('measured').innerText();
const button = () => page.getByTestId('measure-curve');
const dots = (kind) => page.locator(`.card circle.${kind}`).count();
const isMeasured = (text) => page.waitForFunction((text) => document.querySelector('[data-testid=measured]').innerText.includes(text), text, { timeout: 120_000 });

/** Opens the page with `cores` of four; `pace`: how fast its clock goes, since the machine of a test may be any. */
async function open({ hash = '', script, pace = 0.01, ...options } = {}) {
  page = await openPage(browser, 'about:blank', { cores: 4, ...options });
  await page.context().addInitScript((pace) => {
    const now = performance.now.bind(performance);
    performance.now = () => pace * now();
    window.shifts = [];
    new PerformanceObserver((list) => {
      for (const { value, sources } of list.getEntries()) window.shifts.push([value, sources.map(({ node }) => node?.className || node?.nodeName)]);
    }).observe({ type: 'layout-shift', buffered: true });
  }, pace);
  if (script) await page.context().addInitScript(script);
  await page.goto(server.url + hash);
  await waitFor(page, 'ready', 'true');
}

test('the curve that is seen is measured stop by stop, the one under the cursor first, and nothing jumps', async () => {
  const began = Date.now();
  await open({ hash: '#workers=2', viewport: { width: 1440, height: 900 } });
  await page.locator('.card circle.live').first().waitFor();
  console.log(`first live score after ${Date.now() - began} ms`);
  assert.match(await measured(), /^0 of 6 measured on this device; now 2 bits$/);
  await page.getByText('so far').first().waitFor({ state: 'attached' });
  assert.match(await page.getByTestId('origin').innerText(), /^Being measured on this device/);
  assert.equal(await page.getByTestId('dial-sentence').getAttribute('aria-live'), 'off', 'half sentences are not said aloud');
  await isMeasured('now 3 bits');
  assert.match(await page.getByTestId('origin').innerText(), /^Measured on this device/);
  assert.equal(await page.getByTestId('dial-sentence').getAttribute('aria-live'), 'polite');
  assert.match(await measured(), /^1 of 6 measured on this device; a stop takes about .+s; now 3 bits$/);
  assert.equal(await dots('live'), 9 * 2, 'the original and this stop');
  await isMeasured('2 of 6');
  assert.equal(await page.locator('#pressure').inputValue(), '6', 'the cursor stays');
  const shifts = await page.evaluate(() => window.shifts);
  assert.ok(shifts.reduce((sum, [value]) => sum + value, 0) < 0.01, JSON.stringify(shifts));
  assert.match((await page.locator('.card .n').allInnerTexts()).join(), /^126 items,120 items,/);
  assert.deepEqual(page.problems, []);
});

test('it gives way to a run of the reader’s and goes on afterwards; the run’s compressed model can still be saved', async () => {
  await open({ hash: '#workers=2' });
  await page.locator('.card circle.live').first().waitFor();
  await page.getByTestId('run').click();
  await waitFor(page, 'state', 'running');
  assert.match(await measured(), /^\d of 6 .*waits until the engine is free$/);
  await waitFor(page, 'state', 'done');
  await page.waitForFunction(() => document.querySelector('[data-testid=measured]').innerText.includes('; now '));
  assert.equal(await page.locator('[data-testid=save]:enabled, .save button:enabled').count() > 0, true);
  await isMeasured('2 of 6');
  assert.equal(await page.evaluate(() => document.documentElement.dataset.state), 'done', 'the report is still there');
  assert.deepEqual(page.problems, []);
});

test('its button pauses and continues it and keeps the focus; a hidden page pauses', async () => {
  await open({ hash: '#workers=2' });
  await page.locator('.card circle.live').first().waitFor();
  await button().focus();
  await page.keyboard.press('Enter');
  assert.equal(await button().innerText(), 'Measure the whole curve here');
  assert.doesNotMatch(await measured(), /now/);
  await setTimeout(300);
  assert.equal(await dots('live'), 0, 'what was half measured is not shown as measured');
  await page.keyboard.press('Enter');
  assert.match(await measured(), /; now 2 bits/);
  assert.equal(await button().innerText(), 'Pause');
  await page.evaluate(() => {
    Object.defineProperty(document, 'hidden', { value: true, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  });
  await page.waitForFunction(() => !document.querySelector('[data-testid=measured]').innerText.includes('now'));
  await page.evaluate(() => {
    Object.defineProperty(document, 'hidden', { value: false });
    document.dispatchEvent(new Event('visibilitychange'));
  });
  await isMeasured('1 of 6');
  assert.ok(await button().evaluate((element) => element === document.activeElement));
  assert.deepEqual(page.problems, []);
});

for (const [name, options] of [
  ['two cores', { cores: 2 }],
  ['a phone', { script: () => Object.defineProperty(navigator, 'userAgentData', { value: { mobile: true } }) }],
  ['a device that saves data', { script: () => Object.defineProperty(navigator, 'connection', { value: { saveData: true } }) }],
  ['a link that asks for another experiment', { hash: '#method=wanda&settings.sparsity=0.35' }],
  ['a link that cannot be honoured', { hash: '#method=gptq_v2' }],
]) {
  test(`it never begins by itself with ${name}, and the button begins it`, async () => {
    await open(options);
    await setTimeout(500);
    assert.match(await measured(), /^0 of 6 measured on this device$/);
    await button().click();
    await page.locator('.card circle.live').first().waitFor();
    assert.deepEqual(page.problems, []);
  });
}

test('where a stop takes long the others are measured when the reader asks', async () => {
  await open({ hash: '#workers=2', pace: 100 });
  await isMeasured('so the others wait for you');
  assert.match(await measured(), /^1 of 6 measured on this device; a stop takes about \d.* min, so the others wait for you$/);
  assert.equal(await button().innerText(), 'Go on measuring');
  await button().click();
  assert.match(await measured(), /; now 3 bits$/);
  assert.deepEqual(page.problems, []);
});

test('its engine is not fetched again', async () => {
  const ordinary = await serveOrdinarily();
  page = await openPage(browser, ordinary.url, { cores: 4 });
  await page.locator('.card circle.live').first().waitFor();
  assert.equal(ordinary.sent.filter(({ path }) => path.endsWith('.wasm') || path.startsWith('/pebble/model')).length, 2);
  ordinary.close();
});

test('all methods are a queue that survives a reload, can pause, and be left', { timeout: 300_000 }, async () => {
  await open({ hash: '#workers=2' });
  await page.getByTestId('measure-all').click();
  await isMeasured('1 of 6');
  await page.reload();
  await waitFor(page, 'ready', 'true');
  assert.match(await measured(), /^1 of 6 measured on this device/, 'what was measured is still there');
  assert.equal(await dots('live'), 9 * 2);
  assert.match(await page.getByTestId('measure-all').innerText(), /^Leave the other methods: 1 of 39$/);
  await isMeasured('; now ');
  await button().click();
  assert.match(await button().innerText(), /^Go on measuring$/);
  await page.waitForFunction(() => !document.querySelector('[data-testid=measured]').innerText.includes('; now '));

  // The rest of the curve that is seen, as if it had been measured.
  await page.evaluate(() => {
    const shelf = JSON.parse(localStorage.getItem('pressure-test dial'));
    const [lasting] = Object.values(shelf.models);
    const { points } = lasting.live.round_to_nearest;
    lasting.live.round_to_nearest.points = [8, 6, 5, 4, 3, 2].map((stop) => points.find((point) => point.stop === stop) ?? { ...points[0], stop });
    lasting.isAsked = true;
    localStorage.setItem('pressure-test dial', JSON.stringify(shelf));
  });
  await page.reload();
  await waitFor(page, 'ready', 'true');
  await isMeasured('6 of 6 measured on this device');
  await isMeasured('now Fewer bits: GPTQ, 2 bits');
  await page.getByTestId('measure-all').click();
  await page.waitForFunction(() => !document.querySelector('[data-testid=measured]').innerText.includes('GPTQ'), null, { timeout: 120_000 });
  assert.equal(await button().innerText(), 'All of it is measured');
  await page.getByTestId('forget-curves').click();
  assert.match(await measured(), /^0 of 6/);
  await page.reload();
  await waitFor(page, 'ready', 'true');
  assert.match(await measured(), /^0 of 6/, 'forgotten in the browser too');
  assert.deepEqual(page.problems, []);
});

test('what another engine measured, and what is no list of measurements, is not taken up', async () => {
  for (const kept of ['{"program":"other","models":{}}', 'null', '{', '{"program":1,"models":[]}']) {
    await open({ hash: '#workers=2', cores: 2, script: `localStorage.setItem('pressure-test dial', ${JSON.stringify(kept)})` });
    assert.match(await measured(), /^0 of 6/, kept);
    assert.deepEqual(page.problems, []);
    await page.context().close();
  }
  page = null;
});
