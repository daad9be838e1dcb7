// The first visit, from a server as hosts of static pages are: something to see at once, and nothing downloaded twice.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { drawStill } from '../../scripts/still.mjs';
import { launch, openPage, waitFor, watchShifts } from './browser.mjs';
import { serveOrdinarily } from './ordinary-server.mjs';

const RECORDED = new URL('../../www/dial/recorded.json', import.meta.url);
const CLASSIFIER = ['config.json', 'model.safetensors', 'tokenizer.json'].map((name) =>
  fileURLToPath(new URL(`../golden/classifiers/bert/${name}`, import.meta.url)),
);
/** In bytes as they go over the line. */
const LARGEST_PAGE = 200_000;
/** 2 Mbit/s, a tenth of a second away. */
const LINE = { offline: false, latency: 100, downloadThroughput: 250_000, uploadThroughput: 250_000 };

let server;
let browser;
let page;

before(async () => {
  browser = await launch();
});
after(() => browser?.close());
beforeEach(async () => {
  server = await serveOrdinarily();
  page = null;
});
afterEach(async () => {
  await page?.context().close();
  server.close();
});

const text = () => page.locator('pressure-test').innerText();
const isLarge = ({ path }) => /\.wasm$|^\/pebble\//.test(path);
const bytesOf = (answers) => answers.reduce((sum, { bytes }) => sum + bytes, 0);

async function recording() {
  return JSON.parse(await readFile(RECORDED, 'utf8'));
}

/** Waits until the service worker has everything, and the page has it. */
async function offlineReady() {
  await page.waitForFunction(() => navigator.serviceWorker.controller?.state === 'activated');
}

test('without script the page says what it is, shows the recorded result with its source, and what needs script', async () => {
  page = await openPage(browser, server.url, { javaScriptEnabled: false });
  const { device, date, curves } = await recording();
  const seen = await text();
  assert.match(seen, /Squeeze a small language model/);
  assert.match(seen, /allow JavaScript/);
  assert.match(seen, /At 2 bits, .*(worse|broken)/);
  for (const source of [device, date, curves.round_to_nearest.commit.slice(0, 8)]) assert.ok(seen.includes(source), source);
  assert.equal(await page.locator('.card').count(), 9);
  assert.ok(await page.locator('.card[data-word=worse], .card[data-word=broken]').count());
  assert.equal(await page.getByRole('img', { name: /over pressure\. At 2 bits: / }).count(), 9);
  assert.equal(await page.locator('.card circle.recorded').count(), 9 * 7);
  for (const dead of ['select', 'input', 'button']) assert.equal(await page.locator(`.dial ${dead}:visible`).count(), 0, dead);
  assert.deepEqual(server.sent.filter(isLarge), []);
});

test('the recorded result is the first recipe of the sweep with a loss, and where there is none it says so', async () => {
  const all = await recording();
  const sentenceOf = (html) => /data-testid="dial-sentence">([^<]*)</.exec(html)[1];
  const harmless = (curve) => ({ ...curve, points: curve.points.map((point) => ({ ...point, dots: point.dots.map((dot) => ({ ...dot, word: 'no_worse', words: 'no worse' })) })) });
  const curves = (keep) => Object.fromEntries(Object.entries(all.curves).map(([name, curve]) => [name, keep.includes(name) ? curve : harmless(curve)]));
  const lossOf = (name) => all.curves[name].points.toSorted((a, b) => (name === 'magnitude' ? a.stop - b.stop : b.stop - a.stop)).find(({ dots }) => dots.some(({ word }) => word === 'worse' || word === 'broken'));
  for (const keep of [['round_to_nearest', 'magnitude'], ['magnitude']]) {
    const html = await drawStill({ ...all, curves: curves(keep) });
    assert.equal(sentenceOf(html), lossOf(keep[0]).sentence);
    assert.ok(html.includes(`<option value="${keep[0]}" selected`), keep[0]);
  }
  const none = await drawStill({ ...all, curves: curves([]) });
  assert.match(sentenceOf(none), /^In no recorded recipe is any dimension clearly worse or broken\. At 2 bits, /);
});

for (const [name, viewport] of Object.entries({ phone: { width: 360, height: 740 }, laptop: { width: 1440, height: 900 }, hall: { width: 1920, height: 1080 } })) {
  test(`at 2 Mbit/s the recorded result is painted within a second, and what is alive takes its place without a jump: ${name}`, async () => {
    const context = await browser.newContext({ serviceWorkers: 'block', viewport });
    await watchShifts(context);
    page = await context.newPage();
    const devtools = await context.newCDPSession(page);
    await devtools.send('Network.enable');
    await devtools.send('Network.emulateNetworkConditions', LINE);
    let goOn;
    const measured = new Promise((resolve) => (goOn = resolve));
    await page.route('**/assets/index-*.js', async (route) => {
      await measured; // else a small page is alive before this test has looked
      await route.continue();
    });
    await page.goto(server.url, { waitUntil: 'commit' });
    const painted = await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime);
    const milliseconds = await painted.jsonValue();
    // What the line itself takes: the page, then its style; the rest is this machine's.
    const onTheLine = 2 * LINE.latency + (1000 * bytesOf(server.sent)) / LINE.downloadThroughput;
    assert.match(await text(), /At 2 bits, .*(worse|broken)/);
    const cut = await page.locator('.card h3').evaluateAll((all) => all.filter((title) => title.scrollWidth > title.clientWidth).map(({ innerText }) => innerText));
    assert.deepEqual(cut, [], 'every value can be read');
    const places = () => page.locator('.dial > *, .card').evaluateAll((all) => all.map((each) => JSON.stringify(each.getBoundingClientRect())));
    const before = await places();
    assert.ok(await page.locator('#pressure').isDisabled(), 'the page is not alive yet');
    goOn();
    await page.locator('#pressure:enabled').waitFor();
    assert.deepEqual(await places(), before);
    await devtools.send('Network.emulateNetworkConditions', { ...LINE, downloadThroughput: -1 });
    await waitFor(page, 'ready', 'true');
    const shifts = await page.evaluate(() => window.shifts);
    console.log(`${name}: painted after ${Math.round(milliseconds)} ms, ${Math.round(onTheLine)} of them on the line; shifts ${JSON.stringify(shifts)}`);
    assert.ok(onTheLine < 1000, `${onTheLine} ms`);
    assert.ok(shifts.reduce((sum, { value }) => sum + value, 0) < 0.01, JSON.stringify(shifts));
  });
}

test('nothing is downloaded twice, and the page without engine and model is small', async () => {
  page = await openPage(browser, server.url, { serviceWorkers: 'allow' });
  await waitFor(page, 'ready', 'true');
  await offlineReady();
  const whole = server.sent.filter(({ status }) => status === 200);
  const times = new Map();
  for (const { path } of whole) times.set(path, (times.get(path) ?? 0) + 1);
  assert.deepEqual([...times].filter(([, count]) => count > 1), []);
  assert.ok(!times.has('/index.html'), 'which is the page by another name');
  assert.ok(![...times.keys()].some((path) => /\/classifier/.test(path)), 'the classifiers’ module is fetched when it is used');
  assert.ok(times.has('/pebble/model.safetensors'));
  const small = bytesOf(whole.filter((each) => !isLarge(each)));
  console.log(`${small} bytes of page, ${bytesOf(whole.filter(isLarge))} of engine and model`);
  assert.ok(small <= LARGEST_PAGE, `${small} bytes`);
  await page.context().setOffline(true);
  for (const address of [server.url, `${server.url}index.html`]) {
    await page.goto('about:blank');
    await page.goto(address);
    await waitFor(page, 'ready', 'true');
  }
});

test('on the first visit the service worker waits until the page has what it would fetch as well', async () => {
  server.close();
  server = await serveOrdinarily({ '/pebble/model.safetensors': 1500 });
  page = await openPage(browser, server.url, { serviceWorkers: 'allow' });
  await offlineReady();
  const order = server.sent.map(({ path }) => path);
  assert.ok(order.indexOf('/sw.js') > order.indexOf('/pebble/model.safetensors'), order.join());
});

test('the classifiers’ module is there offline once it was used, on the first visit too', async () => {
  page = await openPage(browser, server.url, { serviceWorkers: 'allow' });
  await waitFor(page, 'ready', 'true');
  await offlineReady();
  const judge = async () => {
    await page.locator('select[name=method]').first().selectOption('round_to_nearest');
    await page.getByText('How it is measured').click();
    for (const name of await page.locator('input[name=probe]').evaluateAll((all) => all.map(({ value }) => value))) {
      if (name !== 'toxicity') await page.locator(`input[name=probe][value=${name}]`).uncheck();
    }
    await page.getByTestId('classifier').setInputFiles(CLASSIFIER);
    await page.getByTestId('run').click();
    await waitFor(page, 'state', 'done');
  };
  await judge();
  const kept = await page.evaluate(async () => (await (await caches.open('classifier')).keys()).map(({ url }) => url));
  const sent = server.sent.flatMap(({ path }) => (/\/classifier/.test(path) ? [path] : []));
  assert.deepEqual(kept.map((url) => new URL(url).pathname).toSorted(), sent.toSorted());
  assert.equal(kept.length, 2);
  await page.context().setOffline(true);
  await page.goto('about:blank');
  await page.goto(server.url);
  await waitFor(page, 'ready', 'true');
  await judge();
});
