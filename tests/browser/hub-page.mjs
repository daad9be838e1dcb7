// What the tests of the panel share: the page, a hub for it that each test has for itself, and what a reader does there.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test as anyTest } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DIST, launch, openIn, openPage, serve, waitFor } from './browser.mjs';
import { serveHub } from './hub-server.mjs';

export const GOLDEN = fileURLToPath(new URL('../golden/', import.meta.url));
export const test = (name, run) => anyTest(name, { timeout: 120_000 }, run);
/** A tiny random model, and the built-in one, which stands in for a large one. */
export let models;
export let server;
export let browser;
/** The hub and the page of this test. */
export let hub;
export let page;

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
export function address(model) {
  const hash = new URLSearchParams({ hub: hub.url, ...(model && { model }) });
  return `${server.url}#${hash}`;
}

/** Opens the page, in a new context or in one that is there. */
export async function openAt(url, options) {
  page = await openPage(browser, url, options);
}

export async function openWithin(context, url) {
  page = await openIn(context, url);
}

/** Opens the page with its panel open. */
export async function open() {
  await openAt(address());
  await openPanel();
}

export async function openPanel() {
  await waitFor(page, 'ready', 'true');
  await page.getByTestId('choose').click();
}

export async function check(typed) {
  await page.locator('#address').fill(typed);
  await page.getByTestId('check').click();
}

export async function download(typed) {
  await check(typed);
  await page.getByTestId('download-model').click();
}

/** Waits until the panel has closed over a loaded model, and gives what the page says of it. */
export async function loaded() {
  await page.getByTestId('chooser').waitFor({ state: 'hidden', timeout: 60_000 });
  await waitFor(page, 'ready', 'true');
  return page.getByTestId('model').innerText();
}

/** The sentence of the failure. */
export async function failure() {
  const error = page.getByTestId('chooser').getByTestId('error');
  await error.waitFor({ timeout: 60_000 });
  const text = await error.innerText();
  assert.match(text, /^[^\n]{30,400}\.$/, 'one sentence or two');
  return text;
}

export async function notice(pattern) {
  await page.getByTestId('notice').filter({ hasText: pattern }).waitFor({ timeout: 60_000 });
}

/** What every range that was asked of the weights began with, without the two that read the header. */
export function downloads() {
  return hub.ranges('model.safetensors').slice(2);
}

/** Does what goes wrong once to the download of the weights; afterwards the server is well. */
export function onceInWeights(fault) {
  let done = false;
  hub.fault = ({ server, from, to }) => {
    if (done || server !== 'content' || to !== undefined || from === undefined) return null;
    done = true;
    return fault;
  };
}

export async function arrived(bytes) {
  await page.waitForFunction((bytes) => document.querySelector('[data-testid=downloading] progress')?.value >= bytes, bytes, { timeout: 60_000 });
}
