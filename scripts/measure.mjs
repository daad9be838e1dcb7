// Usage: node scripts/measure.mjs DEVICE
// Measures this machine with the built page, and one default run of the built-in model, and puts it at the end of
// www/device/recorded.json, or in place of what is there of the same name. DEVICE says in a few words what it is
// ("2 cores of an AMD EPYC"). The first machine there is the one that times are foretold from.
import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { launch, openPage, serve, waitFor } from '../tests/browser/browser.mjs';

const [device] = process.argv.slice(2);
if (!device) throw new Error('say what this machine is, in a few words');
const server = await serve();
const browser = await launch();
const page = await openPage(browser, server.url);
await waitFor(page, 'ready', 'true');
const began = Date.now();
await page.getByTestId('run').click();
await waitFor(page, 'state', 'done', 600_000);
const run = { seconds: Number(((Date.now() - began) / 1000).toFixed(1)), workers: await page.evaluate(() => navigator.hardwareConcurrency) };
await page.getByTestId('open-device').click();
await page.getByTestId('large').check();
await page.getByTestId('measure').click();
await waitFor(page, 'state', 'measuring');
await waitFor(page, 'state', 'done', 1_800_000);
const [file] = await Promise.all([page.waitForEvent('download'), page.getByTestId('save-speeds').click()]);
const { date, rows } = JSON.parse(await readFile(await file.path(), 'utf8'));
if (page.problems.length > 0) throw new Error(page.problems.join('\n'));
const rounded = rows.map((row) => ({ ...row, prompts: Math.round(row.prompts), one: Number(row.one.toFixed(1)), several: Number(row.several.toFixed(1)) }));
const machine = {
  device,
  date: date.slice(0, 10),
  browser: `Chromium ${browser.version()}`,
  commit: execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], { encoding: 'utf8' }).trim(),
  rows: rounded,
  run,
};
await browser.close();
server.close();
const path = fileURLToPath(new URL('../www/device/recorded.json', import.meta.url));
const others = JSON.parse(await readFile(path, 'utf8')).filter((each) => each.device !== device);
await writeFile(path, `${JSON.stringify([...others, machine], null, 1)}\n`);
console.log(machine);
