// A server that behaves like the Hugging Face hub, and like one that has a bad day.
//
// Two origins: the hub answers the API and sends a reader of a large (LFS) file on to a content server, which exposes
// no header of its own to other sites. Neither answers a preflight, so every request must be a simple one.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';

/** The headers that the hub lets other sites read. */
const EXPOSED = 'X-Repo-Commit,X-Request-Id,X-Error-Code,X-Error-Message,ETag,Link,Accept-Ranges,Content-Range,X-Linked-Size,X-Linked-ETag,Retry-After';

export function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The name that git gives a file. */
export function gitHash(bytes) {
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}

/**
 * Serves `models`: `{ 'owner/name': { files: { name: bytes }, gated, renamed, plain, list } }`; weights are LFS files, which a
 * `plain` model's hub serves itself.
 *
 * `fault(request)` may answer with what goes wrong: `{ status, headers }`, or for a file `{ hold: n }` (n bytes, then
 * silence), `{ cut: n }` (n bytes, then the connection breaks), `{ end: n }` (n bytes, then a proper end), `{ noRange }`,
 * `{ corrupt }`, `{ longer }`, `{ etag }`, `{ pace: n }` (n bytes every 50 ms). `log` has every request.
 */
export async function serveHub(models) {
  const hub = { models, fault: () => null, log: [], wrongHash: false, hideHashes: false };
  const [api, content] = await Promise.all([listen((...pair) => answer(hub, 'hub', ...pair)), listen((...pair) => answer(hub, 'content', ...pair))]);
  hub.url = api.url;
  hub.contentUrl = content.url;
  hub.close = () => [api, content].forEach((server) => server.close());
  hub.stop = () => Promise.all([api.close(), content.close()]);
  /** The ranges of a file that were asked of the content server, as numbers of their first byte. */
  hub.ranges = (name) => hub.log.filter(({ server, path }) => server === 'content' && path.endsWith(name)).map(({ from }) => from);
  return hub;
}

async function listen(handle) {
  const server = createServer(handle);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${server.address().port}`, close };
}

export function commitOf(model) {
  return createHash('sha1').update(Object.values(model.files).map(sha256).join()).digest('hex');
}

function answer(hub, server, request, response) {
  const url = new URL(request.url, 'http://localhost');
  const path = decodeURIComponent(url.pathname);
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
  const asked = { server, path, method: request.method, from: from && Number(from), to: to ? Number(to) : undefined, headers: request.headers };
  hub.log.push(asked);
  response.setHeader('access-control-allow-origin', '*');
  if (server === 'hub') response.setHeader('access-control-expose-headers', EXPOSED);
  if (request.method !== 'GET' && request.method !== 'HEAD') return response.writeHead(405).end();
  const fault = hub.fault(asked) ?? {};
  if (fault.status) return response.writeHead(fault.status, fault.headers).end(fault.body);
  if (path.startsWith('/api/models/')) return answerApi(hub, url, response);
  const list = listed(hub, path);
  if (list) return response.writeHead(200, { 'content-type': list.type === 'html' ? 'text/html; charset=utf-8' : 'application/json' }).end(list.body);
  const [, repo, commit, name] = /^\/(.+?)\/resolve\/([^/]+)\/(.+)$/.exec(path) ?? folder(hub, path) ?? [];
  const model = hub.models[repo];
  if (!model) return refuse(response, 401, 'RepoNotFound');
  if (commit && commit !== commitOf(model) && commit !== 'main') return refuse(response, 404, 'RevisionNotFound');
  const bytes = model.files[name];
  if (!bytes) return refuse(response, 404, 'EntryNotFound');
  if (model.gated) return refuse(response, 401, 'GatedRepo');
  response.setHeader('x-repo-commit', commitOf(model));
  if (isLarge(name) && commit) response.setHeader('x-linked-etag', `"${sha256(bytes)}"`).setHeader('x-linked-size', bytes.length);
  if (server === 'hub' && isLarge(name) && !model.plain) return response.writeHead(302, { location: hub.contentUrl + request.url }).end();
  return sendFile(response, bytes, asked, { etag: `"${isLarge(name) ? sha256(bytes) : gitHash(bytes)}"`, ...fault });
}

/** A folder's list, where the model says how its server writes one: at its address, or as `index.json`. */
function listed(hub, path) {
  const [, repo, name] = /^\/folder\/([^/]+\/[^/]+)\/(index\.json)?$/.exec(path) ?? [];
  const { list } = hub.models[repo] ?? {};
  return list && (name !== undefined) === (list.type === 'index') ? list : null;
}

/** A plain folder without an API: /folder/owner/name/file. */
function folder(hub, path) {
  const [, repo, name] = /^\/folder\/([^/]+\/[^/]+)\/(.+)$/.exec(path) ?? [];
  return repo && [path, repo, undefined, name];
}

function isLarge(name) {
  return /\.(safetensors|gguf)$/.test(name);
}

function refuse(response, status, code) {
  response.writeHead(status, { 'x-error-code': code, 'content-type': 'text/plain' }).end(code);
}

function answerApi(hub, url, response) {
  const [, repo, revision = 'main'] = /^\/api\/models\/(.+?)(?:\/revision\/([^/]+))?$/.exec(url.pathname) ?? [];
  const model = hub.models[repo];
  if (!model) return refuse(response, 401, 'RepoNotFound');
  if (model.renamed) return response.writeHead(307, { location: `/api/models/${model.renamed}/revision/${revision}${url.search}` }).end();
  if (![commitOf(model), 'main', 'refs/pr/1'].includes(decodeURIComponent(revision))) return refuse(response, 404, 'RevisionNotFound');
  const siblings = Object.entries(model.files).map(([rfilename, bytes]) => {
    const hash = hub.wrongHash ? sha256('something else') : sha256(bytes);
    const lfs = isLarge(rfilename) && !hub.hideHashes ? { sha256: hash, size: bytes.length, pointerSize: 134 } : undefined;
    return hub.hideHashes ? { rfilename } : { rfilename, size: bytes.length, blobId: gitHash(lfs ? `pointer to ${hash}` : bytes), lfs };
  });
  const info = { id: repo, sha: commitOf(model), gated: model.gated ?? false, siblings };
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(info));
}

async function sendFile(response, whole, { from, to, method }, { etag, ...fault }) {
  const ranged = from !== undefined && !fault.noRange;
  const bytes = fault.corrupt ? corrupted(whole) : fault.longer ? Buffer.concat([whole, whole]) : whole;
  if (ranged && from >= bytes.length) return response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
  const end = ranged ? Math.min(to === undefined ? bytes.length : to + 1, bytes.length) : bytes.length;
  const body = bytes.subarray(ranged ? from : 0, end);
  const headers = { etag, 'content-type': 'application/octet-stream' };
  if (!fault.noRange) headers['accept-ranges'] = 'bytes';
  if (ranged) headers['content-range'] = `bytes ${from}-${end - 1}/${bytes.length}`;
  if (fault.end === undefined) headers['content-length'] = body.length;
  response.writeHead(ranged ? 206 : 200, headers);
  if (method === 'HEAD') return response.end();
  await sendBody(response, body, fault);
}

async function sendBody(response, body, { hold, cut, end, pace }) {
  if (hold !== undefined) return void response.write(body.subarray(0, hold));
  if (cut !== undefined) return void response.write(body.subarray(0, cut), () => setTimeout(() => response.destroy(), 50));
  if (end !== undefined) return void response.end(body.subarray(0, end));
  if (!pace) return void response.end(body);
  for (let at = 0; at < body.length && !response.destroyed; at += pace) {
    response.write(body.subarray(at, at + pace));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  response.end();
}

/** The same with one bit of its last byte turned. */
function corrupted(bytes) {
  const copy = Buffer.from(bytes);
  copy[copy.length - 1] ^= 1;
  return copy;
}
