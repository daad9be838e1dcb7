// What the fit check says of loading is what the module's memory then is, which never shrinks.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { launch, openPage, serve } from './browser.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const FILES = ['config.json', 'model.safetensors', 'tokenizer.json'];
/** The fit check may be off by this share. */
const TOLERANCE = 0.1;

/** Runs in a worker of the page: what is said of the files, and what loading them takes. */
function work(base) {
  onmessage = async ({ data: files }) => {
    try {
      const { default: init, Engine, fit } = await import(`${base}pkg/pressure_test.js`);
      const { memory } = await init();
      const { loading_bytes: said } = fit(files, 4, 64);
      const engine = Engine.load('a model', files);
      postMessage({ said, taken: memory.buffer.byteLength, bytes: engine.inspect().bytes });
    } catch (error) {
      postMessage({ error: String(error) });
    }
  };
}

/** Loads the chosen files in a fresh worker. */
function loadChosen(source) {
  const files = [...document.querySelector('input').files].map((file) => ({ name: file.name, blob: file }));
  return new Promise((resolve) => {
    const worker = new Worker(URL.createObjectURL(new Blob([source], { type: 'text/javascript' })), { type: 'module' });
    worker.onerror = ({ message }) => resolve({ error: message });
    worker.onmessage = ({ data }) => {
      worker.terminate();
      resolve(data);
    };
    worker.postMessage(files);
  });
}

test('loading takes the memory that the fit check says', async (t) => {
  const server = await serve(undefined, join(ROOT, 'www'));
  const browser = await launch();
  const scratch = await mkdtemp(join(tmpdir(), 'pressure-test-'));
  t.after(() => Promise.all([browser.close(), server.close(), rm(scratch, { recursive: true })]));
  // A vocabulary of 49152 tokens, and two blocks, in the shape of SmolLM2-135M.
  await promisify(execFile)('node', [join(ROOT, 'scripts/benchmark/random_model.mjs'), scratch, '2']);
  const page = await openPage(browser, `${server.url}public/pebble/config.json`);
  await page.evaluate(() => (document.body.innerHTML = '<input type="file" multiple />'));
  for (const folder of [join(ROOT, 'www/public/pebble'), scratch]) {
    await page.locator('input').setInputFiles(FILES.map((name) => join(folder, name)));
    const { error, said, taken, bytes } = await page.evaluate(loadChosen, `(${work})(${JSON.stringify(server.url)})`);
    assert.equal(error, undefined);
    assert.ok(taken > bytes, `${taken} bytes in all, ${bytes} of weights`);
    assert.ok(Math.abs(said / taken - 1) < TOLERANCE, `${said} said, ${taken} taken, by ${folder}`);
  }
});
