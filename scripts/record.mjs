// Usage: node scripts/record.mjs DEVICE
// Measures every curve of the dial with the built page, one worker, and keeps them as www/dial/recorded.json: what readers see
// before anything has run on their own device. DEVICE says in a few words on what ("2 cores of an AMD EPYC, Chromium 150").
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { launch, openPage, serve, waitFor } from '../tests/browser/browser.mjs';

const [device] = process.argv.slice(2);
if (!device) throw new Error('say on what device this runs, in a few words');
const server = await serve();
const browser = await launch();
const page = await openPage(browser, server.url);
await waitFor(page, 'ready', 'true');
const methods = await page.getByTestId('curve').locator('option').evaluateAll((options) => options.map(({ value }) => value));
for (const method of methods) {
  await page.getByTestId('curve').selectOption(method);
  await page.getByTestId('measure-curve').click();
  await waitFor(page, 'state', 'running');
  await page.waitForFunction(() => ['idle', 'done', 'error'].includes(document.documentElement.dataset.state), null, { timeout: 3_600_000 });
  console.log(method, await page.getByTestId('dial-sentence').innerText());
}
const [file] = await Promise.all([page.waitForEvent('download'), page.getByTestId('save-curves').click()]);
const recording = JSON.parse(await readFile(await file.path(), 'utf8'));
if (page.problems.length > 0) throw new Error(page.problems.join('\n'));
await browser.close();
server.close();
const path = fileURLToPath(new URL('../www/dial/recorded.json', import.meta.url));
await writeFile(path, `${JSON.stringify({ ...recording, device })}\n`);
