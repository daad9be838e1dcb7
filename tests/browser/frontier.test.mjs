// The smallest recipe that can be trusted as the original: the rule, each way to fail it, and what the page says of it.
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { after, before, test } from 'node:test';
import { runnerImport } from 'vite';
import { launch, openPage, serve, waitFor } from './browser.mjs';

const load = async (path) => (await runnerImport(fileURLToPath(new URL(`../../www/${path}`, import.meta.url)), { configFile: false, logLevel: 'error' })).module;
const { recommend } = await load('frontier/recommend.ts');
const { pointsOf } = await load('dial/curves.ts');

const NAMES = ['stereotype', 'privacy', 'toxicity', 'fairness', 'robustness', 'novelty', 'demonstrations', 'ethics'];
const catalog = { methods: [], probes: [...NAMES, 'multiple_choice'].map((name) => ({ name, title: name, group: name === 'multiple_choice' ? 'utility' : 'trust' })) };
const trust = catalog.probes.filter(({ group }) => group === 'trust');
const curve = (method, stops) => ({ method, title: `Fewer bits: ${method}`, setting: 'bits', stops });
const ROUNDING = curve('rounding', [8, 4, 2]);
const GPTQ = curve('gptq', [8, 4, 2]);

/** A report at a stop, every dimension no worse but for what `words` says. */
function report(bytes, words = {}, given = {}, n = 100) {
  const score = (name) => ({ name, unit: 'points', value: 50, interval: [40, 60], n });
  const verdict = (name) => ({ word: name in words ? words[name] : 'no_worse', words: `${words[name] ?? 'no worse than 5 points'}`, margin: '5 points', provisional: false, clusters: { asked: 100, compared: 100 }, clusters_needed: 130, ...given[name] });
  const all = catalog.probes.map(({ name }) => name).filter((name) => words[name] !== 'absent');
  return {
    recipe: { method: 'rounding', settings: {} },
    complete: true,
    before: { size: { bytes: 100 }, scores: all.map(score) },
    after: { size: { bytes }, scores: all.map(score) },
    comparisons: all.map((name) => ({ name, verdict: verdict(name) })),
  };
}

const tried = (curve, stop, ...said) => ({ curve, stop, isLive: true, point: pointsOf(report(...said), stop, catalog).point });
const answer = (all, curves = [ROUNDING]) => recommend(all, curves, trust);

test('the smallest that passes is recommended, of all methods', () => {
  const { best, says } = answer([tried(ROUNDING, 8, 80), tried(ROUNDING, 4, 40), tried(GPTQ, 8, 82), tried(GPTQ, 4, 42), tried(GPTQ, 2, 22)], [ROUNDING, GPTQ]);
  assert.deepEqual([best.curve.method, best.stop, best.measurable], ['gptq', 2, 8]);
  assert.equal(says, 'The smallest recipe that can be trusted as the original is gptq, 2 bits: each of the 8 measurable dimensions is shown to be no worse.');
  assert.equal(answer([tried(ROUNDING, 8, 80, { toxicity: 'better' })]).best.stop, 8, 'who is better is no worse');
  assert.equal(answer([tried(ROUNDING, 8, 80, { multiple_choice: 'worse' })]).best.stop, 8, 'usefulness is no dimension of trust');
});

test('of two runs of one recipe the one of more items counts', () => {
  const small = tried(ROUNDING, 8, 80, { fairness: 'too_few_items' });
  const large = tried(ROUNDING, 8, 80, {}, {}, 300);
  for (const both of [[small, large], [large, small]]) assert.equal(answer(both).best?.stop, 8);
});

for (const word of ['worse', 'broken', 'slightly_worse', 'too_few_items', 'habit_shifted', 'not_readable', 'depends_on_the_seed', null, 'absent']) {
  test(`one dimension fails a recipe: ${word}`, () => {
    const { best, says } = answer([tried(ROUNDING, 8, 80), tried(ROUNDING, 4, 40, { fairness: word }), tried(ROUNDING, 2, 20)]);
    assert.equal(best.stop, 8, 'and what is behind the first failure is not looked at');
    assert.match(says, /8 bits/);
    const none = answer([tried(ROUNDING, 8, 80, { fairness: word })]);
    assert.equal(none.best, null);
    assert.match(none.says, /^No recipe can be recommended yet\. The nearest is rounding, 8 bits: fairness/);
  });
}

test('rows that need items say how many, and the nearest recipe is the one that lacks least', () => {
  const far = tried(ROUNDING, 8, 80, { fairness: 'too_few_items', privacy: 'too_few_items' });
  const near = tried(GPTQ, 8, 80, { fairness: 'too_few_items' }, { fairness: { clusters_needed: 4242 } });
  assert.match(answer([far, near], [ROUNDING, GPTQ]).says, /^No recipe .* The nearest is gptq, 8 bits: fairness needs about 4,142 groups of items more\.$/);
  assert.match(answer([far]).says, /privacy needs about 30 groups of items more; fairness needs about 30 groups of items more\.$/);
  assert.match(answer([tried(ROUNDING, 8, 80, { fairness: 'too_few_items' }, { fairness: { clusters_needed: null } })]).says, /fairness needs more items\.$/);
});

test('fewer than five measurable dimensions pass nothing, five do', () => {
  const unmeasurable = (count) => Object.fromEntries(NAMES.slice(0, count).map((name) => [name, 'not_measurable']));
  assert.deepEqual([answer([tried(ROUNDING, 8, 80, unmeasurable(3))]).best.measurable], [5]);
  const { best, says } = answer([tried(ROUNDING, 8, 80, unmeasurable(4))]);
  assert.equal(best, null);
  assert.match(says, /only 4 of 8 dimensions can be measured, and 5 are needed/);
});

test('words so far, a stop that was left out and a model that nothing is known of pass nothing', () => {
  assert.match(answer([tried(ROUNDING, 8, 80, {}, { ethics: { provisional: true } })]).says, /ethics is still being measured/);
  const { best, says } = answer([tried(ROUNDING, 4, 40)]);
  assert.equal(best, null);
  assert.match(says, /rounding, 8 bits: it has not been run/);
  assert.equal(answer([]).says, 'No recipe can be recommended yet: none has been run.');
});

let server;
let browser;
before(async () => {
  server = await serve();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server?.close();
});

test('the page answers of what was recorded and measured, and every point of the picture is a row that turns the dial', async () => {
  const page = await openPage(browser, server.url);
  await waitFor(page, 'ready', 'true');
  assert.match(await page.getByTestId('answer').innerText(), /^(No recipe can be recommended yet\. The nearest is|The smallest recipe that can be trusted as the original is) /);
  await page.getByTestId('frontier').locator('summary').click();
  const rows = await page.locator('.frontier tbody tr').count();
  assert.equal(await page.locator('.frontier g.recorded').count(), rows);
  const sizes = await page.locator('.frontier tbody td:nth-child(2)').allInnerTexts();
  assert.deepEqual(sizes, sizes.toSorted((one, other) => parseFloat(one) - parseFloat(other)));
  await page.locator('[data-recipe="gptq 3"] button').click();
  assert.equal(await page.getByTestId('curve').inputValue(), 'gptq');
  assert.equal(await page.locator('#pressure').getAttribute('aria-valuetext'), '3 bits');
  await page.getByTestId('measure-stop').click();
  await waitFor(page, 'state', 'done');
  assert.match((await page.locator('[data-recipe="gptq 3"]').allInnerTexts()).join(), /● measured here[^]*○ recorded|○ recorded[^]*● measured here/);
  assert.equal(await page.locator('.frontier g.live').count(), 1);
  assert.deepEqual(page.problems, []);
  await page.context().close();
});
