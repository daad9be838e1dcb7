// Usage: node scripts/benchmark/large.mjs FILE [ITEMS [WORKERS [DIMENSIONS]]]
// A GGUF file (random_gguf.mjs makes one in the shape of Llama-3.2-1B), opened in the built page, squeezed to 3 bits by rounding to nearest
// and scored before and after, ITEMS (20, the fewest) of each of the DIMENSIONS (all; names with commas between) by so many WORKERS (1, each
// of which holds the model): seconds of each step, and the most memory of the tab's process, workers and all.
// By hand: it takes minutes, with all dimensions more than half an hour.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { launch, openPage, serve, waitFor } from '../../tests/browser/browser.mjs';

const [file, items = '20', workers = '1', dimensions] = process.argv.slice(2);
const HOUR = 3_600_000;

/** The most memory that one renderer had so far, in MB: by Linux, of the processes that began below this one. */
function most() {
  const processes = execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' }).split('\n');
  const renderers = processes.filter((line) => line.includes('--type=renderer')).map((line) => line.trim().split(' ')[0]);
  const peaks = renderers.map((id) => {
    try {
      return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1] ?? 0) / 1000;
    } catch {
      return 0; // it ended meanwhile
    }
  });
  return Math.round(Math.max(...peaks));
}

const server = await serve();
const browser = await launch();
const asked = `evaluation.items=${items}${dimensions ? `&probes=${dimensions}` : ''}`;
const recipe = `method=round_to_nearest&settings.bits=3&settings.group_size=64&${asked}`;
const page = await openPage(browser, `${server.url}#${recipe}`, { cores: Number(workers) });
await waitFor(page, 'ready', 'true');
const step = async (name, work) => {
  const began = Date.now();
  await work();
  console.log(`${name}: ${((Date.now() - began) / 1000).toFixed(1)} s; most memory so far ${most()} MB`);
};
await step('load', async () => {
  await page.getByTestId('choose').click();
  await page.getByTestId('files').setInputFiles(file);
  await page.getByTestId('model').filter({ hasText: basename(file, '.gguf') }).waitFor({ timeout: HOUR });
});
await step('squeeze and score', async () => {
  await page.getByTestId('run').click();
  await waitFor(page, 'state', 'done', HOUR);
});
console.log((await page.getByTestId('summary').innerText()).replace(/\s+/g, ' '));
if (page.problems.length > 0) throw new Error(page.problems.join('\n'));
await browser.close();
server.close();
