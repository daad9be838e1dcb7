// A browser driven over WebDriver BiDi, for the one that Playwright's own protocol does not speak to: Debian's Firefox.
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import WebSocket from 'ws';

/** Keys as WebDriver writes them. */
const KEYS = { Enter: '\uE006', Escape: '\uE00C', ArrowLeft: '\uE012', ArrowRight: '\uE014' };

/** Nothing is fetched from elsewhere. */
const PREFERENCES = { 'datareporting.policy.dataSubmissionEnabled': false, 'app.normandy.enabled': false, 'services.settings.server': 'data:,' };

/** Starts a browser with a profile of its own, and opens a page of this size in it. */
export async function startOverBidi(program, { width, height }) {
  const profile = await mkdtemp(join(tmpdir(), 'firefox-'));
  await writeFile(join(profile, 'user.js'), Object.entries(PREFERENCES).map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`).join(''));
  const child = spawn(program, ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port', '0'], { stdio: ['ignore', 'ignore', 'pipe'] });
  const address = await new Promise((resolve, reject) => {
    let said = '';
    child.stderr.on('data', (bytes) => {
      said += bytes;
      const found = /WebDriver BiDi listening on (\S+)/.exec(said)?.[1];
      if (found) resolve(found);
    });
    child.on('error', reject);
    child.on('exit', () => reject(new Error(`${program} ended: ${said}`)));
  });
  const socket = new WebSocket(`${address}/session`);
  await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject));
  const asked = new Map();
  /** What went wrong in the page. */
  const problems = [];
  socket.on('message', (text) => {
    const { id, type, method, params, result, error, message } = JSON.parse(text);
    if (method === 'log.entryAdded' && params.level === 'error') problems.push(params.text);
    const question = asked.get(id);
    asked.delete(id);
    if (type === 'error') question?.reject(new Error(`${error}: ${message}`));
    else question?.resolve(result);
  });
  let count = 0;
  const send = (method, params = {}) =>
    new Promise((resolve, reject) => {
      asked.set((count += 1), { resolve, reject });
      socket.send(JSON.stringify({ id: count, method, params }));
    });
  await send('session.new', { capabilities: {} });
  // A window of its own has the focus, without which keys press nothing.
  const { context } = await send('browsingContext.create', { type: 'window' });
  await send('session.subscribe', { events: ['log.entryAdded'] });
  await send('browsingContext.setViewport', { context, viewport: { width, height } });

  /** What a function gives in the page, as JSON has it. */
  const evaluate = async (call, ...given) => {
    const functionDeclaration = `async () => JSON.stringify(await (${call})(...${JSON.stringify(given)}))`;
    const { type, result, exceptionDetails } = await send('script.callFunction', { functionDeclaration, awaitPromise: true, target: { context }, userActivation: true });
    if (type === 'exception') throw new Error(exceptionDetails.text);
    return result.value === undefined ? undefined : JSON.parse(result.value);
  };
  /** Waits until a function gives something true. */
  const until = async (call, ...given) => {
    const end = Date.now() + 120_000;
    while (Date.now() < end) {
      const found = await evaluate(call, ...given);
      if (found) return found;
      await setTimeout(100);
    }
    throw new Error(`never: ${call} of ${JSON.stringify(given)}`);
  };
  return {
    problems,
    evaluate,
    until,
    goto: (url) => send('browsingContext.navigate', { context, url, wait: 'complete' }),
    async press(key) {
      const value = KEYS[key] ?? key;
      await send('input.performActions', { context, actions: [{ type: 'key', id: 'keys', actions: [{ type: 'keyDown', value }, { type: 'keyUp', value }] }] });
    },
    async close() {
      await send('browser.close').catch(() => {});
      socket.close();
      if (child.exitCode === null) await new Promise((resolve) => child.on('exit', resolve));
      await rm(profile, { recursive: true, force: true });
    },
  };
}
