// Side by side: any two runs, or a model as it was, beside one another; more sides; in full; and taken along and dropped back.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launch, openPage, serve, waitFor } from './browser.mjs';

const AXE = fileURLToPath(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url));
const QUICK = '#method=round_to_nearest&settings.bits=3&evaluation.items=20&probes=stereotype,machine_ethics,perplexity';
const NAMES = ['stereotype', 'machine_ethics', 'perplexity'];

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

async function squeeze() {
  await page.getByTestId('run').click();
  await waitFor(page, 'state', 'running');
  await waitFor(page, 'state', 'done');
}

const heading = () => page.locator('.results > h2');
/** A row of the table of the results: value before, value after, verdict. */
const row = async (name) => {
  const cells = page.locator(`score-table tr[data-name=${name}]`);
  const texts = async (selector) => (await cells.locator(selector).first().innerText()).trim();
  return { before: await texts('[data-cell=before] .value'), after: await texts('[data-cell=after] .value'), word: await texts('.verdict') };
};
/** A cell of the table of the sides, as text. */
const cell = async (name, place) => {
  const found = page.locator(`[data-testid=side-by-side] tr[data-dimension=${name}] td`).nth(place);
  await found.locator('.verdict').waitFor();
  return (await found.innerText()).replace(/\s+/g, ' ');
};
/** The option whose title has a pattern. */
const choose = async (testId, pattern) => {
  const select = page.getByTestId(testId);
  await select.waitFor();
  const titles = await select.locator('option').allInnerTexts();
  const place = titles.findIndex((title) => pattern.test(title));
  assert.ok(place >= 0, `${pattern} in ${titles}`);
  await select.selectOption({ index: place });
};
async function drop(name, text) {
  const transfer = await page.evaluateHandle(([name, text]) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([text], name, { lastModified: 1 }));
    return transfer;
  }, [name, text]);
  await page.dispatchEvent('pressure-test', 'drop', { dataTransfer: transfer });
}

test('two runs stand beside one another, each with what it was measured by, and a third side beside both', { timeout: 300_000 }, async () => {
  page = await openPage(browser, server.url + QUICK);
  await waitFor(page, 'ready', 'true');
  await squeeze();
  const three = Object.fromEntries(await Promise.all(NAMES.map(async (name) => [name, await row(name)])));
  // What was not run is marked so, until it is.
  const status = page.getByTestId('status');
  assert.doesNotMatch(await status.innerText(), /have not been run/);
  await page.locator('[id="settings.bits"]').fill('2');
  await status.filter({ hasText: 'These settings have not been run: the results are of others.' }).waitFor();
  assert.match(await heading().innerText(), /bits per weight 3/);
  await squeeze();
  assert.doesNotMatch(await status.innerText(), /have not been run/);
  const two = Object.fromEntries(await Promise.all(NAMES.map(async (name) => [name, await row(name)])));

  await page.getByTestId('sides').locator('summary').click();
  // At first the run that is shown: the model as it was on the left.
  for (const name of NAMES) assert.ok((await cell(name, 0)).includes(`${two[name].before} → ${two[name].after}`), name);
  await page.getByTestId('add-side').click();
  for (const name of NAMES) {
    const text = await cell(name, 1);
    assert.ok(text.includes(`${three[name].before} → ${three[name].after}`), `${text} of ${JSON.stringify(three[name])}`);
    assert.ok(text.startsWith(three[name].word), `${text} of ${three[name].word}`);
    assert.match(text, /; \d+ items/);
  }
  await page.getByTestId('remove-side-1').click();
  assert.equal(await page.evaluate(() => document.activeElement.dataset.testid), 'right-side-0', 'the focus is not lost');

  // The recipe of before on the left.
  await choose('left-side', /; 3 bits \(.*\d{4}/);
  for (const name of NAMES) assert.ok((await cell(name, 0)).includes(`${three[name].after} → ${two[name].after}`), name);
  await choose('right-side-0', /; 3 bits \(.*\d{4}/);
  await page.getByTestId('side-refused').getByText('The same stands on both sides: choose another one.').waitFor();
  await choose('right-side-0', /; 2 bits \(shown/);
  await cell('stereotype', 0);

  await page.getByTestId('show-side-0').click();
  await heading().filter({ hasText: /^Left Pebble, .*bits per weight 3.*; right Pebble, .*bits per weight 2/ }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.tagName), 'H2');
  assert.deepEqual((await page.locator('score-table thead th').allTextContents()).slice(1, 3), ['Left', 'Right']);
  assert.match(await page.getByTestId('summary').innerText(), /^Right against left, /);
  for (const name of NAMES) assert.deepEqual([(await row(name)).before, (await row(name)).after], [three[name].after, two[name].after]);
  for (const testId of ['try', 'beside', 'sides', 'open-sharing']) assert.equal(await page.getByTestId(testId).count(), 0, testId);
  await page.locator('score-table tr[data-name=stereotype] button').click();
  await page.getByTestId('unmask').check();
  await page.locator('score-answers details.item > summary').first().click();
  assert.deepEqual(await page.locator('score-answers details.item[open] .sides h4').allInnerTexts(), ['Left', 'Right']);
  await page.evaluate(await readFile(AXE, 'utf8'));
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  assert.deepEqual(found.violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`), []);

  const shown = async () => page.locator('.results > h2, [data-testid=summary], score-table tr[data-name], score-chart text').allInnerTexts();
  const seen = await shown();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('download').click()]);
  const text = await readFile(await download.path(), 'utf8');
  await page.getByTestId('leave-sides').click();
  await heading().filter({ hasText: /^Pebble: .*bits per weight 2/ }).waitFor();
  assert.ok(await page.getByTestId('try').count(), 'the run itself');
  assert.deepEqual(page.problems, []);
  await page.context().close();

  page = await openPage(browser, server.url);
  await waitFor(page, 'ready', 'true');
  await drop('beside.json', text);
  await page.getByTestId('notice-link').getByText('“beside.json” is shown below as it was measured').waitFor();
  assert.deepEqual(await shown(), seen);
  assert.equal(await page.getByTestId('leave-sides').count(), 0, 'there is none');
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test('another model is a side as well; what was measured otherwise is refused in a sentence', { timeout: 300_000 }, async () => {
  page = await openPage(browser, server.url + QUICK, { viewport: { width: 360, height: 740 } });
  await waitFor(page, 'ready', 'true');
  await squeeze();
  // The same model in a template that it does not have: the same questions in other words.
  const names = ['config.json', 'model.safetensors', 'tokenizer.json'];
  const files = await Promise.all(names.map(async (name) => ({ name, mimeType: '', buffer: await readFile(new URL(`../../www/public/pebble/${name}`, import.meta.url)) })));
  files.push({ name: 'chat_template.jinja', mimeType: '', buffer: Buffer.from("{% for m in messages %}{{ m['role'] }} says: {{ m['content'] }}\n{% endfor %}reply:") });
  await page.getByTestId('choose').click();
  await page.getByTestId('files').setInputFiles(files);
  await waitFor(page, 'ready', 'true');
  await page.getByText('Chat template from chat_template.jinja').waitFor();
  await squeeze();
  await page.getByTestId('sides').locator('summary').click();
  await choose('left-side', /^Pebble as it was$/);
  assert.match(await cell('stereotype', 0), /items on either side/);
  assert.doesNotMatch(await cell('perplexity', 0), /items on either side/);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= 360, `${wide} px`);

  await page.goto('about:blank');
  await page.goto(`${server.url}${QUICK.replace('probes', 'evaluation.seed=5&probes')}`);
  await waitFor(page, 'ready', 'true');
  await squeeze();
  await page.getByTestId('sides').locator('summary').click();
  await choose('left-side', /; 3 bits \(.*\d{4}/);
  await page.getByTestId('side-refused').getByText(/^The two reports cannot be compared: the result that is shown has another evaluation\.seed: 5, not 0\.$/).waitFor();
  assert.deepEqual(page.problems, []);
  await page.context().close();
});
