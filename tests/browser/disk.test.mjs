// Models from the reader's disk, dragged onto the page as a person does it.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { DIST, launch, openPage, serve, waitFor } from './browser.mjs';

const PEBBLE = join(DIST, 'pebble');
/** The command line, as the native tests or `cargo build --release` left it. */
const PROGRAM = resolve(DIST, '..', process.env.CARGO_TARGET_DIR ?? 'target', 'release', 'pressure-test');

let server;
let browser;
let scratch;

before(async () => {
  server = await serve();
  browser = await launch();
  scratch = await mkdtemp(join(tmpdir(), 'pressure-test-'));
});
after(async () => {
  await browser?.close();
  server?.close();
  await rm(scratch, { recursive: true });
});

/** The built-in model in two parts with an index. */
async function sharded() {
  const folder = join(scratch, 'in-parts');
  await mkdir(folder);
  for (const name of ['config.json', 'tokenizer.json']) await copyFile(join(PEBBLE, name), join(folder, name));
  const whole = await readFile(join(PEBBLE, 'model.safetensors'));
  const length = Number(whole.readBigUInt64LE(0));
  const { __metadata__, ...tensors } = JSON.parse(whole.subarray(8, 8 + length).toString());
  const names = Object.keys(tensors);
  const index = {};
  for (const part of [0, 1]) {
    const file = `model-0000${part + 1}-of-00002.safetensors`;
    const [header, data] = [{}, []];
    let offset = 0;
    for (const name of names.filter((_, place) => place % 2 === part)) {
      const { data_offsets: [start, end], ...rest } = tensors[name];
      data.push(whole.subarray(8 + length + start, 8 + length + end));
      header[name] = { ...rest, data_offsets: [offset, (offset += end - start)] };
      index[name] = file;
    }
    const text = Buffer.from(JSON.stringify(header));
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(BigInt(text.length));
    await writeFile(join(folder, file), Buffer.concat([size, text, ...data]));
  }
  await writeFile(join(folder, 'model.safetensors.index.json'), JSON.stringify({ metadata: {}, weight_map: index }));
  return folder;
}

/** The built-in model as one GGUF file of 8 bits. */
async function gguf() {
  const folder = join(scratch, 'gguf');
  const recipe = ['--method', 'round_to_nearest', '--bits', '8', '--group-size', '32', '--symmetric'];
  await promisify(execFile)(PROGRAM, ['compress', '--model', 'builtin', ...recipe, '--format', 'gguf', '--out', folder]);
  return join(folder, 'model.gguf');
}

async function drag(page, path) {
  const session = await page.context().newCDPSession(page);
  for (const type of ['dragEnter', 'dragOver', 'drop']) {
    await session.send('Input.dispatchDragEvent', { type, x: 200, y: 200, data: { items: [], files: [path], dragOperationsMask: 1 } });
  }
}

/** The perplexity in the page of a model dragged onto it, or of the built-in one. */
async function perplexity(path, name) {
  const page = await openPage(browser, `${server.url}#probes=perplexity`);
  await waitFor(page, 'ready', 'true');
  if (path) {
    await drag(page, path);
    await page.getByText(name).first().waitFor();
  }
  await waitFor(page, 'ready', 'true');
  const panel = await page.locator('fieldset.model').innerText();
  await page.getByTestId('run').click();
  await waitFor(page, 'state', 'done');
  const results = await page.locator('section.results').innerText();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('download').click()]);
  const report = JSON.parse(await readFile(await download.path(), 'utf8'));
  assert.deepEqual(page.problems, []);
  await page.context().close();
  return { panel, results, model: report.model, value: report.before.scores.find(({ name }) => name === 'perplexity').value };
}

test('a folder in parts and a GGUF file are dragged onto the page, and are the model that they were made of', async () => {
  const parts = await perplexity(await sharded(), 'in-parts');
  const packed = await perplexity(await gguf(), 'model');
  const { value } = await perplexity();
  assert.ok(Math.abs(parts.value - value) < 1e-9, `${parts.value} in parts, ${value} whole`);
  assert.ok(Math.abs(packed.value - value) < 0.02 && packed.value !== value, `${packed.value} in 8 bits, ${value} whole`);
  assert.notEqual(parts.model.hash, packed.model.hash);
  assert.match(packed.panel, /MB on disk: \d+ tensors Q8_0, \d+ F16, \d+ F32|MB on disk: \d+ tensors Q8_0, \d+ F32, \d+ F16/);
  for (const text of [packed.panel, packed.results]) assert.match(text, /starting point is already compressed, to about 8\.5 bits a weight/);
  for (const text of [parts.panel, parts.results]) assert.doesNotMatch(text, /already compressed/);
});
