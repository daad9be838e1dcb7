// A link that sets the page up for a class: what it fixes and hides, its steps, how it is built, and how it is left.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { launch, openPage, serve, waitFor } from './browser.mjs';

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

async function open(hash) {
  page = await openPage(browser, server.url + hash);
  await waitFor(page, 'ready', 'true');
}

const CLASS = '#method=round_to_nearest&settings.bits=3&probes=machine_ethics&evaluation.seed=7&evaluation.items=20&fix=model,evaluation&hide=frontier,backend&steps=round_to_nearest:original:What%2520will%2520break%253F;round_to_nearest:2:Which%2520went%2520first%253F'.replaceAll('%25', '%');
const bar = () => page.getByTestId('setup');
const keys = () => new URLSearchParams(new URL(page.url()).hash.slice(1));

/** Whether a control is there, and can be used. */
async function state(selector) {
  const found = page.locator(selector).first();
  return (await found.count()) === 0 ? 'absent' : (await found.isEnabled()) ? 'free' : 'fixed';
}

async function drop(files) {
  const transfer = await page.evaluateHandle((files) => {
    const transfer = new DataTransfer();
    for (const [name, text] of files) transfer.items.add(new File([text], name));
    return transfer;
  }, files);
  await page.dispatchEvent('pressure-test', 'drop', { dataTransfer: transfer });
}

test('a page that a link set up says so, holds what is fixed, and is left with one button', { timeout: 120_000 }, async () => {
  await open(CLASS);
  assert.match(await bar().innerText(), /set up by the link that you opened\. Fixed: the model; what is asked, by which sample\. Hidden: the frontier; where it runs\./);
  assert.equal(await page.getByTestId('notice-link').count(), 0, 'nothing of it is wrong');
  await page.locator('.side details').evaluateAll((all) => all.forEach((each) => (each.open = true)));
  const controls = { '[data-testid=choose]': 'fixed', 'input[name=probe]': 'fixed', '[id="evaluation.seed"]': 'fixed', '[id="settings.bits"]': 'free', 'select[name=method]': 'free', '#backend': 'absent', 'pressure-frontier': 'absent', '[data-testid=measure-stop]': 'fixed' };
  for (const [selector, expected] of Object.entries(controls)) assert.equal(await state(selector), expected, selector);
  await page.locator('[id="settings.bits"]').fill('2');
  assert.equal(keys().get('fix'), 'model,evaluation', 'the address keeps it');
  await drop([['model.gguf', 'GGUF'], ['x.txt', '']]);
  assert.match(await page.getByTestId('error').innerText(), /The link that you opened fixes the model: leave its setup first/);
  await drop([['report.json', JSON.stringify({ version: 1, model: { name: 'x' }, recipe: { method: 'gptq' } })]]);
  assert.match(await page.getByTestId('error').innerText(), /fixes the recipe/);
  await page.getByTestId('run').click();
  await waitFor(page, 'state', 'done');
  assert.equal(new URLSearchParams((await page.getByTestId('repeat').getAttribute('href')).slice(1)).get('evaluation.seed'), '7');
  await page.getByTestId('leave-setup').click();
  assert.equal(await bar().count(), 0);
  assert.equal(await page.evaluate(() => document.activeElement.tagName), 'H1');
  for (const selector of Object.keys(controls)) assert.equal(await state(selector), 'free', selector);
  assert.deepEqual(['fix', 'hide', 'steps'].filter((key) => keys().has(key)), []);
  assert.equal(keys().get('settings.bits'), '2', 'the rest stays');
});

test('its steps are shown on the stage, each with what the teacher says', async () => {
  await open(CLASS);
  await page.getByTestId('begin-steps').click();
  const stage = page.getByTestId('stage');
  await stage.waitFor();
  for (const [says, stop] of [['What will break?', '16 bits'], ['Which went first?', '2 bits']]) {
    assert.equal(await stage.locator('.look').innerText(), says);
    assert.equal(await stage.locator('.stops .here').innerText(), stop);
    await page.keyboard.press(' ');
  }
  assert.match(await stage.locator('header').innerText(), /The steps of the link 2 of 2/, 'the end');
  await page.keyboard.press('ArrowLeft');
  assert.equal(await stage.locator('.look').innerText(), 'What will break?');
});

test('the builder makes such a link, and the page that it opens is so', { timeout: 120_000 }, async () => {
  await open('#method=gptq&settings.bits=4');
  await page.getByTestId('share').click();
  const builder = page.getByTestId('builder');
  await builder.waitFor();
  const link = () => page.getByTestId('link').inputValue();
  assert.doesNotMatch(await link(), /fix=|hide=|steps=|run=/);
  for (const name of ['model', 'evaluation']) await builder.locator(`input[name=fix][value=${name}]`).check();
  await builder.locator('input[name=hide][value=dial]').check();
  await builder.getByTestId('starts').check();
  await builder.getByTestId('step-place').selectOption('magnitude:0.5');
  await builder.getByTestId('step-says').fill('Half is gone; what is left? 50 % & more: yes');
  await builder.getByTestId('add-step').click();
  assert.equal(await page.evaluate(() => document.activeElement.dataset.testid), 'step-says', 'ready for the next one');
  await builder.getByTestId('step-place').selectOption('gptq:');
  await builder.getByTestId('add-step').click();
  await builder.getByTestId('step-place').selectOption('awq:2');
  await builder.getByTestId('add-step').click();
  await builder.getByRole('button', { name: 'Remove step 3' }).click();
  const made = await link();
  assert.match(made, /&run=1$/);
  await builder.getByTestId('starts').uncheck();
  assert.equal(await page.getByTestId('setup').count(), 0, 'the page of who builds it stays free');
  const opened = await link();
  await page.goto('about:blank');
  await page.goto(opened);
  await waitFor(page, 'ready', 'true');
  assert.equal(await page.getByTestId('notice-link').count(), 0);
  assert.match(await bar().innerText(), /Fixed: the model; what is asked, by which sample\. Hidden: the dial\./);
  assert.equal(await page.locator('pressure-dial').count(), 0);
  assert.equal(page.url(), opened);
  await page.getByTestId('begin-steps').click();
  assert.equal(await page.getByTestId('stage').locator('.look').innerText(), 'Half is gone, what is left? 50 % & more: yes');
  await page.keyboard.press(' ');
  assert.equal(await page.getByTestId('stage').locator('.stops .here').innerText(), '16 bits');
});
