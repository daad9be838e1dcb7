// Ways through the page: back and forward between runs, from the picture to what it rests on, to every request, and onto a home screen.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, afterEach, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DIST, launch, openPage, serve, waitFor } from './browser.mjs';

const AXE = fileURLToPath(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url));
const QUICK = '#method=round_to_nearest&settings.bits=3&evaluation.items=20&probes=stereotype,machine_ethics,multiple_choice';

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
afterEach(async () => {
  await page?.context().close();
  page = null;
});

async function open() {
  page = await openPage(browser, server.url + QUICK);
  await waitFor(page, 'ready', 'true');
}

async function squeeze() {
  await page.getByTestId('run').click();
  await waitFor(page, 'state', 'running');
  await waitFor(page, 'state', 'done');
}

const heading = (pattern) => page.locator('.results > h2').filter({ hasText: pattern }).waitFor();
const bits = () => page.locator('[id="settings.bits"]');

test('back and forward lead through what was run, with what it was run by', { timeout: 240_000 }, async () => {
  await open();
  await page.evaluate(() => (window.same = true));
  await squeeze();
  await bits().fill('2');
  await bits().fill('4'); // what was not run is no entry of its own
  await squeeze();
  await heading(/bits per weight 4/);
  await page.goBack();
  await heading(/bits per weight 3/);
  assert.equal(await bits().inputValue(), '3');
  assert.match(page.url(), /settings\.bits=3/);
  await page.goForward();
  await heading(/bits per weight 4/);
  assert.equal(await bits().inputValue(), '4');
  assert.ok(await page.evaluate(() => window.same), 'the page was not opened anew');
  // A link that is pasted is a new start.
  await page.evaluate((link) => (location.hash = link), `${QUICK.replace('bits=3', 'bits=5')}`);
  await page.waitForFunction(() => window.same === undefined);
  await waitFor(page, 'ready', 'true');
  assert.equal(await bits().inputValue(), '5');
  assert.deepEqual(page.problems, []);
});

test('the picture begins with what fell most, and each of its rows opens what it rests on', { timeout: 240_000 }, async () => {
  await open();
  await squeeze();
  const differences = await page.evaluate(() => {
    const number = (text) => Number(/[+\u2212]?\d+\.\d/.exec(text)?.[0].replace('\u2212', '-'));
    return [...document.querySelectorAll('score-chart text.outcome')].map((each) => number(each.textContent));
  });
  assert.equal(differences.length, 3);
  assert.deepEqual(differences, differences.toSorted((a, b) => a - b));
  const rows = page.locator('score-chart [role=button]');
  const title = await rows.nth(1).locator('text.title').textContent();
  await rows.nth(1).focus();
  await page.keyboard.press('Enter');
  const opened = page.locator('score-table tr.open').filter({ hasText: title });
  await opened.waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.textContent), title, 'the focus goes along');
  await page.locator('score-answers details.item').first().waitFor();
  await rows.nth(0).click();
  assert.equal(await page.locator('score-table tr.open').count(), 2);
  await page.evaluate(await readFile(AXE, 'utf8'));
  const found = await page.evaluate(() => window.axe.run(document.querySelector('score-chart'), { resultTypes: ['violations'] }));
  assert.deepEqual(found.violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`), []);
  assert.deepEqual(page.problems, []);
});

test('every request is listed, by whom it was made, and another host is named', { timeout: 240_000 }, async () => {
  await open();
  await squeeze();
  await page.getByTestId('open-requests').click();
  const list = page.getByTestId('requests');
  await list.getByText('Nobody but the server of this page was asked.').waitFor();
  const rows = await list.locator('tbody tr').evaluateAll((all) => all.map((row) => [row.children[1].textContent, row.children[3].textContent]));
  for (const [what, by] of [[/pressure_test_bg.*\.wasm$/, /engine|page/], [/model\.safetensors$/, /page/], [/\.css$/, /page/], [/^\/$/, /page/]]) {
    assert.ok(rows.some(([path, who]) => what.test(path) && by.test(who)), `${what} in ${JSON.stringify(rows)}`);
  }
  const other = await serve((path, bytes) => bytes);
  try {
    await page.evaluate((url) => fetch(url, { mode: 'no-cors' }).catch(() => {}), `${other.url}index.html`);
    await list.getByText(new RegExp(`one other was asked, when you chose something of it: ${new URL(other.url).host}`)).waitFor();
  } finally {
    other.close();
  }
  await page.evaluate(await readFile(AXE, 'utf8'));
  const found = await page.evaluate(() => window.axe.run(document.querySelector('request-list'), { resultTypes: ['violations'] }));
  assert.deepEqual(found.violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`), []);
  await page.getByTestId('close-requests').click();
  assert.deepEqual(page.problems.filter((problem) => !problem.includes(other.url)), []);
});

test('the page can be installed: a browser finds nothing in its way', async () => {
  await open();
  const session = await page.context().newCDPSession(page);
  const { errors, url, data } = await session.send('Page.getAppManifest');
  assert.deepEqual(errors, []);
  assert.ok(url.endsWith('/manifest.webmanifest'));
  for (const { src, sizes } of JSON.parse(data).icons.filter(({ type }) => type === 'image/png')) {
    const png = await readFile(`${DIST}${src}`);
    assert.equal(`${png.readUInt32BE(16)}x${png.readUInt32BE(20)}`, sizes);
  }
  const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
  assert.deepEqual(installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito'), []);
});
