// Downloading and keeping a model: the built page against a hub that has a bad day.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launchFrom } from './browser.mjs';
import { address, arrived, check, download, downloads, failure, hub, loaded, models, notice, onceInWeights, open, openPanel, openWithin, page, server, test } from './hub-page.mjs';

test('a killed browser resumes where it was', async (t) => {
  const profile = await mkdtemp(join(tmpdir(), 'pressure-test-profile-'));
  t.after(() => rm(profile, { recursive: true, force: true }));
  let context = await launchFrom(profile);
  await openWithin(context, address());
  await openPanel();
  onceInWeights({ hold: 3e6 });
  await download('test/large');
  await arrived(3e6);
  const session = await context.newCDPSession(page);
  session.send('Page.crash').catch(() => {}); // a dead page does not answer
  await page.waitForEvent('crash');
  await context.close();

  context = await launchFrom(profile);
  await openWithin(context, address());
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
  assert.match(stored, /\b[1-9]\s%\sof/, 'the tokenizer is kept');
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
  onceInWeights({ pace: 1e5 });
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
  await page.getByTestId('asking').filter({ hasText: /You are offline.*Models that are stored here load all the same/ }).waitFor();
  await page.context().setOffline(false);
  await page.getByTestId('offer').filter({ hasText: 'test/tiny' }).waitFor();
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
  await openWithin(first.context(), address());
  await openPanel();
  await download('test/large');
  assert.match(await failure(), /Another tab is downloading this model/);
  await page.getByTestId('stored').getByRole('button', { name: 'Delete' }).click();
  await page.getByText(/This model is being downloaded, here or in another tab/).waitFor();
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
