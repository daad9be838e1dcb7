// Usage: node scripts/lighthouse/check.mjs
// Lighthouse on the built page (dist/) as it opens and with a result, on a phone at a quarter of the speed and on a desktop. By
// hand, on a quiet machine: it installs Lighthouse into a folder of its own, which takes a minute.
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { serveOrdinarily } from '../../tests/browser/ordinary-server.mjs';

const [LIGHTHOUSE, PUPPETEER] = ['13.5.0', '25.16.0'];
const LEAST = 95;
/** Milliseconds that a phone may be blocked for. */
const MOST_BLOCKED = 200;
const QUICK = '#method=round_to_nearest&settings.bits=3&evaluation.items=20';

const folder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), `pressure-test/lighthouse-${LIGHTHOUSE}`);
mkdirSync(folder, { recursive: true });
execFileSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', '--prefix', folder, `lighthouse@${LIGHTHOUSE}`, `puppeteer-core@${PUPPETEER}`], { stdio: 'inherit' });
const { resolve } = createRequire(join(folder, 'package.json'));
const installed = (name) => import(pathToFileURL(resolve(name)));
const { startFlow, desktopConfig } = await installed('lighthouse');
const puppeteer = await installed('puppeteer-core');

const server = await serveOrdinarily();
const browser = await puppeteer.default.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
let isFine = true;
for (const [device, config] of [['phone', undefined], ['desktop', desktopConfig]]) {
  const page = await browser.newPage();
  const flow = await startFlow(page, { config });
  await flow.navigate(server.url, { name: 'as it opens' });
  await flow.navigate(`${server.url}${QUICK}&run=1`, { name: 'a run that a link begins' });
  await page.goto('about:blank');
  await page.goto(server.url + QUICK);
  await page.waitForSelector('[data-testid=run]:not([disabled])', { timeout: 120_000 });
  await flow.startTimespan({ name: 'a run' });
  await page.click('[data-testid=run]');
  // The content note stands before the first run.
  const note = await page.waitForSelector('[data-testid=content-go-on], [data-testid=cancel]', { timeout: 60_000 });
  if ((await note.evaluate((each) => each.dataset.testid)) === 'content-go-on') await note.click();
  await page.waitForSelector('html[data-state=done]', { timeout: 600_000 });
  await flow.endTimespan();
  await page.evaluate(() => document.querySelectorAll('.results details > summary, score-table th > button').forEach((each) => each.click()));
  await flow.snapshot({ name: 'the result, all of it open' });
  const { steps } = await flow.createFlowResult();
  for (const { name, lhr } of steps) {
    const scores = Object.values(lhr.categories).flatMap(({ id, score, auditRefs }) => {
      const counted = auditRefs.filter((each) => each.weight > 0).map((each) => lhr.audits[each.id]).filter(({ score }) => score !== null);
      if (counted.length === 0) return [];
      const failed = counted.filter(({ score }) => score < 0.9).map((audit) => audit.id);
      const value = score === null ? null : Math.round(100 * score);
      const own = lhr.gatherMode === 'navigation' ? value : Math.round((100 * (counted.length - failed.length)) / counted.length);
      isFine &&= own === null || own >= LEAST;
      return [`${id} ${own}${failed.length > 0 ? ` (${failed.join(', ')})` : ''}`];
    });
    const blocked = lhr.audits['total-blocking-time']?.numericValue;
    if (device === 'phone' && blocked !== undefined) isFine &&= blocked <= MOST_BLOCKED;
    const shifts = lhr.audits['cumulative-layout-shift']?.numericValue;
    console.log(`${device}, ${name}: ${scores.join('; ')}${blocked === undefined ? '' : `; blocked ${Math.round(blocked)} ms`}${shifts === undefined ? '' : `; shifts ${shifts.toFixed(3)}`}`);
  }
  await page.close();
}
await browser.close();
server.close();
console.log(isFine ? `every score is ${LEAST} or more` : 'NOT ALL FINE');
process.exit(isFine ? 0 : 1);
