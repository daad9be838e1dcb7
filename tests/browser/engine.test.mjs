// Questions to the engine wait their turn, and ending one leaves the others alone: the page's own code, with a worker
// that this test plays.
import assert from 'node:assert/strict';
import { before, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

let Engine;
/** Every worker that was started. */
let workers;
let engine;
let losses;

class FakeWorker extends EventTarget {
  asked = [];
  ended = false;
  constructor() {
    super();
    workers.push(this);
  }
  postMessage(message) {
    this.asked.push(message);
  }
  terminate() {
    this.ended = true;
  }
  reply(kind, value) {
    this.dispatchEvent(Object.assign(new Event('message'), { data: { id: this.asked.at(-1).id, kind, ...value } }));
  }
}

before(async () => {
  globalThis.Worker = FakeWorker;
  ({ Engine } = (await runnerImport(fileURLToPath(new URL('../../www/engine.ts', import.meta.url)), { configFile: false, logLevel: 'error' })).module);
});
beforeEach(async () => {
  workers = [];
  losses = 0;
  engine = new Engine(() => losses++);
  const loaded = engine.load({ name: 'tiny', files: [] });
  await turn();
  workers[0].reply('value', { value: { name: 'tiny' } });
  await loaded;
});

const BROUGHT = { text: null, items: [], classifier: null };
const turn = () => new Promise((resolve) => setTimeout(resolve));
const kinds = (worker) => worker.asked.map(({ kind }) => kind);
const soon = (promise) => Promise.race([promise, new Promise((_, reject) => setTimeout(() => reject(new Error('it hangs')), 1000))]);

test('a question waits until the one before it is answered', async () => {
  const run = engine.run({}, BROUGHT, {});
  const fit = engine.fit([]);
  await turn();
  assert.deepEqual(kinds(workers[0]), ['load', 'run']);
  workers[0].reply('value', { value: 'report' });
  assert.equal(await soon(run), 'report');
  await turn();
  workers[0].reply('value', { value: 'fit' });
  assert.equal(await soon(fit), 'fit');
});

test('ending a question leaves no other one hanging', async () => {
  const cancel = new AbortController();
  const run = engine.run({}, BROUGHT, { signal: cancel.signal });
  const fit = engine.fit([]);
  const second = engine.run({}, BROUGHT, {});
  await turn();
  cancel.abort();
  await assert.rejects(soon(run), { name: 'AbortError' });
  assert.ok(workers[0].ended);
  assert.equal(losses, 1);
  await turn();
  workers[1].reply('value', { value: 'fit' });
  assert.equal(await soon(fit), 'fit');
  await turn();
  assert.deepEqual(kinds(workers[1]), ['fit', 'load'], 'the model is loaded again');
  workers[1].reply('value', { value: {} });
  await turn();
  workers[1].reply('value', { value: 'report' });
  assert.equal(await soon(second), 'report');
});

test('ending a question that waits ends no worker', async () => {
  const cancel = new AbortController();
  const run = engine.run({}, BROUGHT, {});
  const waiting = engine.save('gguf', cancel.signal);
  await turn();
  cancel.abort();
  await assert.rejects(soon(waiting), { name: 'AbortError' });
  workers[0].reply('value', { value: 'report' });
  assert.equal(await soon(run), 'report');
  await turn();
  assert.deepEqual(kinds(workers[0]), ['load', 'run'], 'it was never put');
  assert.ok(!workers[0].ended && losses === 0);
});

test('what a run takes beside its recipe crosses once, and again to a worker that does not have it', async () => {
  const classifier = { name: 'judge', files: [] };
  const item = { name: 'own.jsonl', blob: new Blob(['{}']) };
  const given = async (worker, brought, outcome = 'value') => {
    const run = engine.run({}, { text: null, ...brought }, {}).catch((reason) => reason);
    await turn();
    await turn();
    const { brought: crossed } = workers[worker].asked.at(-1);
    workers[worker].reply(outcome, { value: 'report', message: 'a bad file', broken: false });
    await soon(run);
    return crossed;
  };
  const both = { items: [item], classifier };
  assert.deepEqual(await given(0, both), both);
  assert.equal(await given(0, { items: [{ ...item }], classifier }), null, 'the same files');
  assert.deepEqual(await given(0, { items: [], classifier }, 'failure'), { items: [], classifier });
  assert.deepEqual(await given(0, both), both, 'nobody knows what is left of it after a failure');
  const loaded = engine.load({ name: 'another', files: [] });
  await turn();
  workers[0].reply('value', { value: {} });
  await loaded;
  assert.deepEqual(await given(0, both), both, 'another model has an engine of its own');
});

test('a worker that dies is noticed, and the next question has another', async () => {
  const run = engine.run({}, BROUGHT, {});
  const fit = engine.fit([]);
  await turn();
  workers[0].dispatchEvent(new Event('error'));
  await assert.rejects(soon(run), /^Error: The engine stopped unexpectedly.*starts anew with the next try/);
  await turn();
  workers[1].reply('failure', { message: null, broken: true });
  await assert.rejects(soon(fit), /The engine stopped unexpectedly/);
  assert.equal(losses, 2);
  const catalog = engine.catalog();
  await turn();
  workers[2].dispatchEvent(new Event('messageerror'));
  await assert.rejects(soon(catalog), /The engine stopped unexpectedly/);
});

test('the last words of an engine that stops at a fault of its own are said, and it is not asked again', async () => {
  const words = 'The engine has stopped at a fault of its own (src/lib.rs:1:1). Load the model again to go on; please report this.';
  for (const [place, say] of [(worker) => worker.reply('failure', { message: words, broken: false }), (worker) => worker.dispatchEvent(Object.assign(new Event('error'), { message: `Uncaught Error: ${words}` }))].entries()) {
    const run = engine.run({}, BROUGHT, {});
    await turn();
    if (place > 0) workers[place].reply('value', { value: {} }); // the model, loaded again
    await turn();
    say(workers[place]);
    await assert.rejects(soon(run), { message: words });
    assert.ok(workers[place].ended);
  }
});

test('a worker that dies between two questions is replaced', async () => {
  workers[0].dispatchEvent(new Event('error'));
  assert.ok(workers[0].ended && losses === 1);
  const run = engine.run({}, BROUGHT, {});
  await turn();
  assert.deepEqual(kinds(workers[1]), ['load']);
  workers[1].reply('failure', { message: 'gone', broken: false });
  await assert.rejects(soon(run), /gone/);
});
