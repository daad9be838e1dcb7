// Links: what they restore, what they cannot, and that neither a run nor a request to elsewhere begins by itself.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { after, before, test } from 'node:test';
import { launch, openPage, serve, waitFor } from './browser.mjs';

const PKG = new URL('../../www/pkg/', import.meta.url);

let server;
let browser;
let catalog;
let page;

before(async () => {
  const core = await import(new URL('pressure_test.js', PKG));
  core.initSync({ module: await readFile(fileURLToPath(new URL('pressure_test_bg.wasm', PKG))) });
  catalog = core.catalog();
  server = await serve();
  browser = await launch();
  page = await openPage(browser, 'about:blank');
});
after(async () => {
  await browser?.close();
  server?.close();
});

async function open(hash) {
  await page.goto('about:blank');
  await page.goto(server.url + hash);
  await waitFor(page, 'ready', 'true');
}

const notice = () => page.getByTestId('notice-link');
const state = () => page.evaluate(() => document.documentElement.dataset.state);

/** Each: what stands after the #, and what the page must say of it. */
const HOSTILE = [
  ['method=foo', /the method “foo” is not known here, and .+ is shown instead/],
  ['method=', /the method “” is not known here/],
  ['method=wanda+foo', /the method “foo” is not known here, and it was left out/],
  ['method=wanda+wanda', /the method “wanda” stands there twice and is applied once/],
  ['method=gptq&method=wanda', /“method” stands there twice, and the first one counts/],
  ['method=wanda&settings.bits=4', /“settings\.bits” is no setting of Wanda/],
  ['method=gptq&settings.speed=1', /“settings\.speed” is no setting of GPTQ/],
  ['method=gptq&settings.__proto__=1', /“settings\.__proto__” is no setting of GPTQ/],
  ['method=gptq&settings.bits=99', /“99” is no .*bit.* that can be set, so it is 4/i],
  ['method=gptq&settings.bits=', /“” is no .*bit.* that can be set/i],
  ['method=gptq&settings.bits=0x4', /“0x4” is no .*bit.* that can be set/i],
  ['method=gptq&settings.bits=4.5', /“4\.5” is no .*bit.* that can be set/i],
  ['method=gptq&settings.bits=Infinity', /“Infinity” is no .*bit.* that can be set/i],
  ['method=gptq&settings.group_size=7', /“7” is no .*group.* that can be set/i],
  ['method=gptq&settings.symmetric=maybe', /“maybe” is no .*symmetric.* that can be set/i],
  ['calibration.colour=red', /“calibration\.colour” is no setting that this page has/],
  ['evaluation.source=elsewhere', /“elsewhere” is no .* that can be set/],
  ['evaluation.source=own', /the items are to be your own files: choose them/],
  ['evaluation.source=own&items=a.jsonl,b.csv', /the items “a\.jsonl,b\.csv” are files of their own/],
  ['probes=stereotype,foo', /the dimension “foo” is not known here/],
  ['probes=', /the dimension “” is not known here, and all are asked/],
  ['classifier=my-judge', /toxicity was judged by the classifier “my-judge”: choose its files again/],
  ['text=notes.txt', /the calibration text “notes\.txt” is a file of its own/],
  ['dropped=my-model', /the model “my-model” came from a disk: drop it on this page again/],
  ['model=not%20a%20model', /“not a model” names no model/],
  ['hub=ftp://hub.example', /“ftp:\/\/hub\.example” is no address of a hub/],
  ['hub=javascript:alert(1)', /is no address of a hub/],
  ['items_host=nowhere', /“nowhere” is no address that items can be fetched from/],
  ['method=gptq&%zz=1', /“%zz=1” has a broken percent-encoding/],
  ['text=%E0%A4%A', /“text=%E0%A4%A” has a broken percent-encoding/],
  ['backend=tpu', /“backend=tpu” is none of auto, cpu, gpu, so the faster one is taken/],
  ['fix=everything', /“fix=everything” names nothing of this page that can be fixed/],
  ['fix=model,dial', /“fix=dial” names nothing of this page that can be fixed/],
  ['hide=run', /“hide=run” names nothing of this page that can be hidden/],
  ['hide=__proto__,toString', /“hide=__proto__” names nothing/],
  ['steps=', /the step “” is no place of the dial/],
  ['steps=foo:4', /the step “foo:4” is no place of the dial, as round_to_nearest:4 is/],
  ['steps=gptq:4;gptq:99:look', /the step “gptq:99:look” is no place of the dial/],
  [`steps=${Array.from({ length: 25 }, () => 'gptq:4').join(';')}`, /of 25 steps the first 20 are kept/],
  ['speed=fast', /“speed=fast” means nothing to this page/],
  ['results', /“results=” means nothing to this page/],
  ['Method=gptq', /“Method=gptq” means nothing to this page/],
  ['<img src=x onerror=alert(1)>=1', /means nothing to this page|broken/],
  [`speed=${'x'.repeat(100_000)}`, /“speed=x{54}…” means nothing/],
  [Array.from({ length: 1000 }, (_, i) => `k${i}=1`).join('&'), /And 992 more like these/],
];

test('what a link asks for and cannot have is named, and then it does not start by itself', { timeout: 300_000 }, async () => {
  for (const [asked, pattern] of HOSTILE) {
    await open(`#${asked}&run=1`);
    const what = asked.slice(0, 80);
    assert.match(await notice().innerText({ timeout: 5000 }), pattern, what);
    assert.notEqual(await state(), 'running', what);
    assert.equal(await page.getByTestId('results').count(), 0, what);
    assert.ok(await page.getByTestId('run-anyway').isVisible(), what);
    assert.equal(await page.getByTestId('error').count(), 0, what);
  }
  await open('#run=2');
  assert.match(await notice().innerText(), /“run=2” means nothing to this page/);
  assert.deepEqual(page.problems, []);
});

test('a link that is whole starts at once, and one that is not when the reader says so', async () => {
  await open('#probes=machine_ethics&method=round_to_nearest&run=1');
  await waitFor(page, 'state', 'done');
  assert.equal(await notice().count(), 0);
  await open('#probes=machine_ethics&method=round_to_nearest&speed=fast&run=1');
  assert.equal(await state(), 'idle');
  await page.getByTestId('run-anyway').click();
  await waitFor(page, 'state', 'done');
  assert.equal(await notice().count(), 0);
});

/** Two allowed values that are not the default, where there are as many. */
function others({ kind, options, min, max, step, default: usual }) {
  const all = kind === 'choice' ? options.map(({ value }) => value) : kind === 'toggle' ? [true, false] : [min, max, kind === 'integer' ? min + step : (min + max) / 2];
  const rest = all.filter((value) => value !== usual);
  return [rest[0], rest.at(-1)];
}

test('every setting comes back from the link that it wrote', { timeout: 300_000 }, async () => {
  const names = catalog.methods.map(({ name }) => name);
  for (const [place, method] of [...names, `${names[0]}+${names.at(-1)}`].entries()) {
    const chain = method.split('+').map((name) => catalog.methods.find((each) => each.name === name));
    const tables = { settings: chain.flatMap(({ parameters }) => parameters), calibration: catalog.calibration, evaluation: catalog.evaluation };
    for (const which of [0, 1]) {
      const wanted = { method, probes: catalog.probes.map(({ name }) => name).filter((_, i) => i % 2 === place % 2).join(',') };
      for (const [part, table] of Object.entries(tables)) {
        for (const parameter of table) wanted[`${part}.${parameter.name}`] = String(parameter.name === 'source' ? parameter.default : others(parameter)[which]);
      }
      await open(`#${new URLSearchParams(wanted).toString().replaceAll('%2B', '+')}`);
      const found = new URLSearchParams(new URL(page.url()).hash.slice(1).replaceAll('+', '%2B'));
      assert.deepEqual(Object.fromEntries([...found].sort()), Object.fromEntries(Object.entries(wanted).sort()), method);
      assert.equal(await notice().count(), 0, method);
    }
  }
});

test('a method is chosen at once, in a run or not, and what the one before had as well stays as it is', async () => {
  const choose = (name) => page.locator('select[name=method]').first().selectOption(name);
  const linked = () => new Map([...new URLSearchParams(new URL(page.url()).hash.slice(1))].flatMap(([key, value]) => (key.startsWith('settings.') ? [[key.slice(9), value]] : [])));
  const parameters = (name) => catalog.methods.find((method) => method.name === name).parameters;
  const usual = (name, change = {}) => new Map(parameters(name).map((parameter) => [parameter.name, String(change[parameter.name] ?? parameter.default)]));
  const isSame = (wanted) => assert.deepEqual([...linked()], [...wanted]);

  await open('#method=gptq&settings.bits=3&settings.damping=0.5');
  isSame(usual('gptq', { bits: 3, damping: 0.5 }));
  await choose('awq');
  isSame(usual('awq', { bits: 3 }));
  await choose('magnitude');
  isSame(usual('magnitude'));
  await choose('gptq');
  isSame(usual('gptq'));

  await page.getByTestId('run').click();
  await waitFor(page, 'state', 'running');
  await choose('awq');
  isSame(usual('awq'));
  assert.equal(await state(), 'running');
  await page.getByTestId('cancel').click();
});

const file = (name, text) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(text) });

test('what the reader brings is named in the link of the run, though not carried by it', async () => {
  await open('#method=wanda&probes=machine_ethics&calibration.sequences=8&calibration.length=64&evaluation.source=own&items=machine_ethics.acts.jsonl');
  await page.getByText('Calibration', { exact: true }).click();
  await page.getByTestId('text-file').setInputFiles(file('a & b+c.txt', 'The dog is in the house. The cook makes soup for the teacher. '.repeat(60)));
  await page.getByText('How it is measured', { exact: true }).click();
  const acts = Array.from({ length: 20 }, (_, i) => JSON.stringify({ act: `I gave ${i} apples to the nurse.`, answer: i % 2 ? 'wrong' : 'not wrong' }));
  await page.getByTestId('items').setInputFiles(file('machine_ethics.acts.jsonl', acts.join('\n')));
  await page.getByTestId('run').click();
  await waitFor(page, 'state', 'done');
  await page.getByTestId('text-file').locator('xpath=ancestor::div[1]').getByText('Back to built-in').click();
  const link = await page.getByTestId('repeat').getAttribute('href');
  assert.match(link, /text=a%20%26%20b\+c\.txt/, 'the link of the run, not of the controls');
  assert.doesNotMatch(page.url(), /text=/);
  await open(link);
  const text = await notice().innerText();
  assert.match(text, /the calibration text “a & b\+c\.txt”/);
  assert.match(text, /the items “machine_ethics\.acts\.jsonl”/);
  assert.notEqual(await state(), 'running');

  await page.getByText('How it is measured', { exact: true }).click();
  await page.getByTestId('classifier').setInputFiles(file('config.json', '{}'));
  assert.match(page.url(), /classifier=your%20classifier/);
});
