// Models from the reader's disk, dragged onto the page as a person does it.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
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

/** A folder with these files: GGUF files by what they are copied from, others by their text. */
async function folder(name, files) {
  const path = join(scratch, name);
  await mkdir(path);
  for (const [file, content] of Object.entries(files)) {
    await (file.toLowerCase().endsWith('.gguf') ? copyFile(content, join(path, file)) : writeFile(join(path, file), content));
  }
  return path;
}

test('of several GGUF files the reader chooses one; projectors are passed over, and what is no part of it is named', async () => {
  const whole = join(scratch, 'gguf', 'model.gguf');
  const cut = join(scratch, 'cut.gguf');
  await writeFile(cut, (await readFile(whole)).subarray(0, 1e6));
  const path = await folder('two', {
    'pebble-q8_0.gguf': whole,
    'other-00001-of-00002.GGUF': cut,
    'other-00002-of-00002.GGUF': cut,
    'mmproj-model-f16.gguf': cut,
    'README.md': '# Two models',
  });
  const page = await openPage(browser, `${server.url}#probes=machine_ethics&method=round_to_nearest`);
  await waitFor(page, 'ready', 'true');
  await drag(page, path);
  const pick = page.getByTestId('pick');
  await pick.waitFor();
  const buttons = pick.locator('.picks button');
  assert.deepEqual((await buttons.allInnerTexts()).map((text) => text.replace(/\s+/g, ' ').trim()).sort(), [
    'other.gguf in 2 parts 2.00 MB',
    `pebble-q8_0.gguf ${((await stat(whole)).size / 1e6).toFixed(2)} MB`,
  ]);
  const chosen = buttons.filter({ hasText: 'pebble' });
  while (!(await chosen.evaluate((button) => button === document.activeElement))) await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.getByTestId('chooser').waitFor({ state: 'hidden' });
  const model = await page.getByTestId('model').innerText();
  assert.match(model, /^pebble-q8_0/);
  const others = await page.getByTestId('others').innerText();
  for (const name of ['README.md', 'mmproj-model-f16.gguf', 'other.gguf in 2 parts']) assert.ok(others.includes(name), others);
  await page.getByTestId('run').click();
  await waitFor(page, 'state', 'done');
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test('files that are no model are named, and so are the forms that are not read', async () => {
  const page = await openPage(browser, server.url);
  await waitFor(page, 'ready', 'true');
  const refused = async (path, pattern) => {
    await drag(page, path);
    await page.getByTestId('error').filter({ hasText: pattern }).waitFor({ timeout: 10_000 });
  };
  await refused(await folder('pictures', { 'a.png': '', 'b.txt': '' }), /^There is no model among these files \(a\.png, b\.txt\): choose a folder/);
  const config = await readFile(join(PEBBLE, 'config.json'));
  await refused(await folder('torch', { 'config.json': config, 'pytorch_model.bin': 'x' }), /pytorch_model\.bin/);
  assert.match(await page.getByTestId('model').innerText(), /^Pebble/, 'the model before it stays');
  await page.context().close();
});

test('everything that a model is made of reaches the engine', async () => {
  const kept = ['chat_template.jinja', 'config.json', 'generation_config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer.model', 'tokenizer_config.json'];
  const page = await openPage(browser, server.url);
  await waitFor(page, 'ready', 'true');
  await page.evaluate(() => {
    const { postMessage } = Worker.prototype;
    Worker.prototype.postMessage = function (message) {
      if (message.kind === 'fit') window.given = message.files.map(({ name }) => name);
      postMessage.call(this, message);
    };
  });
  await drag(page, await folder('everything', Object.fromEntries([...kept, 'notes.txt'].map((name) => [name, '{}']))));
  await waitFor(page, 'state', 'error');
  assert.deepEqual(await page.evaluate(() => window.given.sort()), kept);
  await page.context().close();
});

test('a report that was downloaded before gives its recipe, and its version is named', async () => {
  const page = await openPage(browser, server.url);
  await waitFor(page, 'ready', 'true');
  const reported = (version, extra = {}) => ({
    version,
    model: { name: 'SmolLM2' },
    recipe: { method: 'gptq', settings: { bits: 3 }, calibration: { seeds: 2 }, evaluation: { ask: 'likelihood', items: 60 }, probes: ['privacy', 'machine_ethics'], ...extra },
  });
  const folder = join(scratch, 'reports');
  await mkdir(folder);
  const dropped = async (name, text) => {
    await writeFile(join(folder, name), text);
    await drag(page, join(folder, name));
  };
  const notice = page.getByTestId('notice-link');
  await dropped('old.json', JSON.stringify(reported(1)));
  await notice.getByText('“old.json” is a report of version 1 about SmolLM2, whose words this page no longer speaks').waitFor();
  const link = new URLSearchParams(new URL(page.url()).hash.slice(1));
  assert.deepEqual(
    ['method', 'settings.bits', 'calibration.seeds', 'evaluation.ask', 'evaluation.items', 'probes'].map((key) => link.get(key)),
    ['gptq', '3', '2', 'likelihood', '60', 'privacy,machine_ethics'],
  );
  // What a recipe cannot have is named, and a report of today is not called old.
  await dropped('new.json', JSON.stringify(reported(2, { settings: { bits: 99 } })));
  await notice.getByText('“new.json” is a report of version 2 about SmolLM2. Its recipe is in the controls now').waitFor();
  assert.match(await notice.innerText(), /99/);
  for (const [name, text] of [['list.json', '[1, 2]'], ['cut.json', '{"version": 2, "rec'], ['other.json', '{"version": 2, "recipe": {"method": 7}}']]) {
    await dropped(name, text);
    await page.getByText(`“${name}” is neither a model nor a report of this page`).waitFor();
  }
  await page.context().close();
});

/** What version 1 of this page wrote as its link: every setting is in it, so that it means now what it meant. */
test('a link of version 1 asks as it did', async () => {
  const link = 'method=round_to_nearest&settings.bits=4&evaluation.ask=likelihood&evaluation.items=20&evaluation.source=classroom&evaluation.samples=5&evaluation.template=auto&evaluation.seed=0';
  const page = await openPage(browser, `${server.url}#${link}`);
  await waitFor(page, 'ready', 'true');
  const now = new URLSearchParams(new URL(page.url()).hash.slice(1));
  for (const [key, value] of new URLSearchParams(link)) assert.equal(now.get(key), value, key);
  assert.equal(await page.getByTestId('notice-link').count(), 0);
  await page.context().close();
});
