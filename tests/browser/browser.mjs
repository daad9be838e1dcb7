// What the browser tests share: a server for the built page, and a Chromium that forgives nothing.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

export const DIST = fileURLToPath(new URL('../../dist/', import.meta.url));

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
};

export const typeOf = (file) => TYPES[extname(file)] ?? 'application/octet-stream';

/** Serves a folder, dist/ where not said otherwise, on a free port, each file as `edit` gives it. */
export async function serve(edit = (path, bytes) => bytes, folder = DIST) {
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, 'http://localhost').pathname));
    const file = join(folder, path.endsWith('/') ? `${path}index.html` : path);
    readFile(file).then(
      (found) => {
        const bytes = edit(path, found);
        response.writeHead(200, { 'content-type': typeOf(file), 'content-length': bytes.length }).end(bytes);
      },
      () => response.writeHead(404).end(),
    );
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}

const FLAGS = '--no-sandbox --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';

export const START = { executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS.split(' ') };

/** With what this Chromium is started beside the usual. */
export function launch(...flags) {
  return chromium.launch({ ...START, args: [...START.args, ...flags] });
}

/** A Chromium whose storage outlives it: the folder is its profile. */
export function launchFrom(folder) {
  return chromium.launchPersistentContext(folder, START);
}

/**
 * Opens the page in a new context, without its service worker unless that is asked for. With as few `cores` as the page is
 * told of where not said otherwise, it measures nothing by itself.
 */
export async function openPage(browser, url, { cores = 2, isNew, ...options } = {}) {
  const context = await browser.newContext({ serviceWorkers: 'block', ...options });
  await context.addInitScript((cores) => Object.defineProperty(navigator, 'hardwareConcurrency', { value: cores }), cores);
  return openIn(context, url, { isNew });
}

/** As if the reader had seen what is said before offensive items. */
export function noteSeen(pageOrContext) {
  return pageOrContext.addInitScript(() => location.protocol.startsWith('http') && localStorage.setItem('pressure-test.content-note', 'seen'));
}

/** Opens the page as one whose reader has seen what is said before offensive items, and collects everything that went wrong in it, in `page.problems`. */
export async function openIn(context, url, { isNew = false } = {}) {
  const page = await context.newPage();
  if (!isNew) await noteSeen(page);
  page.problems = [];
  page.on('console', (message) => {
    if (message.type() === 'error') page.problems.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => page.problems.push(`page: ${error.message}`));
  page.on('requestfailed', (request) => {
    const problem = `request: ${request.url()} ${request.failure()?.errorText}`;
    // They come last, and a page that is left by then does without them.
    if (!/(workbox-window.*|room\/index\.json) net::ERR_ABORTED/.test(problem)) page.problems.push(problem);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) page.problems.push(`response: ${response.url()} ${response.status()}`);
  });
  await page.goto(url);
  return page;
}

/** Keeps what of the page moved, as `shifts`: when, from 0 to 1 how much, whether the reader had just done something, and the elements with the way they went. */
export function watchShifts(context) {
  return context.addInitScript(() => {
    const named = (node) => {
      const element = node instanceof Element ? node : node?.parentElement;
      return element ? `${element.localName}${element.dataset.testid ? `[${element.dataset.testid}]` : ''}${[...element.classList].map((each) => `.${each}`).join('')}` : 'what is gone';
    };
    const place = ({ x, y, width, height }) => `${Math.round(width)} × ${Math.round(height)} at ${Math.round(x)}, ${Math.round(y)}`;
    window.shifts = [];
    new PerformanceObserver((list) => {
      for (const { startTime, value, hadRecentInput, sources } of list.getEntries()) {
        const moved = sources.map(({ node, previousRect, currentRect }) => `${named(node)}: ${place(previousRect)} to ${place(currentRect)}`);
        window.shifts.push({ at: startTime, value, isCaused: hadRecentInput, moved });
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
}

/** Waits for `document.documentElement.dataset[name] === value`. */
export async function waitFor(page, name, value, timeout = 120_000) {
  await page.waitForFunction(([name, value]) => document.documentElement.dataset[name] === value, [name, value], { timeout });
}
