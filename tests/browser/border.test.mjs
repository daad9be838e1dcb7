// The border between the page and the core: files in every form that a worker may have them in.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launch, openPage, serve } from './browser.mjs';

const WWW = fileURLToPath(new URL('../../www/', import.meta.url));

/** Runs in a worker of the page: loads the built-in model from each form, and asks what it would need. */
async function inWorker(base) {
  const { default: init, Engine, fit } = await import(`${base}pkg/pressure_test.js`);
  await init();
  const names = ['config.json', 'model.safetensors', 'tokenizer.json'];
  const fetched = async (name) => new Uint8Array(await (await fetch(`${base}public/pebble/${name}`)).arrayBuffer());
  const files = await Promise.all(names.map(async (name) => ({ name, bytes: await fetched(name) })));
  const root = await navigator.storage.getDirectory();
  const handles = [];
  for (const { name, bytes } of files) {
    const handle = await (await root.getFileHandle(name, { create: true })).createSyncAccessHandle();
    handle.write(bytes);
    handles.push({ name, handle });
  }
  const forms = { bytes: files, blob: files.map(({ name, bytes }) => ({ name, blob: new Blob([bytes]) })), handle: handles };
  const summaries = {};
  for (const [form, files] of Object.entries(forms)) summaries[form] = Engine.load('Pebble', files).inspect();
  const beginning = files.slice(0, 2).map(({ name, bytes }) => ({ name, bytes: bytes.slice(0, 65536), size: bytes.length }));
  const short = beginning.map(({ bytes, ...rest }) => ({ ...rest, bytes: bytes.slice(0, 100) }));
  const refusal = (call) => {
    try {
      return call();
    } catch (error) {
      return error.message;
    }
  };
  const gone = files.map(({ name, bytes }) => ({ name, blob: new Blob([bytes.slice(0, bytes.length - 1)]) }));
  return {
    summaries,
    fit: fit(beginning, 4, 64),
    short: refusal(() => fit(short, 4, 64)),
    cut: refusal(() => Engine.load('cut', gone)),
  };
}

test('files come as bytes, blobs or handles, and headers alone say what a model needs', async (t) => {
  const server = await serve(undefined, WWW);
  const browser = await launch();
  t.after(() => Promise.all([browser.close(), server.close()]));
  const page = await openPage(browser, `${server.url}public/pebble/config.json`);
  const source = `${inWorker}\ninWorker(${JSON.stringify(server.url)}).then((value) => postMessage({ value }), (error) => postMessage({ error: String(error) }));`;
  const { value, error } = await page.evaluate(
    (source) =>
      new Promise((resolve) => {
        const worker = new Worker(URL.createObjectURL(new Blob([source], { type: 'text/javascript' })), { type: 'module' });
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = ({ message }) => resolve({ error: message });
      }),
    source,
  );
  assert.equal(error, undefined);
  const { bytes, blob, handle } = value.summaries;
  assert.ok(bytes.parameters > 1000);
  assert.deepEqual(blob, bytes);
  assert.deepEqual(handle, bytes);
  const { fit } = value;
  assert.equal(fit.linear_bytes + fit.other_bytes, fit.dense_bytes);
  assert.ok(fit.dense_bytes > 0.9 * bytes.bytes && fit.dense_bytes <= bytes.bytes, `${fit.dense_bytes} of ${bytes.bytes}`);
  assert.ok(fit.compressed_bytes < fit.dense_bytes);
  assert.match(value.short, /first 100 bytes/);
  assert.match(value.cut, /cut off|not JSON/);
});
