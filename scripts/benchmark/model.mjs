// Compresses a whole model of the shape of SmolLM2-135M natively and in Chromium, one thread each, and puts times and
// memory into a document: node scripts/benchmark/model.mjs FILE.md [BLOCKS]
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
const HEADING = '## A whole model, natively and in Chromium';
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
/** Triangles of the Gram matrices of one block in f64, and what solving the largest takes: a square in f64, one in f32. */
const STATISTICS = 4 * (3 * 576 ** 2 + 1536 ** 2) + (8 + 4) * 1536 ** 2;
const TYPES = { '.js': 'text/javascript', '.wasm': 'application/wasm', '.html': 'text/html' };

/** Runs in a worker of the page: the engine alone, up to the first report. */
const WORKER = `
import init, { Engine } from '/pkg/pressure_test.js';
onmessage = async ({ data: { names, recipe } }) => {
  const wasm = await init();
  const read = async (name) => ({ name, bytes: new Uint8Array(await (await fetch('/model/' + name)).arrayBuffer()) });
  const engine = Engine.load('random', await Promise.all(names.map(read)));
  const loaded = wasm.memory.buffer.byteLength;
  await engine.run(recipe, null, (event) => {
    if (event.kind !== 'report') return;
    postMessage({ report: event.report, loaded, peak: wasm.memory.buffer.byteLength });
  });
};`;

/** The memory of a process, from the kernel, in bytes. */
function resident(pid) {
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return line ? Number(line[1]) * 1024 : 0;
}

/** On the command line: seconds, output errors by layer, and the most memory seen from the first layer on. */
async function natively(folder, out, { method, settings }) {
  const flags = Object.entries(settings).flatMap(([name, value]) => [`--${name.replaceAll('_', '-')}`, `${value}`]);
  const calibration = Object.entries(CALIBRATION).flatMap(([name, value]) => [`--calibration-${name}`, `${value}`]);
  const arguments_ = ['compress', '--model', folder, '--method', method, ...flags, ...calibration, '--out', out];
  const child = spawn(PROGRAM, arguments_, { env: { ...process.env, RAYON_NUM_THREADS: '1' } });
  let [text, peak, compressing] = ['', 0, false];
  child.stdout.on('data', (data) => (text += data));
  child.stderr.on('data', (data) => {
    if (/_proj/.test(data)) compressing = true;
    if (/saving/.test(data)) compressing = false;
  });
  const watch = setInterval(() => {
    if (compressing && existsSync(`/proc/${child.pid}/status`)) peak = Math.max(peak, resident(child.pid));
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

async function inChromium(browser, url, { method, settings }) {
  const page = await browser.newPage();
  await page.goto(url);
  const names = ['config.json', 'model.safetensors', 'tokenizer.json'];
  const recipe = { method, settings, calibration: CALIBRATION, evaluation: {} };
  const run = (message) =>
    new Promise((resolve, reject) => {
      const worker = new Worker('/worker.js', { type: 'module' });
      worker.onerror = (event) => reject(new Error(event.message));
      worker.onmessage = ({ data: { report, loaded, peak } }) => {
        worker.terminate();
        const errors = report.compression.layers.map((layer) => layer.output_error);
        resolve({ seconds: report.compression.seconds, errors, loaded, peak });
      };
      worker.postMessage(message);
    });
  const answer = await page.evaluate(run, { names, recipe });
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

async function main(file, blocks = '30') {
  const load = loadavg()[0].toFixed(1);
  const scratch = mkdtempSync(join(tmpdir(), 'pressure-test-'));
  const folder = join(scratch, 'model');
  execFileSync('node', [fileURLToPath(new URL('random_model.mjs', import.meta.url)), folder, blocks]);
  const size = statSync(join(folder, 'model.safetensors')).size;
  const server = await serve(folder);
  const browser = await launch();
  const lines = [];
  for (const recipe of METHODS) {
    const native = await natively(folder, join(scratch, 'out'), recipe);
    const wasm = await inChromium(browser, `http://127.0.0.1:${server.address().port}/`, recipe);
    check(recipe.title, native, wasm);
    const ratio = (wasm.seconds / native.seconds).toFixed(2);
    const memory = [native.peak, wasm.loaded, wasm.peak].map((bytes) => `${MB(bytes)} MB (${(bytes / size).toFixed(2)})`).join(' | ');
    lines.push(`| ${recipe.title} | ${native.seconds.toFixed(1)} | ${wasm.seconds.toFixed(1)} | ${ratio} | ${memory} |`);
    console.log(lines.at(-1));
  }
  const version = await browser.version();
  await browser.close();
  server.close();
  rmSync(scratch, { recursive: true });
  put(file, `${HEADING}

A model with random weights in the shape of SmolLM2-135M (${blocks} blocks, ${MB(size)} MB in f16), calibrated on
${CALIBRATION.sequences} × ${CALIBRATION.length} tokens, one thread each; seconds for calibration and compression of all its layers. Before a time is
shown, the layers' output errors lay within ${100 * AGREES.median} % of one another in the two (median; ${100 * AGREES.any} % at most). Native memory:
the most that was resident while layers were compressed. Memory in Chromium: that of the wasm module after loading, and
at the end, which is the most it ever had. In brackets: as a multiple of the file's N bytes. The aim is 1.5 N and one
block's statistics (${MB(STATISTICS)} MB): ${MB(1.5 * size + STATISTICS)} MB. Both models are in memory at the
end, and half of the weights as a bitmask and values take 0.45 N. Made by \`scripts/benchmark/model.mjs\`.

${new Date().toISOString().slice(0, 10)}; ${cpus()[0].model}, ${cpus().length} cores, load ${load} before; Chromium ${version}.

| method | native, s | Chromium, s | ratio | native memory | after loading | at the end |
|---|---|---|---|---|---|---|
${lines.join('\n')}
`);
}

/** Puts the section into the document, in place of an older one. */
function put(file, text) {
  const document = existsSync(file) ? readFileSync(file, 'utf8') : '# Benchmarks\n';
  const start = document.indexOf(HEADING);
  const next = start < 0 ? -1 : document.indexOf('\n## ', start);
  const [before, after] = start < 0 ? [`${document.trimEnd()}\n\n`, ''] : [document.slice(0, start), next < 0 ? '' : document.slice(next)];
  writeFileSync(file, before + text + after);
}

const [file, blocks] = process.argv.slice(2);
if (!file) throw new Error('Usage: node scripts/benchmark/model.mjs FILE.md [BLOCKS]');
await main(file, blocks);
