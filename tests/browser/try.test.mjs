// Try it: one prompt to both sides of a run, written bit by bit, and how likely each word was.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { access, readFile } from 'node:fs/promises';
import { after, afterEach, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { launch, openPage, serve, waitFor } from './browser.mjs';
import { makeGguf } from './gguf.mjs';

const root = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const BINARY = root('target/release/pressure-test');
const AXE = root('node_modules/axe-core/axe.min.js');
const QUICK = '#method=round_to_nearest&settings.bits=2&evaluation.items=20&probes=machine_ethics';
const PROMPT = 'The teacher said that';

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

async function open(options) {
  page = await openPage(browser, server.url + QUICK, options);
  await waitFor(page, 'ready', 'true');
  await page.getByTestId('run').click();
  await waitFor(page, 'state', 'done');
  await page.getByTestId('try').locator('summary').click();
  await page.getByTestId('try-prompt').waitFor();
}

const side = (name) => page.locator(`try-it .sides [data-side=${name}] blockquote`).first();
const said = () => page.getByTestId('try-said').innerText();
/** The words as they are seen, without what stands for spaces that are alone. */
const written = async (name) => (await side(name).locator('.word > span').allInnerTexts()).join('').replaceAll('␣', ' ');

async function ask(prompt, seed) {
  await page.getByTestId('try-prompt').fill(prompt);
  await page.getByTestId('try-drawn').setChecked(seed !== undefined);
  if (seed !== undefined) await page.getByTestId('try-seed').fill(String(seed));
  await page.getByTestId('ask-both').click();
  await page.waitForFunction(() => document.querySelector('[data-testid=ask-both]').disabled === false);
}

test('both sides go on from a prompt, seen while they write, and with a seed again the same', { timeout: 240_000 }, async () => {
  await open();
  await page.evaluate(() => {
    window.seen = [];
    const look = () => window.seen.push(document.querySelector('try-it .sides [data-side=before] blockquote')?.innerText ?? '');
    new MutationObserver(look).observe(document.querySelector('try-it'), { subtree: true, childList: true, characterData: true });
  });
  await ask(PROMPT);
  assert.match(await said(), /^(They differ|Both wrote the same)/);
  const [before, after] = [await written('before'), await written('after')];
  assert.ok(before.length > 10, before);
  assert.notEqual(before, after, 'at 2 bits');
  const lengths = [...new Set(await page.evaluate(() => window.seen.map((text) => text.length)))].filter((length) => length > 1);
  assert.ok(lengths.length >= 3, `seen in ${lengths.length} steps`);
  await ask(PROMPT, 5);
  const drawn = await written('before');
  assert.notEqual(drawn, before);
  await ask(PROMPT, 5);
  assert.equal(await written('before'), drawn, 'the same seed');
  await ask(PROMPT, 6);
  assert.notEqual(await written('before'), drawn, 'another seed');
  await ask('   ');
  assert.match(await said(), /Write something for both to go on from first\./);
  assert.deepEqual(page.problems, []);
});

const isBuilt = await access(BINARY).then(() => true, () => false);

test('what is written, and how likely, is what the command line says', { timeout: 240_000, skip: isBuilt ? false : 'target/release/pressure-test is not built' }, async () => {
  await open();
  await ask(PROMPT);
  const { generated, tokens } = JSON.parse((await promisify(execFile)(BINARY, ['generate', '--model', 'builtin', '--prompt', PROMPT, '--max-tokens', '12', '--json'])).stdout);
  const { text } = JSON.parse((await promisify(execFile)(BINARY, ['generate', '--model', 'builtin', '--prompt', PROMPT, '--max-tokens', '12', '--json'])).stdout);
  const here = await side('before').innerText();
  assert.ok(here.replaceAll('\n', '').replaceAll(' ', '').startsWith(text.split('\n')[0].replaceAll(' ', '')), `${here} against ${text}`);
  const all = [...tokens, ...generated];
  const { logits } = JSON.parse((await promisify(execFile)(BINARY, ['logits', '--model', 'builtin', '--tokens', all.join(','), '--json'], { maxBuffer: 1e9 })).stdout);
  const vocabulary = Object.entries(JSON.parse(await readFile(root('www/public/pebble/tokenizer.json'), 'utf8')).model.vocab);
  for (const place of [0, 3, 7]) {
    const row = logits[tokens.length + place - 1];
    const most = Math.max(...row);
    const whole = row.reduce((sum, logit) => sum + Math.exp(logit - most), 0);
    const best = row.map((logit, token) => ({ token, probability: Math.exp(logit - most) / whole })).sort((a, b) => b.probability - a.probability).slice(0, 5);
    assert.equal(best[0].token, generated[place], 'greedy');
    await side('before').locator('.word').nth(place).click();
    const list = await page.getByTestId('expected').locator('[data-side=before] li').evaluateAll((items) => items.map((item) => [item.querySelector('span').firstChild.textContent, item.querySelector('span').innerText, parseFloat(item.querySelector('.percent').innerText)]));
    assert.match(list[0][1], /● written/);
    for (const [i, { token, probability }] of best.entries()) {
      const name = vocabulary.find(([, id]) => id === token)[0].replaceAll('Ġ', ' ');
      assert.ok(list[i].join(' ').includes(name.trim()), `${name} in ${list[i]}`);
      assert.ok(Math.abs(list[i][2] / 100 - probability) < 0.006, `${list[i][2]} % against ${probability}`);
    }
  }
});

test('a chat model is asked through its template, whose beginning of the text counts once', { timeout: 240_000 }, async () => {
  await open();
  await ask(PROMPT);
  const seen = () => page.locator('try-it .word').evaluateAll((all) => all.map((word) => word.getAttribute('aria-label')));
  const plain = await seen();
  const names = ['config.json', 'model.safetensors', 'tokenizer.json'];
  const files = await Promise.all(names.map(async (name) => ({ name, mimeType: '', buffer: await readFile(root(`www/public/pebble/${name}`)) })));
  // What the template writes is what the plain form is read as: the tokenizer puts <|bos|> before every text.
  const template = { bos_token: '<|bos|>', chat_template: "{{ bos_token }}{% for message in messages %}{{ message['content'] }}{% endfor %}" };
  files.push({ name: 'tokenizer_config.json', mimeType: '', buffer: Buffer.from(JSON.stringify(template)) });
  await page.getByTestId('choose').click();
  await page.getByTestId('files').setInputFiles(files);
  await page.getByText('Chat template from tokenizer_config.json').waitFor();
  await page.getByTestId('run').click();
  await waitFor(page, 'state', 'done');
  // What was opened for the run before stays open.
  assert.equal(await page.locator('label[for=try-prompt]').innerText(), 'What both are asked');
  await ask(PROMPT);
  assert.deepEqual(await seen(), plain);
  assert.deepEqual(page.problems, []);
});

test('words of a GGUF file are looked into as well: its vocabulary names them', { timeout: 240_000 }, async () => {
  const file = { name: 'pebble.gguf', mimeType: '', buffer: await makeGguf() };
  page = await openPage(browser, server.url + QUICK);
  await waitFor(page, 'ready', 'true');
  await page.getByTestId('choose').click();
  await page.getByTestId('files').setInputFiles([file]);
  await page.getByTestId('chooser').waitFor({ state: 'hidden' });
  await waitFor(page, 'ready', 'true');
  await page.getByTestId('run').click();
  await waitFor(page, 'state', 'done');
  await page.getByTestId('try').locator('summary').click();
  await ask(PROMPT);
  assert.match(await said(), /Choose a word/);
  const words = new Set(Object.keys(JSON.parse(await readFile(root('www/public/pebble/tokenizer.json'), 'utf8')).model.vocab).map((word) => word.replaceAll('Ġ', ' ').replaceAll('Ċ', '\n').trim()));
  await side('before').locator('.word').nth(1).click();
  const named = await page.getByTestId('expected').locator('li > span:first-child').evaluateAll((all) => all.map((each) => each.innerText.replace('● written', '').replaceAll('␣', ' ').replaceAll('↵', '\n').trim()));
  assert.ok(named.length >= 10, `${named}`);
  for (const name of named) assert.ok(words.has(name), name);
  const before = await written('before');
  assert.ok(before.split(' ').length > 4, before);
  assert.deepEqual(page.problems, []);
});

test('words are walked by arrow keys, and axe finds nothing', { timeout: 240_000 }, async () => {
  await open({ viewport: { width: 360, height: 740 } });
  await ask(PROMPT);
  const stops = await page.locator('try-it .word[tabindex="0"]').count();
  assert.equal(stops, 2, 'one stop of the tabulator key for each side');
  await side('after').locator('.word').first().focus();
  await page.keyboard.press('ArrowRight');
  assert.equal(await page.evaluate(() => document.activeElement.dataset.place), '1:1');
  assert.match(await page.getByTestId('expected').innerText(), /which the model after wrote/);
  await page.evaluate(await readFile(AXE, 'utf8'));
  const found = await page.evaluate(() => window.axe.run(document.querySelector('try-it'), { resultTypes: ['violations'] }));
  assert.deepEqual(found.violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`), []);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= 360, `${wide} px`);
});

test('what the engine no longer holds cannot be tried, and that is said', { timeout: 240_000 }, async () => {
  await open();
  await page.locator('select[name=method]').first().selectOption('gptq'); // whose calibration takes a while
  await page.getByTestId('run').click();
  await waitFor(page, 'state', 'running');
  await page.waitForTimeout(600); // a double click cancels nothing
  await page.getByTestId('cancel').click();
  const tried = page.getByTestId('try');
  await tried.waitFor();
  if (!(await tried.evaluate((each) => each.open))) await tried.locator('summary').click();
  assert.match(await said(), /no longer holds this compressed model: repeat the run/);
  assert.ok(await page.getByTestId('ask-both').isDisabled());
});
