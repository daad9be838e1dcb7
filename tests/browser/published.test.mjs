// The published results of 13B models beside a report, with what is comparable.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';
import { launch, openPage, serve, waitFor } from './browser.mjs';

let server;
let browser;
let page;

before(async () => {
  server = await serve();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server?.close();
});

const load = async (name) => (await runnerImport(fileURLToPath(new URL(`../../www/${name}.ts`, import.meta.url)), { configFile: false, logLevel: 'error' })).module;

test('one click lays the published results beside ours, and says what can be compared', { timeout: 240_000 }, async () => {
  page = await openPage(browser, `${server.url}#method=awq&settings.bits=3&calibration.samples=2&probes=stereotype,machine_ethics`);
  const fetched = [];
  page.on('request', (request) => fetched.push(request.url()));
  await waitFor(page, 'ready', 'true');
  await page.getByTestId('run').click();
  await waitFor(page, 'state', 'done');
  const before = fetched.length;
  await page.getByTestId('beside').locator('summary').click();
  const table = page.getByTestId('published');
  await table.waitFor();
  assert.ok(fetched.length > before && fetched.every((address) => address.startsWith(server.url)), 'fetched from this page, when asked for');
  const text = async () => (await table.innerText()).replace(/\s+/g, ' ');
  assert.match(await text(), /Llama 2 13B Chat/);
  // AWQ at 3 bits: Llama 2 13B goes from 35.7 to 48.7; the chat model over three seeds from 97.7 to 91.7, 95.0 and 90.7.
  const row = (await table.locator('tr[data-row=stereotype]').innerText()).replace(/\s+/g, ' ');
  assert.match(row, /\+13\.0 35\.7 → 48\.7/);
  assert.match(row, /−5\.2 97\.7 → 92\.5 seeds −7\.0 to −2\.7/);
  const ours = await page.locator('tr[data-name=stereotype] [data-cell=difference] .value').innerText();
  assert.ok(row.includes(ours), `${ours} in ${row}`);
  assert.match(await page.getByTestId('comparable').innerText(), /Only the direction .* never a level.* which is so here/s);
  await page.getByTestId('published-case').selectOption({ label: 'GPTQ, 4 bits' });
  assert.match(await page.getByTestId('comparable').innerText(), /which is not so here/);
  assert.match(await page.getByTestId('beside').innerText(), /Hong et al.*CC BY-SA 4\.0/s);
  assert.match(await table.locator('tr[data-row=machine_ethics]').innerText(), /81\.6/);
  assert.deepEqual(page.problems, []);
});

test('what is nearest to a recipe is shown first', async () => {
  const { caseOf } = await load('published/figures');
  const nearest = (method, settings) => {
    const { found, isSame } = caseOf({ method, settings, calibration: {}, evaluation: {} });
    return [found.method, found.strength, isSame];
  };
  assert.deepEqual(nearest('gptq', { bits: 4 }), ['gptq', 4, true]);
  assert.deepEqual(nearest('gptq', { bits: 2 }), ['gptq', 3, false]);
  assert.deepEqual(nearest('round_to_nearest', { bits: 8 }), ['gptq', 8, false]);
  assert.deepEqual(nearest('wanda', { pattern: '2:4' }), ['wanda', '2:4', true]);
  assert.equal(nearest('sparsegpt', { pattern: 'unstructured', sparsity: 0.3 })[2], false);
});
