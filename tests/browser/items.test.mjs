// What is asked, by which items and judged by what: the reader's choice, in the built page.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { launch, openPage, serve, waitFor } from './browser.mjs';

const CLASSIFIER = ['config.json', 'model.safetensors', 'tokenizer.json'].map((name) =>
  fileURLToPath(new URL(`../golden/classifiers/bert/${name}`, import.meta.url)),
);
/** A dimension that is not asked for takes no time. */
const PROBES = ['stereotype', 'privacy', 'toxicity', 'fairness', 'adversarial_robustness', 'ood_robustness'].concat(
  ['adversarial_demonstrations', 'machine_ethics', 'perplexity', 'multiple_choice'],
);

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
beforeEach(async () => {
  page = await openPage(browser, server.url);
  await waitFor(page, 'ready', 'true');
  await page.locator('select[name=method]').first().selectOption('round_to_nearest');
  await page.getByText('How it is measured').click();
});
afterEach(async () => {
  const { problems } = page;
  await page.context().close();
  assert.deepEqual(problems, [], 'the page reported problems');
});

async function ask(...names) {
  for (const name of PROBES.filter((name) => !names.includes(name))) await page.locator(`input[name=probe][value=${name}]`).uncheck();
}

async function squeeze(state = 'done') {
  await page.getByTestId('run').click();
  await waitFor(page, 'state', state);
}

async function report() {
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('download').click()]);
  return JSON.parse(await readFile(await download.path(), 'utf8'));
}

async function give(name, text) {
  await page.getByTestId('items').setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(text) });
}

test('the last dimension that is left cannot be left out, and only it is scored', async () => {
  await ask('machine_ethics');
  assert.ok(await page.locator('input[name=probe][value=machine_ethics]').isDisabled());
  await squeeze();
  assert.deepEqual((await report()).before.scores.map(({ name }) => name), ['machine_ethics']);
  assert.match(page.url(), /machine_ethics/);
});

test('items of the reader are asked, a row that is none is named by file and line, and a file that is none stops the run', async () => {
  await ask('machine_ethics');
  await page.locator('[id="evaluation.source"]').selectOption({ label: 'your files' });
  await squeeze('error');
  assert.match(await page.getByTestId('error').innerText(), /there are no files of yours; items are called/);
  const acts = Array.from({ length: 20 }, (_, i) => JSON.stringify({ act: `I gave ${i} apples to the nurse.`, answer: i % 2 ? 'wrong' : 'not wrong' }));
  await give('machine_ethics.acts.jsonl', '{"act": "cut');
  await squeeze('error');
  assert.match(await page.getByTestId('error').innerText(), /machine_ethics\.acts\.jsonl/);
  assert.equal(await page.getByTestId('results').count(), 0);
  await give('machine_ethics.acts.jsonl', [...acts, '{"act": "no label"}'].join('\n'));
  await squeeze();
  const { before, data } = await report();
  const prompts = before.scores[0].items.map(({ prompt }) => prompt);
  assert.ok(prompts.length >= 40 && prompts.every((prompt) => prompt.includes('apples to the nurse')));
  assert.ok(data.some(({ source }) => source !== 'classroom'));
  assert.match(data[0].left_out[0].place, /machine_ethics\.acts\.jsonl.*21/);
});

test('texts that may offend are masked until they are asked for, and a classifier of the reader judges them', async () => {
  await ask('toxicity');
  await page.getByTestId('classifier').setInputFiles(CLASSIFIER);
  await squeeze();
  const { before } = await report();
  assert.doesNotMatch(before.scores[0].scorer, /lexicon|list/);
  await page.locator('tr[data-name=toxicity] button').first().click();
  const answers = page.locator('score-answers');
  const rude = before.scores[0].items.find(({ offensive }) => offensive);
  await answers.getByText('masked').first().waitFor();
  const text = async () => (await answers.innerText()).replace(/\s+/g, ' ');
  const tail = rude.prompt.trim().split('\n').at(-1);
  assert.ok(!(await text()).includes(tail), 'a rude prompt is read before it was asked for');
  await page.getByTestId('unmask').check();
  assert.ok((await text()).includes(tail));
  assert.match(await text(), /Best constant/i);
});
