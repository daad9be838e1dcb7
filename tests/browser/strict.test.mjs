// Under a strict Content-Security-Policy nothing is reported; and the page can be used by everybody, results open.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { join, normalize } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { DIST, launch, openIn, openPage, serve, typeOf, waitFor } from './browser.mjs';

const STRICT = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'";
const AXE = fileURLToPath(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url));
const RUN = '#method=gptq&settings.bits=2&probes=toxicity,machine_ethics,multiple_choice';

let browser;
let server;
let page;

before(async () => {
  browser = await launch();
  server = await serve();
});
after(async () => {
  await browser?.close();
  server?.close();
});
afterEach(async () => {
  await page?.context().close();
  page = null;
});

/** Serves the built page with the policy as a header, workers and documents too. */
async function serveStrictly() {
  const strict = createServer(async (request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, 'http://localhost').pathname));
    const file = join(DIST, path.endsWith('/') ? `${path}index.html` : path);
    const bytes = await readFile(file).catch(() => null);
    response.writeHead(bytes ? 200 : 404, { 'content-type': typeOf(file), 'content-security-policy': STRICT }).end(bytes);
  });
  await new Promise((resolve) => strict.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${strict.address().port}/`, close: () => strict.close() };
}

/** Runs, and opens everything that there is to open. */
async function openAll() {
  await waitFor(page, 'ready', 'true');
  await page.getByTestId('run').click();
  await waitFor(page, 'state', 'done', 240_000);
  for (const button of await page.locator('tr[data-name] button[aria-expanded]').all()) await button.click();
  for (const box of await page.getByTestId('unmask').all()) await box.check();
  for (const answers of await page.locator('score-answers').all()) for (const item of (await answers.locator('details.item > summary').all()).slice(0, 3)) await item.click();
  await page.getByTestId('about').locator('summary').click();
  await page.locator('.side details').evaluateAll((all) => all.forEach((each) => (each.open = true)));
  await page.getByTestId('beside').locator('summary').click();
  await page.getByTestId('published').waitFor();
  await page.locator('layer-strips tbody button').nth(3).click();
  await page.getByTestId('try').locator('summary').click();
  await page.getByTestId('ask-both').click();
  await page.locator('try-it .word').nth(2).click();
}

test('under the policy as a header nothing is reported, from the first visit to open results, dialogs and documents', { timeout: 300_000 }, async () => {
  const strict = await serveStrictly();
  try {
    const context = await browser.newContext();
    await context.addInitScript(() => {
      window.violations = [];
      document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) => window.violations.push(`${violatedDirective} ${blockedURI} ${sample}`));
    });
    page = await openIn(context, strict.url + RUN);
    await openAll();
    const strengths = await page.locator('layer-strips tbody button').evaluateAll((all) => all.map((cell) => getComputedStyle(cell).backgroundColor));
    assert.ok(new Set(strengths).size > 3, 'the strips have their colours');
    assert.ok((await page.locator('score-chart circle.after').first().evaluate((dot) => getComputedStyle(dot).fill)) !== 'rgb(0, 0, 0)');
    for (const dialog of ['device', 'kept', 'sharing']) {
      await page.getByTestId(`open-${dialog}`).click();
      if (dialog === 'sharing') {
        await Promise.all([page.waitForEvent('download'), page.getByTestId('save-png').click()]); // a picture within the page
        await page.getByText('QR code', { exact: true }).click();
        await page.locator('svg.code').waitFor();
      }
      await page.getByTestId(`close-${dialog}`).click();
    }
    await page.getByTestId('choose').click();
    await page.getByTestId('close').click();
    assert.deepEqual(await page.evaluate(() => window.violations), []);
    assert.deepEqual(page.problems, []);
    await page.goto(`${strict.url}docs/limits.html`);
    assert.deepEqual(await page.evaluate(() => window.violations), []);
    assert.deepEqual(page.problems, []);
    assert.notEqual(await page.evaluate(() => getComputedStyle(document.body).maxWidth), 'none', 'documents have their style');
  } finally {
    strict.close();
  }
});

test('the page has the policy in itself, before all that it is about', async () => {
  for (const name of ['index.html', 'docs/limits.html']) {
    const html = await readFile(join(DIST, name), 'utf8');
    const policy = /<meta http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html);
    assert.ok(policy && policy.index < html.search(/<(script|link|style)/), name);
    assert.match(policy[1], /script-src 'self' 'wasm-unsafe-eval'; style-src 'self';/);
    assert.doesNotMatch(policy[1], /unsafe-inline|unsafe-eval(?<!wasm-unsafe-eval)|\*/);
    assert.doesNotMatch(html, /<style| style=|<script(?![^>]* src=)/);
  }
});

/** What axe finds against WCAG 2.2 AA and its own best practices, in short. */
async function violations() {
  await page.evaluate(await readFile(AXE, 'utf8'));
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  return found.violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')} ${failureSummary.replace(/\s+/g, ' ').slice(0, 200)}`));
}

for (const [name, options] of Object.entries({
  light: { viewport: { width: 1440, height: 900 }, colorScheme: 'light' },
  dark: { viewport: { width: 1440, height: 900 }, colorScheme: 'dark' },
  'forced colours': { viewport: { width: 1440, height: 900 }, forcedColors: 'active' },
  '320 px': { viewport: { width: 320, height: 640 } },
})) {
  test(`axe finds nothing, with results open: ${name}`, { timeout: 300_000 }, async () => {
    page = await openPage(browser, server.url + RUN, { bypassCSP: true, ...options });
    await openAll();
    assert.deepEqual(await violations(), []);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing stands over the edge');
    for (const dialog of ['device', 'kept']) {
      await page.getByTestId(`open-${dialog}`).click();
      await page.getByTestId(`close-${dialog}`).waitFor();
      assert.deepEqual(await violations(), [], dialog);
      await page.getByTestId(`close-${dialog}`).click();
    }
    await page.getByTestId('choose').click();
    assert.deepEqual(await violations(), [], 'choosing');
  });
}

test('axe finds nothing in the note before offensive items', async () => {
  page = await openPage(browser, server.url, { bypassCSP: true, isNew: true, viewport: { width: 320, height: 640 } });
  await waitFor(page, 'ready', 'true');
  await page.getByTestId('run').click();
  await page.getByTestId('content-note').waitFor();
  assert.deepEqual(await violations(), []);
});

test('axe finds nothing in the documents that are read offline', async () => {
  page = await openPage(browser, `${server.url}docs/limits.html`, { bypassCSP: true, viewport: { width: 320, height: 640 } });
  for (const name of ['limits', 'method']) {
    await page.goto(`${server.url}docs/${name}.html`);
    assert.deepEqual(await violations(), [], name);
  }
});

test('axe finds nothing in the recorded result, before the page is alive', async () => {
  page = await (await browser.newContext({ serviceWorkers: 'block', bypassCSP: true })).newPage();
  await page.route('**/*.js', (route) => (route.request().url().includes('/assets/index') ? route.abort() : route.continue()));
  await page.goto(server.url);
  assert.equal(await page.locator('.card').count(), 9);
  assert.deepEqual(await violations(), []);
});
