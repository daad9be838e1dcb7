// Stage mode and the lessons: one key, large type, no controls, and steps that set the dial.
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { after, afterEach, before, test } from 'node:test';
import { runnerImport } from 'vite';
import { launch, openPage, serve, waitFor } from './browser.mjs';

const load = async (path) => (await runnerImport(fileURLToPath(new URL(`../../www/${path}`, import.meta.url)), { configFile: false, logLevel: 'error' })).module;
const { LESSONS } = await load('stage/lessons.ts');
const { CURVES, stopText } = await load('dial/curves.ts');

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
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

const stage = () => page.getByTestId('stage');
const isOpen = async () => (await stage().count()) > 0;
const here = () => stage().locator('.stops .here').innerText();

async function open(viewport = { width: 1920, height: 1080 }) {
  page = await openPage(browser, server.url, { viewport });
  await waitFor(page, 'ready', 'true');
}

test('one key opens the stage, Space and arrows move along the curve, Escape gives the focus back', async () => {
  await open();
  await page.locator('#pressure').focus();
  await page.keyboard.press('s');
  await stage().waitFor();
  assert.equal(await stage().locator('input, select, button:not([aria-label=End])').count(), 0, 'no controls');
  assert.equal(await here(), '16 bits');
  assert.match(await page.getByTestId('stage-sentence').innerText(), /^This is the original/);
  for (const stop of ['8 bits', '6 bits']) {
    await page.keyboard.press(' ');
    assert.equal(await here(), stop);
  }
  await page.keyboard.press('ArrowLeft');
  assert.equal(await here(), '8 bits');
  for (let i = 0; i < 9; i += 1) await page.keyboard.press('PageDown');
  assert.equal(await here(), '2 bits', 'which is the end');
  assert.match(await page.getByTestId('stage-sentence').innerText(), /^At 2 bits, /);
  assert.ok((await page.getByTestId('stage-sentence').evaluate((each) => parseFloat(getComputedStyle(each).fontSize))) >= 32, 'large type');
  await page.keyboard.press('Escape');
  await stage().waitFor({ state: 'detached' });
  assert.equal(await page.locator('#pressure').getAttribute('aria-valuetext'), '2 bits', 'the dial stands where the stage ended');
  assert.ok(await page.locator('#pressure').evaluate((element) => element === document.activeElement));
});

test('the key is a letter where something is typed', async () => {
  await open();
  await page.locator('select[name=method]').first().focus();
  await page.keyboard.press('s');
  await page.getByTestId('choose').click();
  await page.keyboard.press('s');
  await page.waitForTimeout(200);
  assert.equal(await isOpen(), false);
});

test('everything of the stage is on one screen, in a hall and on a laptop', async () => {
  for (const viewport of [{ width: 1920, height: 1080 }, { width: 1440, height: 900 }]) {
    if (page) await page.context().close();
    await open(viewport);
    for (const lesson of [null, ...LESSONS.map(({ name }) => name)]) {
      await page.locator(lesson ? `[data-lesson=${lesson}]` : '[data-testid=on-stage]').click();
      const steps = lesson ? 2 * LESSONS.find(({ name }) => name === lesson).steps.length : 7;
      await stage().waitFor();
      for (let i = 0; i < steps; i += 1) {
        const [whole, seen] = await stage().evaluate((each) => [each.scrollHeight, each.clientHeight]);
        assert.ok(whole <= seen + 1, `${lesson}, ${i}: ${whole} of ${seen} at ${viewport.width}`);
        await page.keyboard.press(' ');
      }
      await page.keyboard.press('s');
      await stage().waitFor({ state: 'detached' });
    }
  }
});

test('what was opened once is there offline', async () => {
  page = await openPage(browser, server.url, { serviceWorkers: 'allow' });
  await waitFor(page, 'ready', 'true');
  await page.waitForFunction(() => navigator.serviceWorker.controller?.state === 'activated');
  await page.keyboard.press('s');
  await stage().waitFor();
  await page.waitForFunction(async () => (await (await caches.open('stage')).keys()).length === 2);
  await page.context().setOffline(true);
  await page.goto('about:blank');
  await page.goto(server.url);
  await waitFor(page, 'ready', 'true');
  await page.locator('[data-lesson=bits]').click();
  await stage().locator('.look').waitFor();
});

for (const lesson of LESSONS) {
  test(`the lesson “${lesson.title}” sets the dial step by step, and says what is seen after the question`, async () => {
    await open();
    const button = page.locator(`[data-lesson=${lesson.name}]`);
    assert.equal(await button.innerText(), lesson.title);
    await button.click();
    await stage().waitFor();
    for (const [i, step] of lesson.steps.entries()) {
      const curve = CURVES.find(({ method }) => method === step.method);
      assert.ok(step.stop === null || curve.stops.includes(step.stop), `${step.method} ${step.stop}`);
      assert.equal(step.look.split(/(?<=[.!?])\s/).length, 2, 'two sentences');
      assert.equal(await here(), stopText(curve, step.stop));
      assert.equal(await stage().locator('.look').innerText(), step.look);
      assert.ok((await stage().locator('header').innerText()).includes(`${i + 1} of ${lesson.steps.length}`));
      assert.equal(await page.getByTestId('seen').isVisible(), false, 'the class answers first');
      await page.keyboard.press(' ');
      assert.equal(await page.getByTestId('seen').isVisible(), true);
      assert.equal(await page.getByTestId('seen').innerText(), step.seen);
      await page.keyboard.press(' ');
    }
    await page.keyboard.press('ArrowLeft');
    assert.equal(await page.getByTestId('seen').isVisible(), false);
  });
}
