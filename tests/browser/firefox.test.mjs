// The main path in Debian's Firefox: recorded, then live, then read; and what is opened from there.
import assert from 'node:assert/strict';
import { access } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { startOverBidi } from './bidi.mjs';
import { serve } from './browser.mjs';

const FIREFOX = process.env.FIREFOX ?? '/usr/bin/firefox-esr';
const isHere = await access(FIREFOX).then(() => true, () => false);
const skip = isHere ? false : `${FIREFOX} is not there`;

let server;
let page;

before(async () => {
  if (!isHere) return;
  server = await serve();
  page = await startOverBidi(FIREFOX, { width: 1440, height: 900 });
});
after(async () => {
  await page?.close();
  server?.close();
});

const text = (selector) => page.evaluate((selector) => document.querySelector(selector)?.innerText ?? '', selector);
const count = (selector) => page.evaluate((selector) => document.querySelectorAll(selector).length, selector);
const focus = (selector) => page.evaluate((selector) => document.querySelector(selector).focus(), selector);
const is = (name, value) => page.until((name, value) => document.documentElement.dataset[name] === value, name, value);
const isThere = (selector) => page.until((selector) => document.querySelector(selector) !== null, selector);

/** By the keyboard: the element is focused, and Enter does what it does. */
async function open(selector) {
  await focus(selector);
  await page.press('Enter');
}

test('the recorded result is there, then a live one by the keyboard, which can be read', { skip, timeout: 300_000 }, async () => {
  await page.goto(`${server.url}#method=round_to_nearest&settings.bits=2&evaluation.items=20&probes=stereotype,machine_ethics`);
  assert.match(await text('[data-testid=dial-sentence]'), /At 2 bits, /);
  assert.match(await text('[data-testid=origin]'), /^Recorded of Pebble/);
  await is('ready', 'true');
  await focus('#pressure');
  await page.press('ArrowLeft');
  assert.match(await text('[data-testid=dial-sentence]'), /At 3 bits, /);
  await open('[data-testid=run]');
  await isThere('[data-testid=content-go-on]'); // stereotype may offend
  await open('[data-testid=content-go-on]');
  await is('state', 'running');
  await is('state', 'done');
  assert.equal(await page.evaluate(() => document.activeElement.dataset.testid), 'run', 'the focus is kept');
  assert.match(await text('[data-testid=summary]'), /^At 2 bits, /);
  assert.equal(await count('score-table tr[data-name]'), 2);
  assert.equal(await count('score-chart svg circle'), 4);
  await open('tr[data-name=machine_ethics] button');
  await open('#answers-machine_ethics details.item > summary');
  assert.ok((await count('#answers-machine_ethics details[open] .sides .of')) >= 2);
  assert.deepEqual(page.problems, []);
});

test('what is opened from there works as well: sharing, trying, the stage', { skip, timeout: 240_000 }, async () => {
  await open('[data-testid=open-sharing]');
  await isThere('[data-testid=sharing][open] [data-testid=command]');
  await open('[data-testid=sharing] summary');
  await isThere('svg.code');
  assert.match(await text('[data-testid=command]'), /^pressure-test run --model builtin/);
  await page.press('Escape');
  assert.equal(await page.evaluate(() => document.activeElement.dataset.testid), 'open-sharing', 'the focus goes back');
  await open('[data-testid=try] summary');
  await isThere('[data-testid=ask-both]');
  await open('[data-testid=ask-both]');
  await isThere('try-it .word');
  await open('[data-testid=on-stage]');
  await isThere('[data-testid=stage]');
  await page.press(' ');
  assert.equal(await text('[data-testid=stage] .stops .here'), '8 bits');
  await page.press('Escape');
  assert.equal(await count('[data-testid=stage]'), 0);
  assert.deepEqual(page.problems, []);
});
