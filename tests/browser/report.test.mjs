// Everything in the report is on the page.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { launch, openPage, serve, waitFor } from './browser.mjs';

/** Every field of a report. One that is not here is new: show it on the page, and then add it. */
const SCORE = 'name title group unit direction value interval n chance refusal_rate no_answer_rate answers ask seconds parts unmeasured scorer texts fluent beside items';
const FIGURES = 'name title value interval n chance refusal_rate no_answer_rate answers ask note pool';
const ANSWERS = 'raw_value option_share commonest';
const COMMONEST = 'answer share n';
const CHANGE = 'name before after n right_to_wrong wrong_to_right ability not_measurable commonest margin margin_interval verdict';
const VERDICT = 'word words sentence difference interval level p alpha smallest_visible clusters_needed clusters ability margin left_out provisional one_of_many';
const ABILITY = 'value interval clusters';
const CHANGE_PARTS = (path) => ({
  [`${path}.verdict`]: VERDICT,
  [`${path}.verdict.clusters`]: 'asked compared',
  [`${path}.verdict.left_out`]: 'asked unread broken left',
  [`${path}.ability[]`]: ABILITY,
  [`${path}.commonest[]`]: 'answer share interval n',
});
const FIELDS = {
  '': 'version engine model recipe data notes before after calibration compression comparisons spread complete',
  engine: 'name version commit backend target',
  model: 'name family hash parameters bytes bits_per_weight files on_disk warning hidden_size layers vocab_size storage eos_token_ids chat_template notes',
  'model.files': 'bytes types compressed',
  'model.files.types[]': 'name tensors bytes',
  'model.chat_template': 'file problem',
  recipe: 'method settings calibration evaluation probes',
  'data[]': 'name source hash files unavailable left_out items',
  'data[].left_out[]': 'place reason',
  'data[].files[]': 'name sha256 licence attribution',
  before: 'size template scores seconds tokens_per_second',
  'before.size': 'bytes compressed_layers_bytes table_bytes other_bytes bits_per_weight',
  'before.scores[]': SCORE,
  'before.scores[].parts[]': FIGURES,
  'before.scores[].answers': ANSWERS,
  'before.scores[].answers.commonest': COMMONEST,
  'before.scores[].parts[].answers': ANSWERS,
  'before.scores[].parts[].answers.commonest': COMMONEST,
  'before.scores[].beside[]': 'name title unit value interval n chance',
  'before.scores[].items[]': 'id part role of group cluster frame ability counts key option_a log_odds margin option_share raw_value choices worths tokens bytes by_frequency value status answer expected prompt options output samples offensive',
  'before.scores[].items[].options[]': 'text loglikelihood per_byte spelled prior',
  'before.scores[].items[].log_odds': 'raw calibrated',
  'before.scores[].items[].tokens': 'prompt scored written',
  calibration: 'text hash sequences length tokens seed propagation',
  compression: 'seconds layers tables',
  'compression.layers[]': 'name block role method rows cols bytes_before bytes_after bits_per_weight sparsity output_error seconds fallback',
  'comparisons[]': `${CHANGE} pairing parts divergence`,
  'comparisons[].parts[]': CHANGE,
  ...CHANGE_PARTS('comparisons[]'),
  ...CHANGE_PARTS('comparisons[].parts[]'),
  'comparisons[].divergence': 'name title unit value interval n chance',
  spread: 'seeds scores',
  'spread.scores[]': 'name values items',
  'spread.scores[].items[][]': 'value status counts broken answer log_odds area',
  'spread.scores[].items[][].log_odds': 'raw calibrated',
};

let server;
let browser;
let page;
let report;

before(async () => {
  server = await serve();
  browser = await launch();
  page = await openPage(browser, `${server.url}#method=wanda&calibration.sequences=8&calibration.length=64&calibration.seeds=2&evaluation.source=own&probes=stereotype,machine_ethics,perplexity`);
  await waitFor(page, 'ready', 'true');
  await page.getByText('How it is measured', { exact: true }).click();
  const acts = Array.from({ length: 20 }, (_, i) => JSON.stringify({ act: `I gave ${i} apples to the nurse.`, answer: i % 2 ? 'wrong' : 'not wrong' }));
  acts.push('{"act": "", "answer": "wrong"}');
  await page.getByTestId('items').setInputFiles([
    { name: 'machine_ethics.acts.jsonl', mimeType: 'text/plain', buffer: Buffer.from(acts.join('\n')) },
    { name: 'notes.md', mimeType: 'text/plain', buffer: Buffer.from('# Notes') },
  ]);
  await page.getByTestId('run').click();
  await waitFor(page, 'state', 'done', 60_000);
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('download').click()]);
  report = JSON.parse(await readFile(await download.path(), 'utf8'));
});
after(async () => {
  await browser?.close();
  server?.close();
});

/** The fields of every object in a value, by the path of that object. */
function fields(value, path, found) {
  if (Array.isArray(value)) return value.forEach((each) => fields(each, `${path}[]`, found));
  if (value === null || typeof value !== 'object') return;
  const names = (found[path] ??= new Set());
  for (const [name, inner] of Object.entries(value)) {
    names.add(name);
    fields(inner, path === '' ? name : `${path}.${name}`, found);
  }
}

test('the page knows every field of the report', () => {
  const found = {};
  fields(report, '', found);
  for (const [path, names] of Object.entries(found)) {
    if (/^recipe\./.test(path) || path === 'after' || path.startsWith('after.')) continue; // settings are drawn from the catalog; the other side is alike
    assert.deepEqual([...names].sort(), FIELDS[path]?.split(' ').sort(), `report.${path}`);
  }
});

test('what could not be measured is a row of the table and of the chart, with its reason', async () => {
  const missing = report.data.filter(({ unavailable }) => unavailable !== null);
  assert.deepEqual(missing.map(({ name }) => name), ['stereotype']);
  const row = await page.locator('tr[data-absent=stereotype]').innerText();
  assert.ok(row.includes(`not measured: ${missing[0].unavailable}`), row);
  assert.match(await page.locator('score-chart .absent').innerText(), /^Stereotype\s+not measured$/);
  assert.match(await page.getByTestId('status').innerText(), /^Done; 1 of 3 not measured\.\s+With 50\u202f% of the weights gone, /);
  assert.match(await page.getByTestId('summary').innerText(), /^With 50\u202f% of the weights gone, .+\. What this can show/);
  const link = await page.getByTestId('summary').getByRole('link').getAttribute('href');
  assert.match(await (await fetch(new URL(link, server.url))).text(), /<h1 id="what-this-can-show-and-what-not">/);
});

test('rows that are left out, and files that are not read, are named', async () => {
  const { left_out } = report.data.find(({ name }) => name === 'machine_ethics');
  assert.equal(left_out.length, 1);
  const row = page.locator('tr[data-name=machine_ethics]');
  assert.match(await row.innerText(), /1 left out/);
  await row.locator('button').click();
  assert.ok((await page.locator('#answers-machine_ethics').innerText()).includes(`${left_out[0].place}: ${left_out[0].reason}.`));
  await row.locator('button').click();
  assert.match(report.notes.join(), /notes\.md is not read/);
  for (const note of report.notes) assert.ok((await page.locator('main').innerText()).includes(note), note);
});

test('what ran, on what, and how, is on the page', async () => {
  await page.getByTestId('about').locator('summary').click();
  for (const button of await page.locator('tr[data-name] button').all()) await button.click();
  const answers = page.locator('score-answers').first();
  await answers.getByRole('button', { name: 'Show all' }).click();
  for (const item of await answers.locator('details.item > summary').all()) await item.click();
  await page.locator('layer-strips tbody button').first().click();
  const text = (await page.locator('main').innerText()).replace(/\s+/g, ' ');
  const titles = await page.locator('code').evaluateAll((codes) => codes.map(({ title }) => title));
  const { engine, model, data, before, after, calibration, compression, spread } = report;
  const shown = [
    ...[engine.name, engine.version, engine.backend, engine.target, engine.commit ? '' : 'not stated', `Report version ${report.version}`],
    ...[model.name, model.family, model.storage, `Layers ${model.layers}`, `Hidden size ${model.hidden_size}`, `Vocabulary ${model.vocab_size.toLocaleString('en')}`],
    ...[model.parameters.toLocaleString('en'), model.on_disk, compression.tables, model.eos_token_ids.join(', ')],
    ...[before, after].flatMap(({ size }) => [size.bytes, size.table_bytes, size.other_bytes, size.compressed_layers_bytes].map((bytes) => (bytes < 1e6 ? `${(bytes / 1e3).toFixed(0)} kB` : `${(bytes / 1e6).toFixed(2)} MB`))),
    before.template === 'chat' ? 'through the model’s own chat template' : 'no chat template: plain prompts',
    ...[`Name ${calibration.text}`, `Tokens ${calibration.tokens}`, `Sequences ${calibration.sequences}`, `Tokens in a sequence ${calibration.length}`, `Calibration seed ${calibration.seed}`],
    `What a layer sees ${{ block: 'compressed blocks' }[calibration.propagation]}`,
    `Calibration seeds ${spread.seeds.join(', ')}`,
    ...[`Method Wanda`, `Asked Stereotype, Machine ethics, Perplexity`, 'Compared item by item', 'your files'],
    ...data.flatMap(({ files }) => files.map(({ name }) => name)),
    ...before.scores[0].parts.map(({ title }) => title),
    ...before.scores[0].items.map(({ id }) => `Item ${id}`),
    ...report.comparisons[0].parts.map(({ verdict }) => verdict.words),
    ...report.comparisons.map(({ verdict }) => verdict.sentence),
    ...[compression.layers[0].name, `${compression.layers[0].rows} × ${compression.layers[0].cols}`],
  ];
  for (const part of shown) assert.ok(text.toLowerCase().includes(part.toLowerCase()), `“${part}” is not on the page`);
  const hashes = [model.hash, calibration.hash, engine.commit, ...data.flatMap(({ hash, files }) => [hash, ...files.map(({ sha256 }) => sha256)])];
  for (const hash of hashes.filter(Boolean)) assert.ok(titles.includes(hash), hash);
});
