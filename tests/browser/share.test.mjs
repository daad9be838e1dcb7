// What a result can be taken along as: a link and its code, a command, a recipe, a picture, a table, a page of paper.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { access, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import decodeQR from 'qr/decode.js';
import { runnerImport } from 'vite';
import { launch, openPage, serve, waitFor } from './browser.mjs';

const root = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const RELEASE = root('target/release');
const AXE = root('node_modules/axe-core/axe.min.js');
/** Few questions, for a short run. */
const QUICK = '#method=gptq&settings.bits=3&settings.symmetric=true&calibration.sequences=8&calibration.length=64&evaluation.items=20&probes=stereotype,machine_ethics';

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

const load = async (name) => (await runnerImport(root(`www/${name}.ts`), { configFile: false, logLevel: 'error' })).module;

async function open(hash, options = {}) {
  page = await openPage(browser, server.url + hash, { permissions: ['clipboard-read', 'clipboard-write'], ...options });
  await waitFor(page, 'ready', 'true');
}

async function openResult(hash = QUICK, options = {}) {
  await open(hash, options);
  await page.getByTestId('run').click();
  await waitFor(page, 'state', 'done');
  await page.getByTestId('open-sharing').click();
  await page.getByTestId('sharing').waitFor();
}

const copied = () => page.evaluate(() => navigator.clipboard.readText());
const said = () => page.getByTestId('copied').innerText();

async function saved(name) {
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId(name).click()]);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

async function axe() {
  await page.evaluate(await readFile(AXE, 'utf8'));
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).slice(0, 3)}`);
}

/** A drawing of the page as pixels. */
function pixels(selector) {
  return page.locator(selector).evaluate(async (drawing) => {
    const image = new Image();
    const copy = drawing.cloneNode(true);
    const size = 6 * Number(drawing.dataset.modules);
    for (const name of ['width', 'height']) copy.setAttribute(name, size);
    image.src = `data:image/svg+xml,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
    await image.decode();
    const canvas = Object.assign(document.createElement('canvas'), { width: size, height: size });
    const context = canvas.getContext('2d');
    context.drawImage(image, 0, 0);
    return { width: size, height: size, data: [...context.getImageData(0, 0, size, size).data] };
  });
}

test('the link is copied, and its code leads to the same experiment', { timeout: 120_000 }, async () => {
  await openResult();
  const repeat = await page.getByTestId('repeat').getAttribute('href');
  await page.getByTestId('copy-link').click();
  await page.getByText('Copied the link.').waitFor();
  assert.equal(await copied(), new URL(repeat, server.url).href);
  assert.equal(await page.getByTestId('link').inputValue(), await copied());
  await page.getByText('QR code', { exact: true }).click();
  await page.locator('svg.code').waitFor();
  const { width, height, data } = await pixels('svg.code');
  const read = decodeQR({ width, height, data: Uint8Array.from(data) });
  assert.ok(read.length < (await copied()).length / 2, `${read.length} characters`);
  assert.match(await page.getByTestId('code-says').innerText(), new RegExp(`${read.length} characters`));
  const recipe = async () => new URL(page.url()).hash;
  await page.goto('about:blank');
  await page.goto(read.replace(/&run=1$/, ''));
  await waitFor(page, 'ready', 'true');
  assert.equal(`${await recipe()}&run=1`, repeat);
  assert.equal(await page.getByTestId('notice-link').count(), 0);
  assert.deepEqual(page.problems, []);
});

test('a browser that lets no page copy says so, and one of before is asked in its own way', { timeout: 120_000 }, async () => {
  await open(QUICK);
  await page.evaluate(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }));
  await page.getByTestId('share').click();
  await page.getByTestId('copy-command').click();
  assert.equal(await said(), 'Copied the command.');
  assert.equal(await page.evaluate(() => document.activeElement.dataset.testid), 'copy-command', 'the focus stays');
  await page.evaluate(() => (document.execCommand = () => false));
  await page.getByTestId('copy-recipe').click();
  assert.match(await said(), /does not let the page copy: select the recipe/);
});

const isBuilt = await access(join(RELEASE, 'pressure-test')).then(() => true, () => false);
const inShell = (line, cwd) => promisify(execFile)('bash', ['-c', line], { cwd, env: { ...process.env, PATH: `${RELEASE}:${process.env.PATH}` } });

test('the command is the same run: the same recipe, the same scores', { timeout: 240_000, skip: isBuilt ? false : 'target/release/pressure-test is not built' }, async () => {
  await openResult();
  await page.getByTestId('copy-command').click();
  const line = await copied();
  assert.match(line, /^pressure-test run --model builtin --method gptq \\\n {2}--bits 3 /);
  const { bytes } = await saved('save-json');
  const here = JSON.parse(bytes);
  const folder = await mkdtemp(join(tmpdir(), 'command-'));
  try {
    await inShell(line, folder);
    const there = JSON.parse(await readFile(join(folder, 'report.json'), 'utf8'));
    assert.deepEqual(there.recipe, here.recipe);
    const scores = ({ before, after }) => [before, after].flatMap((side) => side.scores.map(({ name, value, n }) => [name, n, Number(value.toFixed(4))]));
    assert.deepEqual(scores(there), scores(here));
  } finally {
    await rm(folder, { recursive: true });
  }
});

/** A catalog as the page has it, and its modules outside of a page. */
async function outside() {
  globalThis.document ??= { baseURI: 'https://page.example/' };
  const core = await import(new URL('../../www/pkg/pressure_test.js', import.meta.url));
  core.initSync({ module: await readFile(root('www/pkg/pressure_test_bg.wasm')) });
  const { toCommand } = await load('share/command');
  const { toRecipe } = await load('share/recipe');
  return { catalog: core.catalog(), toCommand, toRecipe };
}

/** Links of every method and setting: the least and the largest value, every choice. */
function linksOf(catalog) {
  return catalog.methods.flatMap(({ name, parameters }) =>
    [0, 1, 2, 3].map((which) => {
      const value = ({ kind, options, min, max }) => (kind === 'toggle' ? which % 2 === 0 : kind === 'choice' ? options[which % options.length].value : which % 2 ? min : max);
      const of = (part, list) => list.filter((each) => each.name !== 'source').map((each) => [`${part}.${each.name}`, String(value(each))]);
      return `#${new URLSearchParams([['method', name], ...of('settings', parameters), ...of('calibration', catalog.calibration), ...of('evaluation', catalog.evaluation)])}`;
    }),
  );
}

test('every flag of a command is one of the command line, with every value', { timeout: 240_000, skip: isBuilt ? false : 'target/release/pressure-test is not built' }, async () => {
  const { catalog, toCommand } = await outside();
  for (const link of linksOf(catalog)) {
    const line = toCommand(link, catalog, null).replace('--json report.json', '--json /nowhere/report.json');
    const { code, stderr } = await inShell(line, tmpdir()).catch((reason) => reason);
    // Flags are read first, then whether the file can be written; a flag that is refused ends with 2.
    assert.equal(code, 1, `${line}: ${stderr}`);
    assert.match(stderr, /\/nowhere\/report\.json/, line);
  }
});

test('a command is one command, whatever a name has in it', async () => {
  const { catalog, toCommand } = await outside();
  const named = (keys) => `#${new URLSearchParams({ method: 'round_to_nearest', ...keys }).toString().replaceAll('+', '%20')}`;
  for (const [keys, pattern] of [
    [{ dropped: 'my model' }, /--model 'my model'/],
    [{ dropped: "it's" }, /--model 'it'\\''s'/],
    [{ dropped: '$(touch x)`id`' }, /--model '\$\(touch x\)`id`'/],
    [{ dropped: '-rf' }, /--model \.\/-rf/],
    [{ text: 'a\nrm -rf ~\u2028b' }, /^# The calibration text is a file of yours: a rm -rf ~ b\npressure-test run/],
    [{ classifier: 'x\r\ny' }, /# Toxicity is judged by a classifier of yours \(x y\)/],
    [{ model: 'owner/name@v1', hub: 'https://hub.example' }, /# First: HF_ENDPOINT=https:\/\/hub\.example hf download owner\/name --revision v1 --local-dir name\n.*--model name/],
    [{ model: 'https://files.example/m/' }, /# First bring the files of https:\/\/files\.example\/m\/ into a folder named model\.\n.*--model model/],
    [{ 'evaluation.source': 'own', items: 'a.jsonl' }, /--source own[^]*--data items/],
    [{ backend: 'gpu' }, /--backend gpu/],
  ]) {
    const line = toCommand(named(keys), catalog, null);
    assert.match(line, pattern);
    const commands = line.split('\n').filter((each) => !each.startsWith('#') && !each.startsWith('  '));
    assert.equal(commands.length, 1, line);
  }
});

/** What the modifiers of llm-compressor 0.14 have, and the arguments of compressed-tensors 0.19 for weights. */
const FIELDS = {
  QuantizationModifier: 'config_groups ignore',
  GPTQModifier: 'config_groups ignore dampening_frac actorder block_size',
  AWQModifier: 'duo_scaling n_grid',
  SparseGPTModifier: 'sparsity mask_structure targets ignore block_size dampening_frac',
  WandaPruningModifier: 'sparsity mask_structure targets ignore',
  group_0: 'targets weights',
  config_groups: 'group_0',
  weights: 'num_bits type symmetric strategy group_size observer',
};

/** The keys beneath each key of a YAML document that has no lists but in one line. */
function keysOf(yaml) {
  const [keys, path] = [[], []];
  for (const line of yaml.split('\n')) {
    const [, indent, key] = /^( *)([\w-]+):/.exec(line) ?? [];
    if (key === undefined) {
      assert.match(line, /^(#.*)?$/, yaml);
      continue;
    }
    path.length = indent.length / 2;
    keys.push([path.at(-1) ?? '', key, line.slice(indent.length + key.length + 1).trim()]);
    path.push(key);
  }
  return keys;
}

test('a recipe has what llm-compressor has, and names what that has not', async () => {
  const { catalog, toRecipe } = await outside();
  for (const link of linksOf(catalog)) {
    const yaml = toRecipe(link);
    const method = new URLSearchParams(link.slice(1)).get('method');
    for (const [above, key] of keysOf(yaml)) {
      if (/_stage$|_modifiers$/.test(key)) continue;
      if (/_modifiers$/.test(above)) assert.ok(key in FIELDS, yaml);
      else assert.ok(FIELDS[above]?.split(' ').includes(key), `${above}.${key} in ${yaml}`);
    }
    if (method === 'magnitude') assert.match(yaml, /# Magnitude has no counterpart/);
    else assert.match(yaml, new RegExp(`^pressure_stage:\n  ${method}_modifiers:$`, 'm'));
  }
  const value = (yaml, name) => keysOf(yaml).find(([, key]) => key === name)?.[2];
  const gptq = toRecipe('#method=gptq&settings.bits=3&settings.group_size=128&settings.symmetric=true&settings.damping=0.05&settings.column_order=activation&settings.static_groups=true&calibration.sequences=32&calibration.length=512');
  assert.deepEqual(['num_bits', 'group_size', 'symmetric', 'dampening_frac', 'actorder', 'strategy'].map((name) => value(gptq, name)), ['3', '128', 'true', '0.05', 'static', 'group']);
  assert.match(gptq, /num_calibration_samples=32, max_seq_length=512/);
  assert.equal(value(toRecipe('#method=gptq&settings.column_order=stored'), 'actorder'), 'null');
  assert.match(toRecipe('#method=gptq&settings.column_order=activation&settings.static_groups=false'), /# Groups that follow the order of columns are no longer made there/);
  assert.equal(value(toRecipe('#method=awq&settings.group_size=row'), 'strategy'), 'channel');
  const sparse = toRecipe('#method=sparsegpt&settings.pattern=2:4&settings.sparsity=0.7');
  assert.deepEqual([value(sparse, 'sparsity'), value(sparse, 'mask_structure')], ['0.5', '"2:4"'], 'a pattern removes half');
  const chain = keysOf(toRecipe('#method=wanda+gptq&settings.sparsity=0.3')).map(([, key]) => key);
  assert.ok(chain.indexOf('WandaPruningModifier') < chain.indexOf('GPTQModifier'));
  assert.match(toRecipe('#method=wanda+gptq'), /# Weights that were removed do not stay 0 there/);
  assert.match(toRecipe('#method=gptq&calibration.seeds=3'), /# Several calibration seeds/);
  assert.match(gptq, /# Symmetric grids are the classic ones there/);
  assert.doesNotMatch(toRecipe('#method=gptq&settings.symmetric=true&settings.grid=classic'), /# Symmetric grids/);
  assert.equal(value(toRecipe('#method=awq&settings.scale_points=20'), 'n_grid'), '21', 'from 0 to 1, both included');
  assert.match(toRecipe('#method=awq'), /# Layers see blocks before them that are not rounded yet/);
  assert.doesNotMatch(toRecipe('#method=awq&calibration.propagation=dense'), /not rounded yet/);
});

test('the picture is a file of its own: all scores and words, as SVG and as PNG, dark on light on a dark page too', { timeout: 120_000 }, async () => {
  await openResult(QUICK, { colorScheme: 'dark' });
  const drawn = (await saved('save-svg')).bytes.toString();
  const report = JSON.parse((await saved('save-json')).bytes);
  const found = await page.evaluate((text) => {
    const parsed = new DOMParser().parseFromString(text, 'image/svg+xml');
    const all = [...parsed.querySelectorAll('*')];
    return {
      error: parsed.querySelector('parsererror')?.textContent ?? null,
      texts: [...parsed.querySelectorAll('text')].map(({ textContent }) => textContent.trim()),
      styled: all.filter((each) => each.hasAttribute('class') || each.hasAttribute('style')).length,
      dots: parsed.querySelectorAll('circle').length,
      paper: parsed.querySelector('rect').getAttribute('fill'),
      ink: parsed.querySelector('text').getAttribute('fill'),
      foreign: text.match(/(?:href|src|url\()[^>]*/g),
    };
  }, drawn);
  assert.equal(found.error, null);
  assert.equal(found.styled, 0, 'what styles say is written into it');
  assert.equal(found.foreign, null, 'nothing is fetched by it');
  assert.equal(found.dots, 2 * 2 + 2, 'before and after of each dimension, and what stands for them');
  assert.ok(/^rgb\(2[45]/.test(found.paper) && /^rgb\([0-5]?\d,/.test(found.ink), `${found.ink} on ${found.paper}`);
  const text = found.texts.join(' ');
  for (const { title } of report.before.scores) assert.ok(text.includes(title), title);
  const summary = (await page.getByTestId('summary').innerText()).replace(/ What this can show.*/s, '');
  assert.ok(text.replace(/\s+/g, ' ').includes(summary.replace(/\s+/g, ' ').trim()), `${summary} in ${text}`);
  assert.ok(text.includes(report.model.hash.slice(0, 8)));
  const { name, bytes } = await saved('save-png');
  assert.equal(name, 'Pebble-gptq.png');
  assert.equal(bytes.subarray(1, 4).toString(), 'PNG');
  assert.equal(bytes.readUInt32BE(16), 1920);
  assert.ok(bytes.length > 20_000, `${bytes.length} bytes`);
  assert.deepEqual(page.problems, []);
});

test('the table has the numbers of the report, a row for each score', { timeout: 120_000 }, async () => {
  await openResult();
  const lines = (await saved('save-csv')).bytes.toString().trimEnd().split('\r\n').map((line) => [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain));
  const report = JSON.parse((await saved('save-json')).bytes);
  const [names, ...rows] = lines;
  assert.equal(rows.length, report.before.scores.length);
  for (const [place, cells] of rows.entries()) {
    const row = Object.fromEntries(names.map((name, i) => [name, cells[i]]));
    const [before, after] = [report.before.scores[place], report.after.scores[place]];
    const { verdict } = report.comparisons.find(({ name }) => name === before.name);
    assert.deepEqual(
      [row.dimension, Number(row.before), Number(row.after), Number(row.after_high), row.verdict, Number(row.items), row.model_sha256],
      [before.name, before.value, after.value, after.interval[1], verdict.words, before.n, report.model.hash],
    );
    assert.deepEqual(JSON.parse(row.settings), report.recipe.settings);
  }
  const { toCsv } = await load('share/table');
  assert.match(toCsv({ ...report, model: { ...report.model, name: '=HYPERLINK("x")' } }), /^" =HYPERLINK\(""x""\)",/m, 'a name is no formula');
});

test('a result is one good page of paper', { timeout: 240_000 }, async () => {
  await open('#method=round_to_nearest&settings.bits=2', { colorScheme: 'dark' });
  await page.getByTestId('run').click();
  await waitFor(page, 'state', 'done');
  for (const format of ['A4', 'Letter']) {
    const pdf = (await page.pdf({ format, printBackground: false })).toString('latin1');
    assert.equal(pdf.match(/\/Type\s*\/Page\b(?!s)/g).length, 1, format);
  }
  await page.emulateMedia({ media: 'print' });
  for (const seen of ['summary', 'results']) assert.ok(await page.getByTestId(seen).isVisible(), seen);
  for (const hidden of ['run', 'pressure', 'download', 'open-sharing', 'about']) assert.equal(await page.getByTestId(hidden).isVisible(), false, hidden);
  assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue('--ink').trim()), '#1b1d21', 'dark on light');
});

for (const [name, options] of Object.entries({ light: {}, dark: { colorScheme: 'dark' }, 'forced colours': { forcedColors: 'active' }, '320 px': { viewport: { width: 320, height: 700 } } })) {
  test(`axe finds nothing in what is opened: ${name}`, { timeout: 120_000 }, async () => {
    await openResult(QUICK, options);
    await page.getByText('QR code', { exact: true }).click();
    await page.locator('svg.code').waitFor();
    assert.deepEqual(await axe(), []);
    await page.getByTestId('close-sharing').click();
    assert.equal(await page.evaluate(() => document.activeElement.dataset.testid), 'open-sharing', 'the focus goes back');
    await page.getByTestId('share').click();
    await page.getByTestId('builder').waitFor();
    await page.getByTestId('add-step').click();
    assert.deepEqual(await axe(), []);
    const small = await page.getByTestId('sharing').locator('button, input:not([type=checkbox]), select, summary').evaluateAll((all) => all.filter((each) => each.getBoundingClientRect().height < 24).map(({ outerHTML }) => outerHTML));
    assert.deepEqual(small, [], 'targets are large enough');
    assert.deepEqual(page.problems, []);
  });
}
