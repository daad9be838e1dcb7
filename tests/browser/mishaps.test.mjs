// What goes wrong while the page is used, and what stays all the same.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, afterEach, before, beforeEach, test as anyTest } from 'node:test';
import { chromium } from 'playwright-core';
import { launch, noteSeen, openPage, serve, START, waitFor } from './browser.mjs';

/** One dimension, and little text. */
const QUICK = '#method=wanda&probes=machine_ethics&calibration.sequences=8&calibration.length=64';
const test = (name, run) => anyTest(name, { timeout: 120_000 }, run);

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
afterEach(async () => page?.context().close());

async function open(hash = QUICK, url = server.url) {
  const context = await browser.newContext({ serviceWorkers: 'block' });
  await noteSeen(context);
  await context.addInitScript(() => {
    const Original = window.Worker;
    window.workers = [];
    window.Worker = class extends Original {
      constructor(...given) {
        super(...given);
        window.workers.push(this);
      }
    };
  });
  page = await context.newPage();
  await page.goto(url + hash);
}

async function squeeze() {
  await page.getByTestId('run').click();
  await waitFor(page, 'state', 'done', 60_000);
}

const rows = () => page.getByTestId('results').locator('tr[data-name]').allInnerTexts();
const kill = () => page.evaluate(() => window.workers.at(-1).dispatchEvent(new ErrorEvent('error')));

test('a double click starts a run and does not cancel it', async () => {
  await open();
  await waitFor(page, 'ready', 'true');
  await page.getByTestId('run').dblclick();
  await waitFor(page, 'state', 'done', 60_000);
  assert.match(await page.getByTestId('status').innerText(), /^Done\.\s/);

  await page.getByTestId('run').focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await waitFor(page, 'state', 'done', 60_000);
  assert.match(await page.getByTestId('status').innerText(), /^Done\.\s/);
  assert.equal(await page.evaluate(() => document.activeElement.dataset.testid), 'run', 'the keyboard is where it was');
});

test('a double click on Cancel does not start anew', async () => {
  await open('');
  await waitFor(page, 'ready', 'true');
  await page.getByTestId('run').click();
  await waitFor(page, 'state', 'running');
  await page.waitForTimeout(600);
  await page.getByTestId('cancel').dblclick();
  await page.waitForTimeout(300);
  assert.equal(await page.evaluate(() => document.documentElement.dataset.state), 'idle');
});

test('an engine that dies in a run is said to, the run before it stays, and the next one succeeds', async () => {
  await open('#method=wanda&calibration.sequences=8&calibration.length=64&probes=machine_ethics,stereotype,perplexity');
  await waitFor(page, 'ready', 'true');
  await squeeze();
  const earlier = await rows();
  await page.getByTestId('run').click();
  await page.getByText('This run was stopped').waitFor({ state: 'detached' });
  await page.waitForFunction(() => document.querySelectorAll('tr[data-name]').length === 1);
  await kill();
  await waitFor(page, 'state', 'error');
  assert.match(await page.getByTestId('error').innerText(), /^The engine stopped unexpectedly[^\n]*\.$/);
  assert.ok((await rows()).length < earlier.length, 'what was measured by then is shown');
  await page.getByTestId('show-finished').click();
  assert.deepEqual(await rows(), earlier);
  assert.ok(await page.locator('button[data-format=gguf]').isDisabled());
  assert.match(await page.getByTestId('not-held').innerText(), /no longer holds this compressed model.*repeat the run/);
  await squeeze();
  assert.deepEqual((await rows()).length, earlier.length);
  assert.ok(await page.locator('button[data-format=gguf]').isEnabled());
});

test('an engine that dies while nothing is asked is noticed', async () => {
  await open();
  await waitFor(page, 'ready', 'true');
  await squeeze();
  await page.workers()[0].evaluate(() => void setTimeout(() => { throw new Error('a trap'); }));
  await page.getByTestId('not-held').waitFor({ timeout: 5000 });
  await squeeze();
  assert.equal(await page.getByTestId('not-held').count(), 0);
});

test('a run that fails takes away neither the results nor the ways to save them', async () => {
  await open();
  await waitFor(page, 'ready', 'true');
  await squeeze();
  const earlier = await rows();
  await page.getByText('Calibration', { exact: true }).click();
  await page.getByTestId('text-file').setInputFiles({ name: 'short.txt', mimeType: 'text/plain', buffer: Buffer.from('The dog.') });
  await page.getByTestId('run').click();
  await waitFor(page, 'state', 'error');
  assert.deepEqual(await rows(), earlier);
  const [download] = await Promise.all([page.waitForEvent('download', { timeout: 10_000 }), page.locator('button[data-format=gguf]').click()]);
  assert.equal((await readFile(await download.path())).subarray(0, 4).toString(), 'GGUF');
});

test('an engine that cannot be fetched, or run, says so', async (t) => {
  const context = await browser.newContext({ serviceWorkers: 'block' });
  await context.route('**/*.wasm', (route) => route.fulfill({ status: 503 }));
  page = await context.newPage();
  await page.goto(server.url);
  const error = () => page.getByTestId('error').innerText({ timeout: 10_000 });
  assert.match(await error(), /^The engine could not be fetched \(the server answered 503\): reload the page/);
  await page.context().close();

  const old = await serve((path, bytes) => (/worker-.*\.js$/.test(path) ? Buffer.concat([Buffer.from('WebAssembly.validate = () => false;'), bytes]) : bytes));
  const broken = await serve((path, bytes) => (path.endsWith('.wasm') ? bytes.subarray(0, 1000) : bytes));
  t.after(() => [old, broken].map((each) => each.close()));
  await open('', old.url);
  assert.match(await error(), /^This browser cannot run the engine, which takes WebAssembly with SIMD: open this page in a current/);
  await page.context().close();
  await open('', broken.url);
  assert.match(await error(), /^The engine did not start \(.*\): reload the page/);
});

test('a page without https, which has no storage, says so and keeps a model in memory', async () => {
  const name = `http://page.example:${new URL(server.url).port}/`;
  const plain = await chromium.launch({ ...START, args: [...START.args, '--host-resolver-rules=MAP page.example 127.0.0.1'] });
  try {
    page = await openPage(plain, name);
    await waitFor(page, 'ready', 'true');
    await page.getByTestId('choose').click();
    assert.match(await page.getByTestId('unkept').innerText(), /^This page was opened by plain http, so the browser gives it no storage/);
    await page.locator('#address').fill('./pebble/');
    await page.getByTestId('check').click();
    await page.getByTestId('download-model').click();
    await page.getByTestId('chooser').waitFor({ state: 'hidden' });
    assert.match(await page.getByTestId('model').innerText(), /^pebble/);
  } finally {
    await plain.close();
    page = null;
  }
});
