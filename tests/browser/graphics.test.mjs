// The graphics card, in software: from opening the page to a table, and everything that may go wrong with it.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, afterEach, before, beforeEach, test as anyTest } from 'node:test';
import { launch, openPage, serve, waitFor } from './browser.mjs';

const test = (name, run) => anyTest(name, { timeout: 700_000 }, run);
/** One dimension of a few items, and little text: an adapter in software takes its time. */
const ASKED = 'probes=machine_ethics&evaluation.source=own';
const RECIPE = `method=round_to_nearest&settings.bits=4&${ASKED}`;
/** With calibration, which the card takes part in. */
const CALIBRATED = `method=gptq&settings.bits=4&calibration.sequences=2&calibration.length=32&${ASKED}`;
const ACTS = Array.from({ length: 4 }, (_, i) => JSON.stringify({ act: `I gave ${i} apples to the nurse.`, answer: i % 2 ? 'wrong' : 'not wrong' }));
const ITEMS = { name: 'machine_ethics.acts.jsonl', mimeType: 'text/plain', buffer: Buffer.from(ACTS.join('\n')) };
/** Put before the program of the worker. */
const SILENT = 'GPU.prototype.requestAdapter = () => new Promise(() => {});';
const WRONG = `const made = GPUDevice.prototype.createShaderModule;
GPUDevice.prototype.createShaderModule = function (shader) {
  return made.call(this, { ...shader, code: shader.code.replace('+ parameters.epsilon', '+ 0.05') });
};`;
/** Something that happens in the worker once the page shows a score. */
const whenShown = (what) => `const request = GPUAdapter.prototype.requestDevice;
let device;
GPUAdapter.prototype.requestDevice = async function (...given) { return (device = await request.apply(this, given)); };
new BroadcastChannel('shown').onmessage = () => { ${what} };`;
const LOST = whenShown('device.destroy();');
const TRAP = whenShown("GPUQueue.prototype.writeBuffer = () => { throw new RangeError('no room'); };");
/** Notes in the page what is shown of results, and tells the worker. */
const WATCH = `addEventListener('DOMContentLoaded', () => {
  window.seen = [];
  const shown = new BroadcastChannel('shown');
  new MutationObserver(() => {
    const rows = document.querySelectorAll('[data-testid=results] tr[data-name]').length;
    const redone = document.querySelector('[data-testid=redone]') !== null;
    const last = window.seen.at(-1);
    if (last?.rows === rows && last.redone === redone) return;
    window.seen.push({ rows, redone });
    if (rows > 0 && !window.seen.some(({ redone }) => redone)) shown.postMessage(null);
  }).observe(document.documentElement, { childList: true, subtree: true });
});`;

let browser;
let server;
let page;

before(async () => {
  browser = await launch('--enable-unsafe-webgpu');
});
after(() => browser?.close());
beforeEach(() => {
  server = page = null;
});
afterEach(async () => {
  const crashes = page?.problems.filter((problem) => problem.startsWith('page:')) ?? [];
  await page?.context().close();
  server?.close();
  assert.deepEqual(crashes, [], 'the page threw');
});

/** Opens the page, whose scripts are served as `edit` gives them, and runs a recipe; gives what was fetched. */
async function squeeze(hash, { edit, script, within = browser } = {}) {
  server = await serve(edit);
  page = await openPage(within, 'about:blank');
  const fetched = [];
  page.context().on('request', (request) => fetched.push(request.url()));
  if (script) await page.addInitScript(script);
  await page.goto(`${server.url}#${hash}`);
  await waitFor(page, 'ready', 'true');
  await page.getByTestId('items').setInputFiles(ITEMS);
  await page.getByTestId('run').click();
  await waitFor(page, 'state', 'done', 560_000);
  return fetched.filter((url) => url.includes('pressure_test_gpu'));
}

const inWorker = (program) => (path, bytes) => (/\/worker-[^/]*\.js$/.test(path) ? Buffer.concat([Buffer.from(`${program}\n`), bytes]) : bytes);
const says = () => page.getByTestId('graphics').innerText();

async function report() {
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('download').click()]);
  return JSON.parse(await readFile(await download.path(), 'utf8'));
}

test('a run on the graphics card has the scores of the processor, within a tenth of their intervals', async () => {
  await squeeze(`${CALIBRATED}&backend=cpu`);
  const processor = await report();
  await page.context().close();
  server.close();
  assert.ok((await squeeze(`${CALIBRATED}&backend=gpu`)).length > 0);
  assert.match(await says(), /swiftshader.* was compared with the processor on 64 tokens: the same likeliest next token at (\d+) of \1 places/i);
  assert.match(await says(), /It runs this model\./);
  const graphics = await report();
  assert.match(graphics.engine.backend, /^gpu: .*swiftshader/i);
  assert.match(processor.engine.backend, /^cpu/);
  assert.equal(graphics.notes.filter((note) => note.includes('was compared with the processor')).length, 2, 'as it is, and compressed');
  assert.equal(graphics.complete, true);
  assert.equal(await page.getByTestId('results').locator('tr[data-name]').count(), 1);
  for (const side of ['before', 'after']) {
    for (const [place, score] of graphics[side].scores.entries()) {
      const expected = processor[side].scores[place];
      const [low, high] = expected.interval;
      assert.ok(Math.abs(score.value - expected.value) <= (high - low) / 10, `${side} ${score.name}: ${score.value}, not ${expected.value}`);
    }
  }
  assert.deepEqual(page.problems, []);
});

test('without an adapter nothing of it is fetched, and a sentence says why', async () => {
  const plain = await launch();
  try {
    assert.deepEqual(await squeeze(`${RECIPE}&backend=gpu`, { within: plain }), []);
    assert.match(await says(), /no graphics card.*This runs on the processor\./);
    assert.match((await report()).engine.backend, /^cpu/);
  } finally {
    await plain.close();
  }
});

test('a small model runs on the processor unless the reader says otherwise, and nothing is fetched', async () => {
  assert.deepEqual(await squeeze(RECIPE), []);
  assert.equal(await page.getByTestId('graphics').count(), 0);
  assert.doesNotMatch(page.url(), /backend/);
});

test('an adapter that never answers counts as none', async () => {
  assert.deepEqual(await squeeze(`${RECIPE}&backend=gpu`, { script: SILENT }), []);
  assert.match(await says(), /The graphics card did not answer\. This runs on the processor\./);
  assert.match((await report()).engine.backend, /^cpu/);
});

test('one that never answers the engine is given up', async () => {
  await squeeze(`${RECIPE}&backend=gpu`, { edit: inWorker(SILENT) });
  assert.match(await says(), /The graphics card did not answer\. This runs on the processor\./);
  assert.match((await report()).engine.backend, /^cpu/);
});

test('a shader that is wrong is noticed before anything is scored', async () => {
  await squeeze(`${RECIPE}&backend=gpu`, { edit: inWorker(WRONG) });
  assert.match(await says(), /does not compute what the processor does: of 64 tokens .+ This runs on the processor\./);
  assert.match((await report()).engine.backend, /^cpu/);
});

for (const [what, program, pattern] of [['a device that is lost', LOST, /lost/], ['a program that breaks', TRAP, /stopped/]]) {
  test(`${what} in the middle of a run: all of it is asked on the processor, and what was shown stays until then`, async () => {
    await squeeze(`${RECIPE}&backend=gpu`, { edit: inWorker(program), script: WATCH });
    const seen = await page.evaluate(() => window.seen);
    assert.match(await says(), pattern);
    assert.match(await says(), /All of it is asked on the processor\./);
    const given = await report();
    assert.match(given.engine.backend, /^cpu/);
    assert.equal(given.complete, true);
    const most = Math.max(...seen.filter(({ redone }) => redone).map(({ rows }) => rows));
    assert.ok(most >= 1, `something was shown when it was given up: ${JSON.stringify(seen)}`);
    assert.ok(seen.slice(seen.findIndex(({ redone }) => redone)).every(({ rows }) => rows >= most), `nothing that was shown went away: ${JSON.stringify(seen)}`);
    assert.equal(await page.getByTestId('redone').count(), 0, 'all of it is the processor’s in the end');
  });
}

test('of a model that is not small both are measured, and the faster one runs it', async () => {
  let edited = 0;
  const edit = (path, bytes) => {
    const text = bytes.toString('latin1');
    if (!path.endsWith('.js') || !/\b32e6\b/.test(text)) return bytes;
    edited += 1;
    return Buffer.from(text.replace(/\b32e6\b/, '1'), 'latin1');
  };
  assert.ok((await squeeze(RECIPE, { edit })).length > 0);
  assert.equal(edited, 1);
  assert.match(await says(), /was compared with the processor on 64 tokens.+(It|The processor) runs this model: \d+ tokens a second there, \d+ on the processor\./);
  const faster = /It runs this model/.test(await says()) ? /^gpu/ : /^cpu/;
  assert.match((await report()).engine.backend, faster);
});
