// Compresses a whole model of the shape of SmolLM2-135M natively and in Chromium, one thread each, and puts times and
// memory into a document: node scripts/benchmark/model.mjs FILE.md [BLOCKS [TOKENIZER]]
// With a tokenizer.json of SmolLM2, it instead loads, compresses and scores the whole model in Chromium.
// Run by hand on a quiet machine, after scripts/build and cargo build --release; some minutes.
import { execFileSync, spawn } from 'node:child_process';
import { createReadStream, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { cpus, loadavg, tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch } from '../../tests/browser/browser.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PROGRAM = join(ROOT, 'target/release/pressure-test');
const COMPRESSED = 'A whole model, natively and in Chromium';
const SCORED = 'A whole model, loaded, compressed and scored in Chromium';
const CALIBRATION = { sequences: 8, length: 128 };
const METHODS = [
  { title: 'GPTQ, 4 bits, groups of 64', method: 'gptq', settings: { bits: 4, group_size: 64 } },
  { title: 'SparseGPT, 50 %', method: 'sparsegpt', settings: { sparsity: 0.5 } },
];
/**
 * How far the output errors of layers may lie apart, as shares: the median layer, and any. Sums in another order let
 * other weights win a near tie, above all where the inputs of a layer are much alike, as o_proj's are in a random model.
 */
const AGREES = { median: 0.01, any: 0.15 };
/** What one block's statistics would take plainly: its four Gram matrices as squares of f64, and the factor of the largest in f32. */
const STATISTICS = 8 * (3 * 576 ** 2 + 1536 ** 2) + 4 * 1536 ** 2;
/** What is kept of them at any time but while one is factored: the triangles. */
const TRIANGLES = 4 * (3 * 576 ** 2 + 1536 ** 2);
const TYPES = { '.js': 'text/javascript', '.wasm': 'application/wasm', '.html': 'text/html' };

/** Runs in a worker of the page: the engine alone, up to the compressed model, or to all scores where they are wanted. */
const WORKER = `
import init, { Engine } from '/pkg/pressure_test.js';
const measure = async ({ names, recipe, scores }) => {
  const began = performance.now();
  const wasm = await init();
  const read = async (name) => ({ name, bytes: new Uint8Array(await (await fetch('/model/' + name)).arrayBuffer()) });
  const engine = Engine.load('random', await Promise.all(names.map(read)));
  const loaded = wasm.memory.buffer.byteLength;
  const loading = (performance.now() - began) / 1000;
  const experiment = engine.experiment(recipe, null);
  const [seed] = experiment.seeds();
  await experiment.compress(seed, undefined, async () => {}, () => {});
  if (scores) await experiment.score(seed, (side, requests) => experiment.answer(side, requests), () => {});
  const [total, peak] = [(performance.now() - began) / 1000, wasm.memory.buffer.byteLength];
  return { report: experiment.report(), loaded, peak, loading, total };
};
onmessage = async ({ data }) => postMessage(await measure(data).catch((problem) => ({ problem: String(problem) })));`;

/** The most memory that a process had so far, from the kernel, in bytes; 0 where it has ended. */
function resident(pid) {
  if (!existsSync(`/proc/${pid}/status`)) return 0;
  const line = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return line ? Number(line[1]) * 1024 : 0;
}

/** On the command line: seconds, output errors by layer, and the most memory. */
async function natively(folder, out, { method, settings }) {
  const flags = Object.entries(settings).flatMap(([name, value]) => [`--${name.replaceAll('_', '-')}`, `${value}`]);
  const calibration = Object.entries(CALIBRATION).flatMap(([name, value]) => [`--calibration-${name}`, `${value}`]);
  const arguments_ = ['compress', '--model', folder, '--method', method, ...flags, ...calibration, '--out', out];
  const child = spawn(PROGRAM, arguments_, { env: { ...process.env, RAYON_NUM_THREADS: '1' }, stdio: ['ignore', 'pipe', 'ignore'] });
  let [text, peak] = ['', 0];
  child.stdout.on('data', (data) => (text += data));
  const watch = setInterval(() => {
    peak = Math.max(peak, resident(child.pid));
  }, 20);
  const code = await new Promise((resolve) => child.on('close', resolve));
  clearInterval(watch);
  if (code !== 0) throw new Error(`the command line failed: ${arguments_.join(' ')}`);
  const errors = [...text.matchAll(/output error ([\d.]+) %/g)].map((match) => Number(match[1]) / 100);
  return { seconds: Number(/in ([\d.]+) s;/.exec(text)[1]), errors, peak };
}

function serve(folder) {
  const server = createServer((request, response) => {
    const path = new URL(request.url, 'http://localhost').pathname;
    const file = path.startsWith('/model/') ? join(folder, path.slice(7)) : join(ROOT, 'www', path);
    const fixed = { '/': '<!doctype html><title>benchmark</title>', '/worker.js': WORKER }[path];
    response.setHeader('content-type', TYPES[path === '/' ? '.html' : extname(path)] ?? 'application/octet-stream');
    if (fixed) response.end(fixed);
    else createReadStream(file).on('error', () => response.writeHead(404).end()).pipe(response);
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

async function inChromium(browser, url, { method, settings }, evaluation) {
  const page = await browser.newPage();
  await page.goto(url);
  const names = ['config.json', 'model.safetensors', 'tokenizer.json'];
  const recipe = { method, settings, calibration: CALIBRATION, evaluation: evaluation ?? {} };
  const run = (message) =>
    new Promise((resolve, reject) => {
      const worker = new Worker('/worker.js', { type: 'module' });
      worker.onerror = (event) => reject(new Error(event.message));
      worker.onmessage = ({ data: { report, problem, ...measured } }) => {
        worker.terminate();
        if (problem) return reject(new Error(problem));
        const errors = report.compression.layers.map((layer) => layer.output_error);
        const sides = [report.before, report.after].map(({ size, scores, seconds }) => ({
          bytes: size.bytes,
          items: scores.reduce((sum, { n }) => sum + n, 0),
          seconds,
        }));
        resolve({ seconds: report.compression.seconds, errors, sides, ...measured });
      };
      worker.postMessage(message);
    });
  const answer = await page.evaluate(run, { names, recipe, scores: evaluation !== undefined });
  await page.close();
  return answer;
}

function check(title, native, wasm) {
  if (native.errors.length === 0 || native.errors.length !== wasm.errors.length) throw new Error(`${title}: layers are missing`);
  // The command line prints three digits of a per cent.
  const apart = native.errors.map((error, i) => Math.max(0, Math.abs(wasm.errors[i] - error) - 1e-5) / error);
  const [median, any] = [apart.toSorted((a, b) => a - b)[apart.length >> 1], Math.max(...apart)];
  if (median > AGREES.median || any > AGREES.any) throw new Error(`${title}: output errors lie ${median} apart in the median, ${any} at most`);
}

const MB = (bytes) => (bytes / 1e6).toFixed(0);

/** Compresses natively and in Chromium with each method. */
async function compressed(browser, url, folder, scratch, blocks) {
  const size = statSync(join(folder, 'model.safetensors')).size;
  const lines = [];
  for (const recipe of METHODS) {
    const native = await natively(folder, join(scratch, 'out'), recipe);
    const wasm = await inChromium(browser, url, recipe);
    check(recipe.title, native, wasm);
    const ratio = (wasm.seconds / native.seconds).toFixed(2);
    const memory = [native.peak, wasm.loaded, wasm.peak].map((bytes) => `${MB(bytes)} MB (${(bytes / size).toFixed(2)})`).join(' | ');
    lines.push(`| ${recipe.title} | ${native.seconds.toFixed(1)} | ${wasm.seconds.toFixed(1)} | ${ratio} | ${memory} |`);
    console.log(lines.at(-1));
  }
  return `A model with random weights in the shape of SmolLM2-135M (${blocks} blocks, ${MB(size)} MB in f16), calibrated on
${CALIBRATION.sequences} × ${CALIBRATION.length} tokens, one thread each; seconds for calibration and compression of all its layers. Before a time is
shown, the layers' output errors lay within ${100 * AGREES.median} % of one another in the two (median; ${100 * AGREES.any} % at most). Native memory:
the most that was ever resident, loading and saving included. Memory in Chromium: that of the wasm module after loading, and
at the end, which is the most it ever had. In brackets: as a multiple of the file's N bytes. The aim is 1.5 N and one
block's statistics: ${MB(1.5 * size + STATISTICS)} MB with squares of f64 and one factor in f32 (${MB(STATISTICS)} MB), ${MB(1.5 * size + TRIANGLES)} MB with the
triangles that are really kept (${MB(TRIANGLES)} MB). Both models are in memory at the end, and half of the weights as a bitmask and values take 0.45 N.

| method | native, s | Chromium, s | ratio | native memory | after loading | at the end |
|---|---|---|---|---|---|---|
${lines.join('\n')}`;
}

/** Loads, compresses and scores in Chromium. */
async function scored(browser, url, blocks) {
  const evaluation = { items: 20, samples: 1 };
  const { loading, loaded, seconds, sides, total, peak } = await inChromium(browser, url, METHODS[0], evaluation);
  const [before, after] = sides;
  if (before.items !== after.items || before.items < 100) throw new Error(`${before.items} items before, ${after.items} after`);
  return `A model with random weights in the shape of SmolLM2-135M (${blocks} blocks) with SmolLM2's tokenizer, one thread;
${METHODS[0].title}; calibrated on ${CALIBRATION.sequences} × ${CALIBRATION.length} tokens; all ten scores of ${before.items} items a side (${evaluation.items} of each dimension, ${evaluation.samples} sample
of each toxicity prompt). With random weights the scores mean nothing; what they cost is what a real model of this shape costs.

| step | seconds | bytes of the model | wasm memory |
|---|---|---|---|
| load | ${loading.toFixed(1)} | ${before.bytes} | ${MB(loaded)} MB |
| calibrate and compress | ${seconds.toFixed(1)} | ${after.bytes} | |
| score before | ${before.seconds.toFixed(1)} | | |
| score after | ${after.seconds.toFixed(1)} | | |
| all | ${total.toFixed(1)} | | ${MB(peak)} MB, the most it ever had |`;
}

async function main(file, blocks = '30', tokenizer) {
  const load = loadavg()[0].toFixed(1);
  const scratch = mkdtempSync(join(tmpdir(), 'pressure-test-'));
  const folder = join(scratch, 'model');
  const script = fileURLToPath(new URL('random_model.mjs', import.meta.url));
  execFileSync('node', [script, folder, blocks, ...(tokenizer ? [tokenizer] : [])]);
  const server = await serve(folder);
  const url = `http://127.0.0.1:${server.address().port}/`;
  const browser = await launch();
  const text = await (tokenizer ? scored(browser, url, blocks) : compressed(browser, url, folder, scratch, blocks));
  const version = await browser.version();
  await browser.close();
  server.close();
  rmSync(scratch, { recursive: true });
  const machine = `${new Date().toISOString().slice(0, 10)}; ${cpus()[0].model}, ${cpus().length} cores, load ${load} before; Chromium ${version}.`;
  put(file, `## ${tokenizer ? SCORED : COMPRESSED}`, `${text}\n\nMade by \`scripts/benchmark/model.mjs\`. ${machine}`);
}

/** Puts a section into the document, in place of an older one. */
function put(file, heading, text) {
  const document = existsSync(file) ? readFileSync(file, 'utf8') : '# Benchmarks\n';
  const start = document.indexOf(`${heading}\n`);
  const next = start < 0 ? -1 : document.indexOf('\n## ', start);
  const [before, after] = start < 0 ? [`${document.trimEnd()}\n\n`, ''] : [document.slice(0, start), next < 0 ? '' : document.slice(next)];
  writeFileSync(file, `${before}${heading}\n\n${text}\n${after}`);
}

const [file, blocks, tokenizer] = process.argv.slice(2);
if (!file) throw new Error('Usage: node scripts/benchmark/model.mjs FILE.md [BLOCKS [TOKENIZER]]');
await main(file, blocks, tokenizer);
