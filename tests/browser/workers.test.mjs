// What is asked is shared out over workers, and how many there are, or what becomes of them, changes no result.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { launch, openPage, serve, waitFor } from './browser.mjs';

/** Drawn texts that the model before compression reads, options with priors, and rows of probabilities. */
const RECIPE = '#method=round_to_nearest&settings.bits=3&probes=toxicity,machine_ethics,privacy,perplexity&evaluation.samples=2';
/** Put before the program of a helper, which then dies of its second chunk. */
const MORTAL = `if (self.name === 'helper') {
  let chunks = 0;
  self.addEventListener('message', ({ data }) => {
    if (data.kind === 'answer' && ++chunks === 2) throw new Error('too much');
  });
}
`;

/** Put before the program of the worker that compresses: tells what was asked of helpers before they had the compressed model. */
const TELLING = `if (self.name !== 'helper') {
  let asked = 0;
  const post = Worker.prototype.postMessage;
  Worker.prototype.postMessage = function (message, ...rest) {
    if (message.kind === 'answer') asked += 1;
    if (message.kind === 'take') console.log('asked ahead: ' + asked);
    return post.call(this, message, ...rest);
  };
}
`;

let server;
let browser;
let alone;

before(async () => {
  server = await serve();
  browser = await launch();
  alone = await measure(server.url, 1);
});
after(async () => {
  await browser?.close();
  server?.close();
});

/** The report by so many workers, without what belongs to the machine; and how many helpers were started. */
async function measure(url, workers, { isClean = true, recipe = RECIPE, onConsole = () => {} } = {}) {
  const page = await openPage(browser, `${url}${recipe}&workers=${workers}`);
  const started = [];
  page.on('console', onConsole);
  page.on('worker', (worker) => started.push(worker));
  await waitFor(page, 'ready', 'true');
  await page.getByTestId('run').click();
  await waitFor(page, 'state', 'done');
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('download').click()]);
  const report = JSON.parse(await readFile(await download.path(), 'utf8'));
  if (isClean) assert.deepEqual(page.problems, []);
  await page.context().close();
  assert.equal(report.complete, true);
  const drop = (key, value) => (['seconds', 'tokens_per_second'].includes(key) ? undefined : value);
  return { report: JSON.parse(JSON.stringify(report, drop)), helpers: started.length - 1 };
}

/** The page with this before the program of its workers. */
function withBefore(text) {
  return (path, bytes) => (/worker-[^/]*\.js$/.test(path) ? Buffer.concat([Buffer.from(text), bytes]) : bytes);
}

test('one, two and three workers give the same report', async () => {
  assert.equal(alone.helpers, 0);
  for (const workers of [2, 3]) {
    const { report, helpers } = await measure(server.url, workers);
    assert.equal(helpers, workers - 1);
    assert.deepEqual(report, alone.report);
  }
});

test('what helpers leave when they die is asked again', async () => {
  const mortal = await serve(withBefore(MORTAL));
  try {
    const { report, helpers } = await measure(mortal.url, 2, { isClean: false });
    assert.equal(helpers, 3, 'a helper is started three times');
    assert.deepEqual(report, alone.report);
  } finally {
    mortal.close();
  }
});

test('while one worker compresses, another answers for the model as it is', async () => {
  const telling = await serve(withBefore(TELLING));
  try {
    const told = [];
    const recipe = RECIPE.replace('round_to_nearest', 'gptq');
    const { helpers } = await measure(telling.url, 2, { recipe, onConsole: (message) => told.push(message.text()) });
    assert.equal(helpers, 1);
    const asked = told.map((text) => /^asked ahead: (\d+)$/.exec(text)).find(Boolean);
    assert.ok(Number(asked?.[1]) > 0, told.join());
  } finally {
    telling.close();
  }
});
