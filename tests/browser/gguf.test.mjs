// GGUF files of other hosts: repositories of them, one by its address, folders with a list; chosen, looked at and downloaded.
import assert from 'node:assert/strict';
import { before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';
import { address, check, failure, hub, loaded, models, open, openAt, page, server, test } from './hub-page.mjs';
import { waitFor } from './browser.mjs';
import { makeGguf, padded, parts, sections } from './gguf.mjs';
import { commitOf } from './hub-server.mjs';

let gguf;
let longer;
let split;
before(async () => {
  gguf = await makeGguf();
  longer = padded(gguf, 3.5e6);
  split = parts(gguf);
});

const load = async (name) => (await runnerImport(fileURLToPath(new URL(`../../www/${name}.ts`, import.meta.url)), { configFile: false, logLevel: 'error' })).module;
const text = async (id) => (await page.getByTestId(id).innerText()).replace(/\s+/g, ' ');
const linked = () => new URLSearchParams(new URL(page.url()).hash.slice(1));
const shelf = async () => (await page.getByTestId('shelf').locator('.picks button').allInnerTexts()).map((each) => each.replace(/\s+/g, ' ').trim());
const asked = (name) => hub.log.filter(({ server, path }) => server === 'content' && path.endsWith(name));

test('names and headers say of what form a file is, and which files are parts of one', async () => {
  const { formOf, ggufModels, partNames, readGgufHeader, describeTypes } = await load('hub/gguf');
  const forms = [
    ['smollm2-135m-instruct-q8_0.gguf', 'Q8_0'], ['Llama-3.2-1B-Instruct-Q4_K_M.gguf', 'Q4_K_M'], ['tinyllama-1.1b-chat-v1.0.Q3_K_L.gguf', 'Q3_K_L'],
    ['gemma-3-270m-it-UD-Q4_K_XL.gguf', 'Q4_K_XL'], ['x-IQ4_XS.gguf', 'IQ4_XS'], ['x-TQ2_0.GGUF', 'TQ2_0'], ['qwen2.5-0.5b-instruct-fp16.gguf', 'F16'], ['x-BF16.gguf', 'BF16'],
    ['gpt-oss-MXFP4.gguf', 'MXFP4'], ['Q2-named-model-q5_0-00001-of-00003.gguf', 'Q5_0'], ['model.gguf', null], ['Qwen3-0.6B.gguf', null],
  ];
  for (const [name, form] of forms) assert.equal(formOf(name), form, name);
  const named = ['b/x-00002-of-00002.gguf', 'b/x-00001-of-00002.gguf', 'mmproj-x-f16.gguf', 'x-mmproj-f16.gguf', 'b/mmproj.gguf', 'y.gguf', 'README.md'];
  assert.deepEqual(ggufModels(named), [{ name: 'b/x.gguf in 2 parts', files: ['b/x-00001-of-00002.gguf', 'b/x-00002-of-00002.gguf'] }, { name: 'y.gguf', files: ['y.gguf'] }]);
  assert.deepEqual(partNames('b/x-00002-of-00002.gguf'), named.slice(0, 2).sort());
  const { end } = sections(gguf);
  const header = readGgufHeader(gguf);
  assert.equal(header.end, end);
  assert.match(describeTypes(header.types), /^\d+ tensors (Q8_0|F32), \d+ (Q8_0|F32)/);
  assert.equal(readGgufHeader(gguf.subarray(0, end)).end, end);
  for (const cut of [0, 3, 4, 23, 24, 100, end - 1]) assert.equal(readGgufHeader(gguf.subarray(0, cut)), 'cut', `${cut} bytes`);
  assert.equal(readGgufHeader(Buffer.from('<!doctype html><html>')), null);
  const hostile = Buffer.from(gguf);
  hostile.writeBigUInt64LE(2n ** 63n, 16); // so many entries
  assert.equal(readGgufHeader(hostile), null);
});

test('of a repository of GGUF files the reader chooses one, only its header is read, and the link says which', async () => {
  await open();
  const [first, second] = split;
  hub.models['test/tiny-GGUF'] = {
    files: { 'tiny-Q8_0.gguf': gguf, 'tiny-Q4_K_M.gguf': longer, 'split/tiny-Q5_0-00001-of-00002.gguf': first, 'split/tiny-Q5_0-00002-of-00002.gguf': second, 'mmproj-tiny-f16.gguf': gguf, '../up.gguf': gguf, 'README.md': Buffer.from('# tiny') },
  };
  await check('test/tiny-GGUF');
  await page.getByTestId('shelf').waitFor();
  const size = (bytes) => (bytes < 1e6 ? `${(bytes / 1e3).toFixed(0)} kB` : `${(bytes / 1e6).toFixed(2)} MB`);
  assert.deepEqual(await shelf(), [
    `tiny-Q8_0.gguf Q8_0, ${size(gguf.length)}`,
    `split/tiny-Q5_0.gguf in 2 parts Q5_0, ${size(first.length + second.length)}`,
    `tiny-Q4_K_M.gguf Q4_K_M, ${size(longer.length)}`,
  ]);
  assert.deepEqual(hub.log.filter(({ server }) => server === 'content'), [], 'nothing of any file was read');
  await page.getByTestId('shelf').getByRole('button', { name: /tiny-Q8_0/ }).click();
  await page.getByTestId('offer').waitFor();
  assert.match(await text('offer'), /test\/tiny-GGUF@[0-9a-f]{40}, tiny-Q8_0\.gguf It fits this device/);
  assert.match(await text('stored-as'), /By its header: \d+ tensors .*Q8_0/);
  await page.getByTestId('back-to-shelf').click();
  await page.getByTestId('shelf').getByRole('button', { name: /in 2 parts/ }).click();
  await page.getByTestId('download-model').click();
  assert.match(await loaded(), /tiny-Q5_0[^]*Q8_0[^]*split\/tiny-Q5_0-00001-of-00002\.gguf of test\/tiny-GGUF at/);
  assert.equal(linked().get('model'), `test/tiny-GGUF@${commitOf(hub.models['test/tiny-GGUF'])}`);
  assert.equal(linked().get('file'), 'split/tiny-Q5_0-00001-of-00002.gguf');

  const link = page.url();
  await hub.stop();
  await page.goto('about:blank');
  await page.goto(link);
  assert.match(await loaded(), /tiny-Q5_0/, 'it is stored here');
});

test('a long header is read piece by piece, and no more of the file', async () => {
  await open();
  hub.models['test/long'] = { files: { 'tiny.gguf': Buffer.concat([longer, Buffer.alloc(8e6)]) } };
  await check('test/long');
  await page.getByTestId('offer').waitFor();
  const { end } = sections(longer);
  const ranges = asked('tiny.gguf').map(({ from, to }) => [from, to + 1]);
  assert.ok(ranges.length >= 3, 'in pieces');
  assert.ok(ranges.every(([from], place) => from === (place === 0 ? 0 : ranges[place - 1][1])), 'each byte once');
  assert.ok(ranges.at(-1)[1] >= end && ranges.at(-1)[1] < 2 * end + 65_536, `${ranges.at(-1)[1]} bytes of a header of ${end}`);

  // One that ends just where a piece does: the engine reads some bytes ahead of it.
  const exact = padded(gguf, 2 ** 22 - sections(gguf).end - 200);
  assert.ok(2 ** 22 - sections(exact).end < 200 && sections(exact).end < 2 ** 22);
  hub.models['test/exact'] = { files: { 'exact.gguf': exact } };
  await check('test/exact');
  await page.getByTestId('offer').filter({ hasText: 'exact.gguf' }).waitFor();
});

test('one file is found by its address, in a repository or in a folder', async () => {
  await open();
  const [first, second] = split;
  hub.models['test/files'] = { files: { 'a b/tiny-Q8_0.gguf': gguf, 'other.gguf': gguf, 'p-00001-of-00002.gguf': first, 'p-00002-of-00002.gguf': second } };
  const cases = [
    [`${hub.url}/test/files/resolve/main/a%20b/tiny-Q8_0.gguf?download=true`, /test\/files@[0-9a-f]{40}, a b\/tiny-Q8_0\.gguf/],
    [`${hub.url}/test/files/blob/main/other.gguf`, /test\/files@[0-9a-f]{40}, other\.gguf/],
    [`${hub.url}/folder/test/files/other.gguf`, /\/folder\/test\/files\/, other\.gguf/],
    [`${hub.url}/folder/test/files/p-00002-of-00002.gguf`, /\/folder\/test\/files\/, p-00001-of-00002\.gguf/],
  ];
  for (const [typed, pattern] of cases) {
    await check(typed);
    await page.getByTestId('offer').filter({ hasText: pattern }).waitFor();
  }
  await page.getByTestId('download-model').click();
  assert.match(await loaded(), /^p[^]*from p-00001-of-00002\.gguf of http/);
  assert.equal(linked().get('file'), 'p-00001-of-00002.gguf');
  await page.getByTestId('choose').click();
  await check(`${hub.url}/test/files/blob/main/nothing.gguf`);
  assert.match(await failure(), /test\/files has no GGUF file nothing\.gguf at [0-9a-f]{7}: leave it out of the address/);
});

/** Lists as servers write them; with what would lead elsewhere. */
const LISTS = {
  python: ['html', (names) => `<!DOCTYPE HTML><title>Directory listing</title><ul><li><a href="../">..</a></li>${names.map((name) => `<li><a href="${encodeURIComponent(name)}">${name}</a></li>`).join('')}<li><a href="small/">small/</a></li><li><a href="https://elsewhere.example/x.gguf">x</a></li><li><a href="/folder/test/other/y.gguf">y</a></li><li><a href="..%2F..%2Fz.gguf">z</a></li></ul>`],
  nginx: ['html', (names) => `<html><head><title>Index of /</title></head><pre><a href="../">../</a>\n${names.map((name) => `<a href="${encodeURIComponent(name)}">${name}</a>   26-Nov-2026 10:00   2M`).join('\n')}\n<a href="small/">small/</a></pre>`],
  'nginx in JSON': ['json', (names) => JSON.stringify([{ name: 'small', type: 'directory', mtime: 'today' }, ...names.map((name) => ({ name, type: 'file', size: gguf.length })), { name: '../z.gguf', type: 'file', size: 1 }])],
  caddy: ['html', (names) => `<!DOCTYPE html><table>${names.map((name) => `<tr><td><a href="./${encodeURIComponent(name)}"><span class="name">${name}</span></a></td><td>2 MiB</td></tr>`).join('')}<tr><td><a href="./small/">small/</a></td></tr></table>`],
  'index.json': ['index', (names) => JSON.stringify(['small/', ...names])],
};

test('a folder’s list is read as common servers write it, and nothing in it leads elsewhere', async () => {
  await open();
  const files = { 'tiny-Q8_0.gguf': gguf, 'other model.gguf': gguf, 'notes.txt': Buffer.from('x') };
  for (const [name, [type, write]] of Object.entries(LISTS)) {
    hub.models['test/room'] = { files, list: { type, body: write(Object.keys(files)) } };
    await check(`${hub.url}/folder/test/room/`);
    await page.getByTestId('shelf').waitFor();
    const found = (await shelf()).map((each) => each.replace(/ (Q8_0, )?[\d.]+ [kM]B$/, '')).sort();
    assert.deepEqual(found, ['other model.gguf', 'small a folder', 'tiny-Q8_0.gguf'], name);
  }
  await page.getByTestId('shelf').getByRole('button', { name: /other model/ }).click();
  await page.getByTestId('download-model').click();
  assert.match(await loaded(), /^other model/);
  assert.equal(linked().get('file'), 'other model.gguf');
});

test('a link that names a file asks nobody before the reader agrees, and one that misleads is named', async () => {
  hub.models['test/files'] = { files: { 'tiny.gguf': gguf } };
  await openAt(`${address('test/files')}&file=tiny.gguf`);
  assert.match(await text('consent'), /of tiny\.gguf in test\/files@main/);
  assert.deepEqual(hub.log, []);
  await page.getByTestId('agree').click();
  await page.getByTestId('offer').waitFor();
  await page.context().close();
  hub.log.length = 0;
  const hostile = ['../../../api/x.gguf', 'a/../b.gguf', './b.gguf', '/b.gguf', 'https://elsewhere.example/x.gguf', 'a\\b.gguf', 'x.gguf?y', 'x.safetensors', '%2e%2e/x.gguf', '', `${'x'.repeat(600)}.gguf`];
  for (const file of hostile) {
    await openAt(`${address('test/files')}&file=${encodeURIComponent(file)}&run=1`);
    await waitFor(page, 'ready', 'true');
    assert.match(await text('notice-link'), /is no name of a GGUF file/, file);
    assert.deepEqual(hub.log.splice(0).filter(({ path }) => path.includes('.gguf')), [], file);
    await page.context().close();
  }
  await openAt(`${server.url}#file=tiny.gguf&run=1`);
  await waitFor(page, 'ready', 'true');
  assert.match(await text('notice-link'), /“file=tiny\.gguf” is of no model, since the link names none/);
});

test('of what is too large it is said at once which file of the same place fits', async () => {
  await open();
  const small = { 'big-Q4_K_M.gguf': gguf, 'big-Q8_0.gguf': gguf };
  const files = { ...models['test/tiny'].files, ...small };
  hub.models['test/big'] = { files };
  const sizes = { 'model.safetensors': 6.2e9, 'big-Q4_K_M.gguf': 1.1e9, 'big-Q8_0.gguf': 3.3e9 };
  const stated = (id, all) => ({ status: 200, body: JSON.stringify({ id, sha: commitOf(hub.models[id]), siblings: Object.keys(all).map((rfilename) => ({ rfilename, size: sizes[rfilename] ?? all[rfilename].length })) }) });
  hub.fault = ({ path }) => (path.startsWith('/api/models/') ? stated('test/big', files) : null);
  await check('test/big');
  assert.match(await text('fit'), /Its weights alone have 6\.2 GB, and a web page can address only 4\.3 GB/);
  assert.equal(await text('instead'), 'Look at its Q4_K_M (1.1 GB) instead');
  assert.deepEqual(hub.log.filter(({ server }) => server === 'content'), [], 'before anything was read');

  // The files of the repository beside it, under the usual name.
  hub.models['test/alone'] = { files: models['test/tiny'].files };
  hub.models['test/alone-GGUF'] = { files: small };
  hub.fault = ({ path }) => (path.startsWith('/api/models/test/alone-GGUF') ? stated('test/alone-GGUF', small) : path.startsWith('/api/') ? stated('test/alone', hub.models['test/alone'].files) : null);
  await check('test/alone');
  await page.getByTestId('offer').filter({ hasText: 'test/alone@' }).waitFor();
  assert.equal(await text('instead'), 'Look at its Q4_K_M (1.1 GB) instead');
  await page.getByTestId('instead').click();
  await page.getByTestId('offer').filter({ hasText: 'test/alone-GGUF@' }).waitFor();

  hub.models['test/big'] = { files: small };
  hub.fault = ({ path }) => (path.startsWith('/api/models/') ? stated('test/big', small) : null);
  await check('test/big');
  await page.getByTestId('shelf').waitFor();
  const [smaller, larger] = await shelf();
  hub.fault = () => null;
  hub.hideHashes = true; // and sizes
  await check('test/big');
  await page.getByTestId('shelf').locator('.picks button').filter({ hasText: /Q8_0\s*$/ }).waitFor(); // without a size
  await page.getByTestId('shelf').getByRole('button', { name: /big-Q8_0/ }).click();
  await page.getByTestId('offer').filter({ hasText: 'It fits this device' }).waitFor();
  assert.match(smaller, /^big-Q4_K_M\.gguf Q4_K_M, 1\.10 GB$/);
  assert.match(larger, /^big-Q8_0\.gguf Seems too large\. A web page can address only 4\.3 GB\. Q8_0, 3\.30 GB$/);
});
