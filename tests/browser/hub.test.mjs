// Choosing, downloading and keeping a model: the built page in a real Chromium, against a server that behaves like the
// hub and against one that has a bad day.
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test as anyTest } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DIST, launch, launchFrom, openIn, openPage, serve, waitFor } from './browser.mjs';
import { commitOf, serveHub } from './hub-server.mjs';

const GOLDEN = fileURLToPath(new URL('../golden/', import.meta.url));
const test = (name, run) => anyTest(name, { timeout: 120_000 }, run);
/** A tiny random model, and the built-in one, which stands in for a large one. */
let models;
let server;
let browser;
let hub;
let page;

async function readFolder(folder) {
  const names = (await readdir(folder)).filter((name) => /^(config|tokenizer|model)\b/.test(name));
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))])));
}

before(async () => {
  const pebble = await readFolder(join(DIST, 'pebble'));
  models = { 'test/tiny': { files: await readFolder(join(GOLDEN, 'llama_gqa')) }, 'test/large': { files: pebble } };
  server = await serve();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server?.close();
});
beforeEach(async () => {
  hub = await serveHub({ ...models });
  page = null;
});
afterEach(async () => {
  const crashes = page?.problems.filter((problem) => problem.startsWith('page:')) ?? [];
  await page?.context().close();
  await hub.stop();
  assert.deepEqual(crashes, [], 'the page threw');
});

/** The address of the page with this server as its hub. */
function address(model) {
  const hash = new URLSearchParams({ hub: hub.url, ...(model && { model }) });
  return `${server.url}#${hash}`;
}

/** Opens the page with its panel open. */
async function open() {
  page = await openPage(browser, address());
  await openPanel();
}

async function openPanel() {
  await waitFor(page, 'ready', 'true');
  await page.getByTestId('choose').click();
}

async function check(typed) {
  await page.locator('#address').fill(typed);
  await page.getByTestId('check').click();
}

async function download(typed) {
  await check(typed);
  await page.getByTestId('download-model').click();
}

/** Waits until the panel has closed over a loaded model, and gives what the page says of it. */
async function loaded() {
  await page.getByTestId('chooser').waitFor({ state: 'hidden', timeout: 60_000 });
  await waitFor(page, 'ready', 'true');
  return page.getByTestId('model').innerText();
}

/** The sentence of the failure. */
async function failure() {
  const error = page.getByTestId('chooser').getByTestId('error');
  await error.waitFor({ timeout: 60_000 });
  const text = await error.innerText();
  assert.match(text, /^[^\n]{30,400}\.$/, 'one sentence or two');
  return text;
}

async function notice(pattern) {
  await page.getByTestId('notice').filter({ hasText: pattern }).waitFor({ timeout: 60_000 });
}

/** What every range that was asked of the weights began with, without the two that read the header. */
function downloads() {
  return hub.ranges('model.safetensors').slice(2);
}

/** Does what goes wrong once to the download of the weights; afterwards the server is well. */
function onceInWeights(fault) {
  let done = false;
  hub.fault = ({ server, from, to }) => {
    if (done || server !== 'content' || to !== undefined || from === undefined) return null;
    done = true;
    return fault;
  };
}

async function arrived(bytes) {
  await page.waitForFunction((bytes) => document.querySelector('[data-testid=downloading] progress')?.value >= bytes, bytes, { timeout: 60_000 });
}

test('a model of the hub is checked, downloaded, loaded, and pinned in the link', async () => {
  await open();
  await check('test/tiny');
  await page.getByTestId('offer').waitFor();
  assert.equal(hub.ranges('model.safetensors').length, 2, 'only the header was read');
  const commit = commitOf(models['test/tiny']);
  assert.match(await page.getByTestId('offer').innerText(), new RegExp(`test/tiny@${commit}`));
  assert.match(await page.getByTestId('offer').innerText(), /It fits this device\. In memory it takes about 1 MB as it is and 1 MB squeezed to 4 bits/);
  await page.getByTestId('download-model').click();
  assert.match(await loaded(), new RegExp(`tiny[^]*test/tiny at ${commit.slice(0, 7)}`));
  assert.equal(new URLSearchParams(new URL(page.url()).hash.slice(1)).get('model'), `test/tiny@${commit}`);
  await page.getByTestId('run').click();
  await page.waitForFunction(() => ['done', 'error'].includes(document.documentElement.dataset.state), null, { timeout: 60_000 });
  for (const { headers, method, path } of hub.log) {
    assert.equal(method, 'GET', `${path}: no preflight`);
    assert.equal(headers.referer, undefined, `${path}: no referrer`);
    assert.equal(headers.cookie, undefined, `${path}: no cookies`);
  }
});

test('a link to a model that is not here offers it, and to one that is here loads it, without the hub', async () => {
  page = await openPage(browser, address('test/tiny'));
  await page.getByTestId('download-model').click();
  await loaded();
  const link = page.url();
  await hub.stop();
  await page.goto('about:blank');
  await page.goto(link);
  assert.match(await loaded(), /test\/tiny at/);
  await page.getByTestId('choose').click();
  assert.ok(await page.getByTestId('stored').getByRole('button', { name: 'Delete' }).isDisabled(), 'it is in use');
});

test('a killed browser resumes where it was', async (t) => {
  const profile = await mkdtemp(join(tmpdir(), 'pressure-test-profile-'));
  t.after(() => rm(profile, { recursive: true, force: true }));
  let context = await launchFrom(profile);
  page = await openIn(context, address());
  await openPanel();
  onceInWeights({ hold: 3e6 });
  await download('test/large');
  await arrived(3e6);
  const session = await context.newCDPSession(page);
  session.send('Page.crash').catch(() => {}); // a dead page does not answer
  await page.waitForEvent('crash');
  await context.close();

  context = await launchFrom(profile);
  page = await openIn(context, address());
  await openPanel();
  assert.match(await page.getByTestId('stored').innerText(), /7\d\s%\sof 4\.\d+ MB is here/);
  await page.getByTestId('resume').click();
  await loaded();
  assert.deepEqual(downloads(), [0, 3e6]);
});

test('a cut connection, and a body that ends early, go on where they were', async () => {
  await open();
  for (const [name, fault] of [['cut', { cut: 1e6 }], ['early', { end: 1.5e6 }]]) {
    hub.models[`test/${name}`] = { files: { ...models['test/large'].files, 'tokenizer_config.json': Buffer.from(JSON.stringify({ name })) } };
    hub.log.length = 0;
    onceInWeights(fault);
    await download(`test/${name}`);
    await notice(name === 'cut' ? /broke off: trying again in 1 s/ : /ended model\.safetensors too early: trying again in 1 s/);
    await loaded();
    const [first, second, ...more] = downloads();
    assert.equal(first, 0);
    assert.ok(second > 0 && second <= 1.5e6, `went on at ${second}`);
    assert.deepEqual(more, []);
    await page.getByTestId('choose').click();
  }
});

test('a silent connection is given up and resumed', async () => {
  await open();
  onceInWeights({ hold: 2e6 });
  await download('test/large');
  await notice(/Nothing has come for 10 s: trying again/);
  await loaded();
  assert.deepEqual(downloads(), [0, 2e6]);
});

test('a server without ranges is asked for the whole file again', async () => {
  await open();
  let cut = false;
  hub.fault = ({ server, path, to }) => {
    if (server !== 'content' || !path.endsWith('.safetensors')) return null;
    if (to !== undefined || cut) return { noRange: true };
    cut = true;
    return { noRange: true, cut: 1e6 };
  };
  await download('test/large');
  await loaded();
  const [first, second] = downloads();
  assert.equal(first, 0);
  assert.ok(second > 0, 'it tried to go on');
});

test('a wrong hash discards that file, and says so', async () => {
  await open();
  onceInWeights({ corrupt: true });
  await download('test/large');
  assert.match(await failure(), /model\.safetensors is not what .* says it should be \(its SHA-256 is wrong\), so this file was discarded/);
  const stored = await page.getByTestId('stored').innerText();
  assert.match(stored, /\b2\s%\sof/, 'the tokenizer is kept');
  await page.getByTestId('resume').click();
  await loaded();
  assert.deepEqual(downloads(), [0, 0]);
});

test('a small file with a wrong hash is noticed too', async () => {
  await open();
  hub.fault = ({ path, from }) => (path.endsWith('tokenizer.json') && from === 0 ? { corrupt: true } : null);
  await download('test/tiny');
  assert.match(await failure(), /tokenizer\.json is not what .* \(its git hash is wrong\)/);
});

test('a file that is longer than stated is discarded', async () => {
  await open();
  onceInWeights({ longer: true });
  await download('test/large');
  assert.match(await failure(), /model\.safetensors is longer than the 4\.\d+ MB that .* stated, so this file was discarded/);
});

test('a full disk keeps what has come, and says what to delete', async () => {
  await open();
  const session = await page.context().newCDPSession(page);
  await check('test/large');
  await page.getByTestId('offer').waitFor();
  await session.send('Storage.overrideQuotaForOrigin', { origin: new URL(server.url).origin, quotaSize: 2e6 });
  await page.getByTestId('download-model').click();
  assert.match(await failure(), /storage for this page is full, with .* of model\.safetensors to go: delete a stored model/);
  await session.send('Storage.overrideQuotaForOrigin', { origin: new URL(server.url).origin });
  await page.getByTestId('resume').click();
  await loaded();
  const [first, second] = downloads();
  assert.equal(first, 0);
  assert.ok(second > 1e5 && second < 2e6, `went on at ${second}`);
});

test('the fit check sees a storage that is too small', async () => {
  await open();
  await page.evaluate(() => {
    // Chromium does not tell a page how much there really is.
    StorageManager.prototype.estimate = async () => ({ quota: 3e6, usage: 1e6 });
  });
  await check('test/large');
  assert.match(await page.getByTestId('fit').innerText(), /The browser has only \d MB of storage left for this page, and the files take 4 MB/);
  assert.equal(await page.getByTestId('offer').getAttribute('data-fit'), 'no');
});

test('offline is said, waited for, and gone through', async () => {
  await open();
  onceInWeights({ hold: 1e6 });
  await download('test/large');
  await arrived(1e6);
  await page.context().setOffline(true); // which leaves an open connection open, but it is silent
  await notice(/You are offline: this goes on as soon as you are connected again/);
  await page.context().setOffline(false);
  await loaded();
  assert.deepEqual(downloads(), [0, 1e6], 'it went on where it was');

  await page.getByTestId('choose').click();
  await page.context().setOffline(true);
  await check('test/tiny');
  assert.match(await failure(), /You are offline: models that are stored here still load/);
  await page.context().setOffline(false);
});

test('a download can be cancelled, resumed and deleted', async () => {
  await open();
  onceInWeights({ hold: 1e6 });
  await download('test/large');
  await arrived(1e6);
  await page.getByTestId('cancel-download').click();
  await page.getByTestId('resume').click();
  await loaded();
  assert.deepEqual(downloads(), [0, 1e6]);
  await page.getByTestId('choose').click();
  await page.getByTestId('builtin').click();
  await loaded();
  await page.getByTestId('choose').click();
  await page.getByTestId('stored').getByRole('button', { name: 'Delete large' }).click();
  await page.getByTestId('stored').waitFor({ state: 'detached' });
  const left = await page.evaluate(async () => {
    const names = [];
    for await (const name of (await (await navigator.storage.getDirectory()).getDirectoryHandle('models')).keys()) names.push(name);
    return names;
  });
  assert.deepEqual(left, []);
});

test('the rest of a cancelled download is what the check offers', async () => {
  await open();
  onceInWeights({ hold: 1e6 });
  await download('test/large');
  await arrived(1e6);
  await page.getByTestId('cancel-download').click();
  await check('test/large');
  assert.match(await page.getByTestId('download-model').innerText(), /^Download the other 3\.\d+ MB$/);
});

test('a second tab does not write into the first one’s download', async () => {
  await open();
  hub.fault = ({ server, to }) => (server === 'content' && to === undefined ? { hold: 1e6 } : null);
  await download('test/large');
  await arrived(1e6);
  const first = page;
  page = await openIn(first.context(), address());
  await openPanel();
  await download('test/large');
  assert.match(await failure(), /Another tab is downloading this model/);
  await page.getByTestId('stored').getByRole('button', { name: 'Delete' }).click();
  await page.getByText(/This model is being downloaded, here or in another tab/).waitFor();
});

test('a busy hub is waited for as long as it asks, and the wait can be cancelled', async () => {
  await open();
  let times = 0;
  hub.fault = ({ path }) => (path.startsWith('/api/') && times++ === 0 ? { status: 429, headers: { 'retry-after': '3' } } : null);
  await check('test/tiny');
  await page.getByText(/has had too many requests from your network \(429\): trying again in 3 s\./).waitFor();
  await page.getByTestId('offer').waitFor();

  hub.fault = () => ({ status: 429, headers: { 'retry-after': new Date(Date.now() + 600_000).toUTCString() } });
  await page.getByTestId('download-model').click();
  await notice(/trying again in (59\d|600) s/);
  await page.getByTestId('cancel-download').click();
  await page.getByTestId('resume').waitFor();
  await check('test/large');
  await page.getByTestId('cancel-look').click();
  await page.getByTestId('asking').waitFor({ state: 'detached' });
  assert.equal(await page.getByTestId('error').count(), 0, 'cancelling is no error');
});

test('a hub in trouble is tried four times, and once it is well the download goes on', async () => {
  await open();
  let times = 0;
  hub.fault = ({ path }) => (path.startsWith('/api/') && times++ < 2 ? { status: 503 } : null);
  await check('test/tiny');
  await page.getByTestId('offer').waitFor({ timeout: 20_000 });
  times = 0;
  hub.fault = ({ server }) => (server === 'content' && ++times ? { status: 502 } : null);
  await page.getByTestId('download-model').click();
  await notice(/has trouble of its own \(502\): trying again in 2 s/);
  assert.match(await failure(), /trouble of its own \(502\), 4 times in a row: try again later, what has arrived is kept\./);
  assert.equal(times, 4);
});

test('each refusal has its sentence and its way out', async () => {
  await open();
  const { files } = models['test/tiny'];
  const { 'model.safetensors': weights, ...rest } = files;
  Object.assign(hub.models, {
    'test/gated': { files, gated: 'manual' },
    'test/pytorch': { files: { ...rest, 'pytorch_model.bin': weights } },
    'test/gguf': { files: { 'model-q4_0.gguf': weights } },
    'test/other': { files: { ...files, 'config.json': Buffer.from('{"model_type":"bert"}') } },
  });
  const cases = [
    ['test/nothing', /has no public model of this name \(test\/nothing@main\): check how it is spelled/],
    ['test/tiny@v9', /has no such revision \(test\/tiny@v9\): leave out what follows the @/],
    ['test/gated', /is given only to people who have agreed to its terms.* agree at http.*test\/gated with your own account/],
    ['test/pytorch', /lacks model\.safetensors \(its weights are in PyTorch files/],
    ['test/gguf', /lacks config\.json and model\.safetensors \(it has GGUF files: download one and drop it here\)/],
    ['not a model', /“not a model” names no model: write owner\/name/],
    [`${hub.url}/folder/test/nowhere/`, /lacks config\.json and model\.safetensors and tokenizer\.json: choose another model/],
  ];
  for (const [typed, pattern] of cases) {
    await check(typed);
    assert.match(await failure(), pattern);
  }
  await check('test/other');
  await page.getByTestId('fit').filter({ hasText: /It is of the family “bert”, which this page cannot run; it knows Llama/ }).waitFor();
  assert.ok((await page.getByTestId('instead').count()) > 0, 'and there is another way');
});

test('a server that wants a sign-in, redirects in circles, or is none, has its sentence', async () => {
  await open();
  const cases = [
    [{ status: 403 }, /gives test\/tiny@main only to people who have signed in or agreed to its terms \(403\), and this page signs in nowhere/],
    [{ status: 418 }, /answered 418 when asked for test\/tiny@main/],
    [{ status: 200, body: '<html>' }, /test\/tiny@main at 127\.0\.0\.1:\d+ is not JSON/],
    [{ status: 200, body: '{}' }, /names no commit of test\/tiny: it does not answer as a hub does/],
    [{ status: 302, headers: { location: '/api/models/round/and/round' } }, /cannot be reached, or does not let other sites read it, 4 times in a row/],
  ];
  for (const [fault, pattern] of cases) {
    hub.fault = () => fault;
    await check('test/tiny');
    assert.match(await failure(), pattern);
  }
  await hub.stop();
  await check('test/tiny');
  await page.getByText(/cannot be reached, or does not let other sites read it: trying again in 4 s/).waitFor();
  assert.match(await failure(), /cannot be reached.* 4 times in a row/);
});

test('a broken header is refused before anything is downloaded', async () => {
  await open();
  const { files } = models['test/tiny'];
  const weights = (length, header) => {
    const start = Buffer.alloc(8);
    start.writeBigUInt64LE(BigInt(length));
    return Buffer.concat([start, Buffer.from(header), Buffer.alloc(64)]);
  };
  const json = (tensors) => weights(JSON.stringify(tensors).length, JSON.stringify(tensors));
  const cases = [
    ['huge', weights(2 ** 60, ''), /states a header of 1152921504606847000 bytes in a file of 72/],
    ['text', weights(5, 'hello'), /The header of model\.safetensors is not JSON/],
    ['beyond', json({ w: { dtype: 'F32', shape: [1e9], data_offsets: [0, 4e9] } }), /describes the tensor w wrongly/],
    ['negative', json({ w: { dtype: 'F32', shape: [-1], data_offsets: [0, 4] } }), /describes the tensor w wrongly/],
    ['null', json({ w: null }), /describes the tensor w wrongly/],
  ];
  for (const [name, broken, pattern] of cases) {
    hub.models[`test/${name}`] = { files: { ...files, 'model.safetensors': broken } };
    await check(`test/${name}`);
    assert.match(await failure(), pattern);
  }
});

test('a model that is too large is said to be, with one that fits', async () => {
  await open();
  const shape = [500, 4e6];
  const header = JSON.stringify({ 'layers.0.up.weight': { dtype: 'BF16', shape, data_offsets: [0, 4e9] } });
  const start = Buffer.alloc(8);
  start.writeBigUInt64LE(BigInt(header.length));
  const weights = Buffer.concat([start, Buffer.from(header)]);
  const model = { files: { ...models['test/tiny'].files, 'model.safetensors': weights } };
  hub.models['test/huge'] = model;
  hub.fault = ({ path }) => {
    if (!path.startsWith('/api/models/test/huge')) return null;
    const siblings = Object.entries(model.files).map(([rfilename, { length }]) => ({ rfilename, size: rfilename.endsWith('s') ? 4e9 + length : length }));
    return { status: 200, body: JSON.stringify({ id: 'test/huge', sha: commitOf(model), siblings }) };
  };
  await check('test/huge');
  await page.getByTestId('offer').waitFor();
  assert.match(await page.getByTestId('fit').innerText(), /about 4\.0 GB as it is and 1\.1 GB squeezed to 4 bits.*A web page can address only 4\.3 GB\./);
  assert.match(await page.getByTestId('instead').innerText(), /^Look at .* instead$/);
  assert.match(await page.getByTestId('download-model').innerText(), /anyway$/);
});

test('whatever a reader types or pastes finds its model', async () => {
  await open();
  hub.models['tiny'] = { renamed: 'test/tiny' };
  const commit = commitOf(models['test/tiny']);
  const typed = [
    'test/tiny',
    'tiny',
    ' test/tiny@main ',
    'test/tiny@refs/pr/1',
    `test/tiny@${commit}`,
    `${hub.url}/test/tiny`,
    `${hub.url}/test/tiny/tree/main`,
    `${hub.url}/test/tiny/blob/main/config.json?x=1`,
    `${hub.url}/test/tiny/resolve/${commit}/model.safetensors`,
  ];
  for (const text of typed) {
    await check(text);
    const offer = page.getByTestId('offer').filter({ hasText: `test/tiny@${commit}` });
    await offer.waitFor();
    await check('test/large'); // so that the next offer is a new one
    await page.getByTestId('offer').filter({ hasText: 'test/large' }).waitFor();
  }
});

test('a hub that keeps sizes and hashes to itself still serves', async () => {
  await open();
  hub.hideHashes = true;
  hub.models['test/plain'] = { ...models['test/tiny'], plain: true };
  await download('test/plain');
  await loaded();

  await page.getByTestId('choose').click();
  hub.models['test/plain2'] = { files: { ...models['test/large'].files }, plain: true };
  hub.fault = ({ path, from, to }) => (path.endsWith('.safetensors') && from === 0 && to === undefined ? { corrupt: true } : null);
  await download('test/plain2');
  assert.match(await failure(), /its SHA-256 is wrong/, 'x-linked-etag is a hash too');
});

test('the files of a plain folder are downloaded, and again when they change', async () => {
  await open();
  const folder = `${hub.url}/folder/test/tiny`;
  await download(folder);
  assert.match(await loaded(), /tiny[^]*from http.*\/folder\/test\/tiny\//);

  await page.getByTestId('choose').click();
  await check(folder);
  await loaded(); // unchanged: nothing to download
  assert.equal(await page.getByTestId('offer').count(), 0);

  await page.getByTestId('choose').click();
  hub.models['test/tiny'] = { files: { ...models['test/tiny'].files, 'tokenizer_config.json': Buffer.from('{"new": 1}') } };
  await download(folder);
  await loaded();
});

test('a folder that changes within a download is noticed', async () => {
  await open();
  let times = 0;
  hub.models['test/large'] = { ...models['test/large'], plain: true };
  hub.fault = ({ path, from }) => {
    if (!path.endsWith('.safetensors') || (from === 0 && times === 0 && ++times)) return null; // the first asks for its length
    return from === 0 ? { cut: 1e6 } : { etag: '"another"' };
  };
  await check(`${hub.url}/folder/test/large`);
  times = 1;
  hub.fault = ({ path, to, from }) => (path.endsWith('.safetensors') && to === undefined ? (from === 0 ? { cut: 1e6 } : { etag: '"another"' }) : null);
  await page.getByTestId('download-model').click();
  assert.match(await failure(), /model\.safetensors has changed at .* in the meantime, so this file was discarded/);
});

test('a folder on the disk is read where it lies', async () => {
  await open();
  await page.getByTestId('folder').setInputFiles(join(GOLDEN, 'llama_mha'));
  assert.match(await loaded(), /llama_mha/);
  const usage = await page.evaluate(async () => (await navigator.storage.estimate()).usage);
  assert.ok(usage < 1e5, `nothing is copied, but ${usage} bytes are stored`);
});

test('after one visit the page opens and loads its models offline, and keeps no download of its own', async () => {
  page = await openPage(browser, address('test/tiny'), { serviceWorkers: 'allow' });
  await page.getByTestId('download-model').click();
  await loaded();
  const link = page.url();
  await page.evaluate(async () => (await navigator.serviceWorker.ready).active?.state);
  await page.context().setOffline(true);
  await page.goto('about:blank');
  await page.goto(link);
  assert.match(await loaded(), /test\/tiny at/);
  await page.getByTestId('choose').click();
  await page.getByTestId('builtin').click();
  assert.match(await loaded(), /^Pebble/);
  const cached = await page.evaluate(async () => {
    const caches = await Promise.all((await window.caches.keys()).map((name) => window.caches.open(name)));
    return (await Promise.all(caches.map((cache) => cache.keys()))).flat().map((request) => request.url);
  });
  assert.ok(cached.length > 5 && cached.every((url) => url.startsWith(server.url)), cached.join());
});

test('a newer version of the page is offered, and taken when the reader says so', async (t) => {
  let version = 'old';
  const own = await serve((path, bytes) => (path === '/sw.js' ? Buffer.concat([bytes, Buffer.from(`// ${version}`)]) : bytes));
  t.after(() => own.close());
  page = await openPage(browser, own.url, { serviceWorkers: 'allow' });
  await page.evaluate(async () => (await navigator.serviceWorker.ready).active?.state);
  version = 'new';
  await page.reload();
  await page.getByText('A newer version of this page is here.').waitFor();
  await page.getByRole('button', { name: 'Reload' }).click();
  await page.getByText('A newer version of this page is here.').waitFor({ state: 'detached' });
  await waitFor(page, 'ready', 'true');
});
