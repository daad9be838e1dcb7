// The page without a connection, and its newer versions.
import assert from 'node:assert/strict';
import { serve, waitFor } from './browser.mjs';
import { address, loaded, openAt, page, server, test } from './hub-page.mjs';

test('after one visit the page opens and loads its models offline, and keeps no download of its own', async () => {
  await openAt(address('test/tiny'), { serviceWorkers: 'allow' });
  await page.getByTestId('agree').click();
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
  assert.ok(cached.some((url) => /pressure_test_bg.*wasm/.test(url)) && !cached.some((url) => /classifier|pressure_test_gpu/.test(url)), cached.join());
});

test('a newer version of the page is offered, and taken when the reader says so', async (t) => {
  let version = 'old';
  const own = await serve((path, bytes) => (path === '/sw.js' ? Buffer.concat([bytes, Buffer.from(`// ${version}`)]) : bytes));
  t.after(() => own.close());
  await openAt(own.url, { serviceWorkers: 'allow' });
  await page.evaluate(async () => (await navigator.serviceWorker.ready).active?.state);
  version = 'new';
  await page.reload();
  await page.getByText('A newer version of this page is here.').waitFor();
  await page.getByRole('button', { name: 'Reload' }).click();
  await page.getByText('A newer version of this page is here.').waitFor({ state: 'detached' });
  await waitFor(page, 'ready', 'true');
});
