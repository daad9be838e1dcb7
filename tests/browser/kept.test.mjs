// Finished results are kept in this browser: a tab that was ended finds them again; and how long a run will take.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';
import { launch, openIn, openPage, serve, waitFor } from './browser.mjs';

/** Few questions, for a short run. */
const QUICK = '#method=magnitude&settings.sparsity=0.5&probes=stereotype,machine_ethics';
const PHONE = { isMobile: true, hasTouch: true, viewport: { width: 360, height: 740 }, screen: { width: 360, height: 740 } };

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

const load = async (name) => (await runnerImport(fileURLToPath(new URL(`../../www/${name}.ts`, import.meta.url)), { configFile: false, logLevel: 'error' })).module;
const status = () => page.getByTestId('status').innerText();

async function open(context) {
  page = await openIn(context, server.url + QUICK);
  await waitFor(page, 'ready', 'true');
}

async function squeeze() {
  await page.getByTestId('run').click();
  await waitFor(page, 'state', 'done');
}

/** What the page shows of its report, to compare. */
const shown = () => page.locator('[data-testid=results], [data-testid=summary], .results > h2').allInnerTexts();

test('a tab that was ended finds its results again: offered, opened, listed, compared by opening, deleted', { timeout: 240_000 }, async () => {
  const context = await browser.newContext({ serviceWorkers: 'block' });
  await open(context);
  assert.equal(await page.getByTestId('last').count(), 0);
  assert.doesNotMatch(await status(), /about/, 'nothing to go by');
  await squeeze();
  const first = await shown();
  await page.close();

  await open(context);
  assert.equal(await page.getByTestId('results').count(), 0, 'offered, not shown');
  assert.match(await page.getByTestId('last').innerText(), /Pebble: Magnitude.*sparsity 0\.5/i);
  assert.match(await status(), /^Ready\. The next run takes about \d+ s, by the last one\.$/);
  await page.getByTestId('show-last').click();
  await page.getByTestId('results').waitFor();
  assert.deepEqual(await shown(), first);
  await squeeze();
  await page.getByTestId('open-kept').click();
  const rows = page.getByTestId('kept-row');
  await rows.nth(1).waitFor();
  assert.equal(await rows.count(), 2);
  await rows.nth(1).getByRole('button', { name: /^Show/ }).click();
  await page.getByTestId('kept').waitFor({ state: 'hidden' });
  assert.deepEqual(await shown(), first);
  assert.equal(await page.getByTestId('not-held').count(), 1, 'its compressed model is gone');
  await page.getByTestId('open-kept').click();
  await rows.nth(0).getByRole('button', { name: /^Delete/ }).click();
  await page.waitForFunction(() => document.querySelectorAll('[data-testid=kept-row]').length === 1);
  assert.match(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), /^Delete /);
  await page.getByTestId('forget-all').click();
  assert.equal(await rows.count(), 1, 'asked once more');
  await page.getByTestId('forget-all').click();
  await page.waitForFunction(() => document.querySelectorAll('[data-testid=kept-row]').length === 0);
  assert.equal(await page.evaluate(() => document.activeElement.dataset.testid), 'close-kept');
  assert.deepEqual(page.problems, []);
  await page.close();
  await open(context);
  assert.equal(await page.getByTestId('last').count(), 0);
});

test('a browser without storage runs all the same', { timeout: 120_000 }, async () => {
  const context = await browser.newContext({ serviceWorkers: 'block' });
  await context.addInitScript(() => Object.defineProperty(window, 'indexedDB', { value: { open: () => { throw new DOMException('no', 'SecurityError'); } } }));
  await open(context);
  await squeeze();
  assert.match(await status(), /^Done\./);
  assert.deepEqual(page.problems, []);
});

test('during a run the time that is left is said, and counts down', { timeout: 240_000 }, async () => {
  page = await openPage(browser, server.url);
  await waitFor(page, 'ready', 'true');
  await page.evaluate(() => {
    window.said = [];
    const look = () => {
      const found = /about (\d+) (s|min) left$/.exec(document.querySelector('[data-testid=counted]')?.innerText ?? '');
      if (found) window.said.push([performance.now() / 1000, Number(found[1]) * (found[2] === 's' ? 1 : 60)]);
    };
    new MutationObserver(look).observe(document.querySelector('.action'), { subtree: true, childList: true, characterData: true });
  });
  await squeeze();
  const [said, end] = await page.evaluate(() => [window.said, performance.now() / 1000]);
  assert.ok(said.length > 10, `said ${said.length} times`);
  const errors = said.filter(([at]) => at > said[0][0] + 2).map(([at, left]) => Math.abs(at + left - end));
  const average = errors.reduce((sum, error) => sum + error, 0) / errors.length;
  console.log(`wrong by ${average.toFixed(1)} s on average`);
  assert.ok(average < 0.35 * end, `${average} s of ${end}`);
});

test('a phone rests while its page is hidden, and goes on with the same result', { timeout: 240_000 }, async () => {
  const context = await browser.newContext({ serviceWorkers: 'block', ...PHONE });
  await open(context);
  await page.evaluate(() => {
    window.hide = (hidden) => {
      Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    };
  });
  await page.getByTestId('run').click();
  await page.getByText(/^Asking/).waitFor();
  await page.evaluate(() => window.hide(true));
  await page.waitForTimeout(1500); // what was given out is answered
  const before = await page.locator('.progress').innerText();
  await page.waitForTimeout(2500);
  assert.equal(await page.locator('.progress').innerText(), before);
  assert.equal(await page.evaluate(() => document.documentElement.dataset.state), 'running');
  await page.evaluate(() => window.hide(false));
  await waitFor(page, 'state', 'done');
  assert.deepEqual(page.problems, []);
});

test('time left: nothing at first, then from this run’s first look, or from the pace of one like it', async () => {
  const { RunClock, TimeLeft, roughly } = await load('left');
  assert.deepEqual([0.2, 9, 31, 88, 100, 6000].map(roughly), ['1 s', '9 s', '35 s', '90 s', '2 min', '2 h']);
  const plain = new TimeLeft(0);
  plain.see(0.01, 5);
  assert.equal(plain.text(5), '');
  plain.see(0.5, 20);
  assert.equal(plain.text(20), 'about 20 s left');

  const looks = (name) => [`${name}, the first 25 %`, `${name}, the first 50 %`, name];
  const first = new RunClock(0, null);
  const ask = (clock, label, at, share = 0) => clock.see({ stage: 'score', label, done: share * 10, total: 10 }, at);
  assert.equal(first.see({ stage: 'compress', label: 'a', done: 5, total: 10 }, 10), 'about 10 s left of squeezing');
  assert.equal(ask(first, looks('One')[0], 20), '');
  assert.equal(ask(first, looks('Two')[0], 30), '');
  assert.equal(ask(first, 'Perplexity', 40), '');
  assert.match(ask(first, looks('One')[1], 45), /^about 55 s left$/); // 9 and 18 for each of the two
  const pace = first.end(54);
  assert.deepEqual(pace, { squeezing: 20, asking: { [looks('One')[0]]: 10, [looks('Two')[0]]: 10, Perplexity: 5, [looks('One')[1]]: 9 } });

  const second = new RunClock(100, pace);
  assert.equal(second.see({ stage: 'compress', label: 'a', done: 5, total: 10 }, 110), 'about 45 s left');
  const third = new RunClock(0, { squeezing: 1, asking: { a: 10, b: 20 } });
  ask(third, 'a', 1);
  assert.equal(ask(third, 'b', 6), 'about 25 s left'); // 10 by its own pace, 25 by what was said before
});
