// A server as hosts of static pages are: compressed, with a date and a tag, fresh for ten minutes; and what it sent.
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join, normalize } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { DIST, typeOf } from './browser.mjs';

const COMPRESSED = /\.(html|js|css|json|wasm)$/;

/** `slow`: how many milliseconds a path takes to be answered. */
export async function serveOrdinarily(slow = {}, folder = DIST) {
  /** Every answer: `bytes` of its body as they went over the line. */
  const sent = [];
  const packed = new Map();
  const pack = async (path) => {
    const file = join(folder, path.endsWith('/') ? `${path}index.html` : path);
    const bytes = await readFile(file);
    const body = COMPRESSED.test(file) ? gzipSync(bytes) : bytes;
    const headers = {
      'content-type': typeOf(file),
      ...(COMPRESSED.test(file) && { 'content-encoding': 'gzip', vary: 'accept-encoding' }),
      'last-modified': (await stat(file)).mtime.toUTCString(),
      'cache-control': 'max-age=600',
      etag: `"${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}"`,
    };
    return { body, headers };
  };
  const server = createServer(async (request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, 'http://localhost').pathname));
    const say = (status, headers, body = '') => {
      sent.push({ path, status, bytes: body.length });
      response.writeHead(status, { ...headers, ...(status === 200 && { 'content-length': body.length }) }).end(body);
    };
    try {
      if (!packed.has(path)) packed.set(path, await pack(path));
      const { body, headers } = packed.get(path);
      await setTimeout(slow[path] ?? 0);
      if (request.headers['if-none-match'] === headers.etag) say(304, headers);
      else say(200, headers, body);
    } catch {
      say(404, {});
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${server.address().port}/`, sent, close: () => server.close() };
}
