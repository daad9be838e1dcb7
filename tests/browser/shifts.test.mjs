// While the page works nothing jumps: what moved by itself in a run, and how much of the page that was.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { launch, openIn, serve, waitFor, watchShifts } from './browser.mjs';

/** Beyond this a page is said to need improvement (web.dev/cls). */
const MOST = 0.1;
/** Milliseconds: shifts with no longer pause between them are felt as one, up to so many. */
const [PAUSE, WINDOW] = [1000, 5000];
const VIEWPORTS = { phone: { width: 412, height: 823 }, laptop: { width: 1440, height: 900 } };
/** Where the dial stands, so that the dial moves too. */
const LITTLE = '#method=round_to_nearest&settings.bits=2&evaluation.items=20';

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
afterEach(() => page?.context().close());

async function open(viewport, hash) {
  const context = await browser.newContext({ serviceWorkers: 'block', viewport, isMobile: viewport.width < 500 });
  await watchShifts(context);
  page = await openIn(context, server.url + hash);
}

/** The worst moment: shifts that the reader did not cause are added up as long as they follow one another. */
function worst(shifts) {
  let moment = { value: 0, moved: [] };
  let [most, began, last] = [moment, -Infinity, -Infinity];
  for (const { at, value, moved } of shifts.filter(({ isCaused }) => !isCaused)) {
    if (at - last > PAUSE || at - began > WINDOW) [moment, began] = [{ value: 0, moved: [] }, at];
    moment = { value: moment.value + value, moved: [...moment.moved, ...moved] };
    last = at;
    if (moment.value > most.value) most = moment;
  }
  return most;
}

async function assertStill(t) {
  const { value, moved } = worst(await page.evaluate(() => window.shifts));
  t.diagnostic(`cumulative layout shift: ${value.toFixed(3)}`);
  assert.ok(value <= MOST, `${value.toFixed(3)} of the page moved by itself:\n${[...new Set(moved)].join('\n')}`);
}

for (const [name, viewport] of Object.entries(VIEWPORTS)) {
  test(`nothing jumps in a run whose results are being read: ${name}`, async (t) => {
    await open(viewport, LITTLE);
    await waitFor(page, 'ready', 'true');
    await page.getByTestId('run').click();
    await waitFor(page, 'state', 'running');
    await page.locator('main').evaluate((main) => main.scrollIntoView());
    await waitFor(page, 'state', 'done');
    await assertStill(t);
  });

  test(`nothing jumps in a run that a link begins, over which the dial is read: ${name}`, async (t) => {
    await open(viewport, `${LITTLE}&run=1`);
    await waitFor(page, 'state', 'done');
    await assertStill(t);
  });
}
