// A room: one machine serves page, engine and models to the others by plain http, where a browser gives the page less.
import assert from 'node:assert/strict';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { addresses, share } from '../../scripts/share.mjs';
import { DIST, launch, openPage, waitFor } from './browser.mjs';
import { makeGguf } from './gguf.mjs';


const GOLDEN = fileURLToPath(new URL('../golden/', import.meta.url));
const SECRET = 'not for the room';
let scratch;
let server;
let port;
let browser;
let outer;
let gguf;

before(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'share-'));
  const room = join(scratch, 'room');
  await mkdir(join(room, 'tiny model'), { recursive: true });
  await mkdir(join(scratch, 'room-beside'));
  gguf = await makeGguf();
  await writeFile(join(room, 'tiny-Q8_0.gguf'), gguf);
  for (const name of ['config.json', 'model.safetensors', 'tokenizer.json']) await copyFile(join(GOLDEN, 'llama_gqa', name), join(room, 'tiny model', name));
  await writeFile(join(scratch, 'secret.gguf'), SECRET);
  await writeFile(join(scratch, 'room-beside', 'secret.gguf'), SECRET);
  await writeFile(join(room, '.hidden.gguf'), SECRET);
  await symlink(join(scratch, 'secret.gguf'), join(room, 'link.gguf'));
  await symlink(scratch, join(room, 'up'));
  server = await share(room);
  await new Promise((resolve) => server.listen(0, resolve));
  port = server.address().port;
  [outer] = addresses(port);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server?.closeAllConnections();
  server?.close();
  await rm(scratch, { recursive: true });
});

const get = (path, headers = {}, method = 'GET') => fetch(`http://127.0.0.1:${port}${path}`, { headers, method });

/** What is answered to a path and headers exactly as they are written, which no client sends by itself. */
function raw(path, headers = '') {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`GET ${path} HTTP/1.1\r\nhost: room\r\nconnection: close\r\n${headers}\r\n`));
    const parts = [];
    socket.on('data', (part) => parts.push(part)).on('end', () => resolve(Buffer.concat(parts).toString('latin1'))).on('error', reject);
  });
}

test('the page and the models are served with their types, by ranges, for other sites too, and kept as long as they may be', async () => {
  const page = await get('/');
  assert.match(page.headers.get('content-type'), /^text\/html/);
  assert.equal(page.headers.get('cache-control'), 'no-cache');
  const html = await page.text();
  const again = (path, answer) => raw(path, `if-none-match: ${answer.headers.get('etag')}\r\n`);
  assert.match(await again('/', page), /^HTTP\/1\.1 304 /);
  const script = await get(`/${/assets\/[^"]+\.js/.exec(html)[0]}`);
  assert.match(script.headers.get('content-type'), /javascript/);
  assert.match(script.headers.get('cache-control'), /max-age=31536000, immutable/);

  const program = await fetch(`http://127.0.0.1:${port}/assets/${(await readdir(join(DIST, 'assets'))).find((name) => /^pressure_test_bg.*wasm$/.test(name))}`);
  assert.deepEqual([program.headers.get('content-type'), program.headers.get('content-encoding')], ['application/wasm', 'gzip']);
  assert.ok(Number(program.headers.get('content-length')) < 3e6 && (await program.arrayBuffer()).byteLength > 6e6, 'packed on the way');

  const path = '/room/tiny-Q8_0.gguf';
  const whole = await get(path);
  assert.equal(whole.headers.get('access-control-allow-origin'), '*');
  assert.match(whole.headers.get('access-control-expose-headers'), /ETag.*Content-Range/);
  assert.equal(whole.headers.get('cache-control'), 'no-cache');
  assert.deepEqual(Buffer.from(await whole.arrayBuffer()), gguf);
  assert.match(await again(path, whole), /^HTTP\/1\.1 304 /);
  const part = await get(path, { range: 'bytes=4-7' });
  assert.deepEqual([part.status, part.headers.get('content-range')], [206, `bytes 4-7/${gguf.length}`]);
  assert.deepEqual(Buffer.from(await part.arrayBuffer()), gguf.subarray(4, 8));
  assert.equal((await get(path, { range: `bytes=${gguf.length}-` })).status, 416);
  assert.equal((await get(path, {}, 'HEAD')).headers.get('content-length'), String(gguf.length));
  assert.equal((await get(path, {}, 'PUT')).status, 405);
  const entries = await (await get('/room/index.json')).json();
  const size = (await readFile(join(GOLDEN, 'llama_gqa', 'model.safetensors'))).length;
  assert.deepEqual(entries, [{ name: 'tiny model', type: 'directory', size }, { name: 'tiny-Q8_0.gguf', type: 'file', size: gguf.length }]);
  const inside = await (await get('/room/tiny%20model/index.json')).json();
  assert.deepEqual(inside.map(({ name }) => name), ['config.json', 'model.safetensors', 'tokenizer.json']);
});

test('nothing outside of the folder is served, by whatever path', async () => {
  const tried = [
    '/room/../secret.gguf', '/room/%2e%2e/secret.gguf', '/room/..%2fsecret.gguf', '/room/%2e%2e%2fsecret.gguf', '/room/..%5csecret.gguf', '/room//../../secret.gguf',
    '/room/../room-beside/secret.gguf', '/room/%2e%2e/room-beside/secret.gguf', '/room/tiny%20model/../../secret.gguf', '/room/link.gguf', '/room/up/secret.gguf', '/room/up/index.json',
    '/room/..%2findex.json', '/room/%2e%2e%2f%2e%2e%2findex.json', '/room/.hidden.gguf', '/room/%00', '/room/%zz', '/../package.json', '/%2e%2e/package.json', '/..%2fpackage.json', 'http://room/room/../secret.gguf', '//room/secret.gguf',
  ];
  for (const path of tried) {
    const answer = await raw(path);
    assert.match(answer, /^HTTP\/1\.1 4\d\d /, path);
    assert.ok(!answer.includes(SECRET) && !answer.includes('secret') && !answer.includes('"scripts"'), `${path}: ${answer}`);
  }
});

test('the folder of one model is a room with that model alone', async (t) => {
  const own = await share(join(scratch, 'room', 'tiny model'));
  await new Promise((resolve) => own.listen(0, '127.0.0.1', resolve));
  t.after(() => own.close());
  const at = (path) => fetch(`http://127.0.0.1:${own.address().port}/room/${path}`);
  assert.deepEqual((await (await at('index.json')).json()).map(({ name }) => name), ['tiny model']);
  assert.equal((await at('tiny%20model/config.json')).status, 200);
  assert.equal((await at('tiny-Q8_0.gguf')).status, 404, 'what lies beside it is not shared');
});

const hasNetwork = Object.values(networkInterfaces()).flat().some(({ internal, family }) => !internal && family === 'IPv4');

test('by plain http from another machine: a card of the room, a download into memory, a run, and what is missing is said', { skip: hasNetwork ? false : 'this machine is in no network', timeout: 180_000 }, async () => {
  const page = await openPage(browser, `${outer}#probes=machine_ethics&method=round_to_nearest`, { serviceWorkers: 'allow' });
  await waitFor(page, 'ready', 'true');
  assert.equal(await page.evaluate(() => isSecureContext), false);
  await page.getByTestId('choose').click();
  assert.match(await page.getByTestId('unkept').innerText(), /opened by plain http, so the browser gives it no storage: a model that is downloaded stays until this tab is closed/);
  for (const name of ['tiny model', 'tiny-Q8_0']) {
    await page.getByTestId('room-models').locator('li').filter({ hasText: name }).getByRole('button').click();
    await page.getByTestId('download-model').click(); // of the page's own server: without being asked for consent
    await page.getByTestId('chooser').waitFor({ state: 'hidden' });
    await waitFor(page, 'ready', 'true');
    assert.ok((await page.getByTestId('model').innerText()).startsWith(name), name);
    await page.getByTestId('choose').click();
    assert.match((await page.getByTestId('stored').allInnerTexts()).find((text) => text.includes(name)), /Loaded/);
  }
  await page.getByTestId('close').click();
  await page.getByText('Where it runs').click();
  await page.locator('#backend').selectOption({ label: 'the graphics card' });
  await page.getByTestId('run').click();
  await waitFor(page, 'state', 'done');
  assert.match(await page.getByTestId('graphics').innerText(), /only to pages of https or localhost\. This runs on the processor\./);
  assert.deepEqual(page.problems.filter((problem) => !/room\/tiny.*(404|ERR_ABORTED)|status of 404/.test(problem)), []);
  await page.context().close();
});
