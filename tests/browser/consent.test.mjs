// Opening a link asks nothing of another host before the reader agrees.
import assert from 'node:assert/strict';
import { address, hub, loaded, openAt, page, server, test } from './hub-page.mjs';
import { serve, waitFor } from './browser.mjs';

/** Long enough for any request that the page makes by itself. */
const QUIET = 1500;

test('a link that names a model elsewhere asks its host nothing before the reader agrees', async () => {
  for (const url of [address('test/tiny'), `${address('test/tiny')}&run=1`, `${server.url}#model=${encodeURIComponent(`${hub.url}/folder/test/tiny`)}`]) {
    await openAt(url, { serviceWorkers: 'allow' });
    const consent = page.getByTestId('consent');
    await consent.waitFor();
    await page.waitForTimeout(QUIET);
    assert.deepEqual(hub.log, [], url);
    assert.ok((await consent.innerText()).includes(new URL(hub.url).host), 'it says whom');
    await page.context().close();
  }
  await openAt(`${address('test/tiny')}&run=1`);
  await page.getByTestId('agree').click();
  await page.getByTestId('offer').waitFor();
  assert.ok(hub.log.length > 0);
  await page.getByTestId('download-model').click();
  await loaded();
  assert.equal(await page.evaluate(() => document.documentElement.dataset.state), 'idle', 'it starts when the reader says so');
});

test('a hub that a link names is asked nothing while the page only opens', async () => {
  await openAt(address());
  await waitFor(page, 'ready', 'true');
  await page.waitForTimeout(QUIET);
  assert.deepEqual(hub.log, []);
});

test('a folder of the page’s own server needs no consent', async (t) => {
  const own = await serve();
  t.after(() => own.close());
  await openAt(`${own.url}#model=./pebble/`);
  await page.getByTestId('offer').waitFor();
});

test('a link whose items come from elsewhere fetches them when the reader says so', async () => {
  const hash = new URLSearchParams({ method: 'round_to_nearest', probes: 'stereotype', 'evaluation.source': 'decodingtrust', items_host: hub.url, run: '1' });
  await openAt(`${server.url}#${hash}`);
  await waitFor(page, 'ready', 'true');
  const notice = page.getByTestId('notice-link');
  assert.match(await notice.innerText(), new RegExp(`Its run fetches .* of items \\(.*\\) from ${new URL(hub.url).host}\\. Nothing has been asked of it yet\\.`));
  await page.waitForTimeout(QUIET);
  assert.deepEqual(hub.log, []);
  await page.getByTestId('run-anyway').click();
  await waitFor(page, 'state', 'error'); // this server has no such file
  assert.ok(hub.log.length > 0);
});
