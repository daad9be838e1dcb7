// The main path in Debian's Firefox, driven over WebDriver BiDi: recorded, then live, then read; and what is opened from there.
import assert from 'node:assert/strict';
import { access } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import playwright from 'playwright-core';
import { serve, waitFor } from './browser.mjs';

const FIREFOX = process.env.FIREFOX ?? '/usr/bin/firefox-esr';
const isHere = await access(FIREFOX).then(() => true, () => false);
const skip = isHere ? false : `${FIREFOX} is not there`;

let server;
let browser;
let page;

before(async () => {
  if (!isHere) return;
  server = await serve();
  browser = await playwright._bidiFirefox.launch({ executablePath: FIREFOX });
  page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  page.problems = [];
  page.on('pageerror', (error) => page.problems.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') page.problems.push(message.text());
  });
});
after(async () => {
  await browser?.close();
  server?.close();
});

test('the recorded result is there, then a live one, which can be read', { skip, timeout: 300_000 }, async () => {
  await page.goto(`${server.url}#method=round_to_nearest&settings.bits=2&evaluation.items=20&probes=stereotype,machine_ethics`);
  assert.match(await page.getByTestId('dial-sentence').innerText(), /At 2 bits, /);
  await waitFor(page, 'ready', 'true');
  await page.locator('#pressure').focus();
  await page.keyboard.press('ArrowLeft');
  assert.match(await page.getByTestId('dial-sentence').innerText(), /At 3 bits, /);
  await page.getByTestId('run').focus();
  await page.keyboard.press('Enter');
  await waitFor(page, 'state', 'done', 240_000);
  assert.match(await page.getByTestId('summary').innerText(), /^At 2 bits, /);
  assert.equal(await page.locator('score-table tr[data-name]').count(), 2);
  await page.locator('tr[data-name=machine_ethics] button').first().click();
  await page.locator('#answers-machine_ethics details.item > summary').first().click();
  assert.ok((await page.locator('#answers-machine_ethics .sides .of').count()) >= 2);
  assert.deepEqual(page.problems, []);
});

test('what is opened from there works as well: sharing, trying, the stage', { skip, timeout: 120_000 }, async () => {
  await page.getByTestId('open-sharing').click();
  await page.getByText('QR code', { exact: true }).click();
  await page.locator('svg.code').waitFor();
  assert.match(await page.getByTestId('command').innerText(), /^pressure-test run --model builtin/);
  await page.getByTestId('close-sharing').click();
  await page.getByTestId('try').locator('summary').click();
  await page.getByTestId('ask-both').click();
  await page.locator('try-it .word').first().waitFor();
  await page.keyboard.press('Escape');
  await page.getByTestId('on-stage').click();
  await page.getByTestId('stage').waitFor();
  await page.keyboard.press('Escape');
  assert.deepEqual(page.problems, []);
});
