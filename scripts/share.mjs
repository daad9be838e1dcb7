// Usage: node scripts/share.mjs FOLDER [PORT]
// Serves dist/ and, under room/, the models in FOLDER to a room's network, on PORT, or on 4173 or the next free one.
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { networkInterfaces } from 'node:os';
import { basename, dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import send from 'send';
import { renderUnicodeCompact } from 'uqr';

const DIST = fileURLToPath(new URL('../dist/', import.meta.url));
const MODEL = /\.(gguf|safetensors)$/i;
/** So many ports are tried. */
const TRIES = 20;
const FOREVER = 'public, max-age=31536000, immutable';
const EXPOSED = 'ETag, Content-Range, Accept-Ranges, Content-Length';

/** A server of the page in `dist` and of the models in a folder; a folder that is itself one model counts as one with it alone. */
export async function share(folder, dist = DIST) {
  const real = await realpath(folder);
  const isModel = await stat(join(real, 'config.json')).then(() => true, () => false);
  const room = { root: isModel ? dirname(real) : real, within: real, only: isModel ? basename(real) : null };
  return createServer((request, response) => {
    answer(request, response, room, dist).catch(() => refuse(response, 404));
  });
}

async function answer(request, response, room, dist) {
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405, { allow: 'GET, HEAD' });
  const { pathname } = new URL(request.url, 'http://room'); // without any steps up
  if (!pathname.startsWith('/room/')) return sendPage(request, response, pathname, dist);
  response.setHeader('access-control-allow-origin', '*').setHeader('access-control-expose-headers', EXPOSED);
  const path = decodeURIComponent(pathname.slice('/room'.length));
  if (path.endsWith('/index.json')) return list(request, response, dirname(path), room);
  if (!(await isInside(join(room.root, path), room))) return refuse(response, 404);
  return sendFile(request, response, pathname.slice('/room'.length), { root: room.root, isFixed: false });
}

/** Files of the page that a third of their bytes can say, packed once. */
const PACKED = /^\/assets\/[\w.-]+\.(wasm|js|css)$/;
const packed = new Map();

/** Names under assets/ have a hash of their content in them: those files never change. */
async function sendPage(request, response, pathname, dist) {
  if (!PACKED.test(pathname) || !/\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) return sendFile(request, response, pathname, { root: dist, isFixed: pathname.startsWith('/assets/') });
  if (!packed.has(pathname)) packed.set(pathname, readFile(join(dist, pathname)).then(promisify(gzip)));
  const body = await packed.get(pathname).catch(() => null);
  if (body === null) return refuse(response, 404);
  const type = { wasm: 'application/wasm', js: 'text/javascript', css: 'text/css' }[pathname.split('.').at(-1)];
  response.writeHead(200, { 'content-type': type, 'content-encoding': 'gzip', 'content-length': body.length, 'cache-control': FOREVER, vary: 'accept-encoding' });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** Whether a path, links followed, is in the folder that is shared. */
async function isInside(path, { within }) {
  const real = await realpath(path).catch(() => '');
  return real === within || real.startsWith(within + sep);
}

/** What a folder of the room has, as nginx writes lists; of its folders what the files in them take. */
async function list(request, response, path, room) {
  const folder = join(room.root, path);
  const isRoot = path === '/';
  if (!isRoot && !(await isInside(folder, room))) return refuse(response, 404);
  const names = isRoot && room.only !== null ? [room.only] : await readdir(folder);
  const entries = [];
  for (const name of names.filter((each) => !each.startsWith('.')).sort()) {
    if (!(await isInside(join(folder, name), room))) continue;
    const found = await stat(join(folder, name));
    const inside = found.isDirectory() ? await weights(join(folder, name)) : null;
    if (inside !== 0) entries.push({ name, type: found.isDirectory() ? 'directory' : 'file', size: inside ?? found.size });
  }
  const body = JSON.stringify(entries);
  response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-cache', 'content-length': Buffer.byteLength(body) });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** Bytes of the models right in a folder. */
async function weights(folder) {
  const sizes = (await readdir(folder)).filter((name) => MODEL.test(name)).map((name) => stat(join(folder, name)).then(({ size }) => size));
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** Ranges, tags and types are the library's; names with a hash of their content never change. */
function sendFile(request, response, path, { root, isFixed }) {
  send(request, path, { root, dotfiles: 'ignore', index: 'index.html', cacheControl: false })
    .on('headers', (response) => response.setHeader('cache-control', isFixed ? FOREVER : 'no-cache'))
    .on('directory', () => refuse(response, 404))
    .on('error', ({ status }) => refuse(response, status ?? 404))
    .pipe(response);
}

function refuse(response, status, headers = {}) {
  if (response.headersSent) return response.destroy();
  for (const name of response.getHeaderNames()) if (name.startsWith('content-')) response.removeHeader(name);
  response.writeHead(status, { ...headers, 'content-type': 'text/plain' }).end(`${status}\n`);
}

/** Addresses of this machine that others in its network can open. */
export function addresses(port, interfaces = networkInterfaces()) {
  const outer = Object.values(interfaces).flat().filter(({ internal, family, address }) => !internal && family === 'IPv4' && !address.startsWith('169.254.'));
  return outer.map(({ address }) => `http://${address}:${port}/`);
}

function listen(server, port) {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, () => (server.off('error', reject), resolve(server.address().port)));
  });
}

async function main([folder, asked]) {
  const server = await share(folder);
  let port = asked === undefined ? null : await listen(server, Number(asked));
  for (let next = 4173; port === null; next++) port = await listen(server, next).catch((reason) => (reason.code === 'EADDRINUSE' && next < 4173 + TRIES ? null : Promise.reject(reason)));
  const open = addresses(port);
  const listed = await (await fetch(`http://127.0.0.1:${port}/room/index.json`)).json();
  const models = listed.filter(({ name, type }) => type === 'directory' || (MODEL.test(name) && !/mmproj/i.test(name)));
  console.log(`${models.length} model${models.length === 1 ? '' : 's'} of ${folder}, and the page, are served to this room; Ctrl+C ends it.`);
  for (const { name, size } of models) console.log(`  ${name}, ${(size / 1e6).toFixed(0)} MB; thirty downloads are ${((30 * size) / 1e9).toFixed(1)} GB of this network`);
  console.log(open.length > 0 ? `\nThe others open ${open.join(' or ')}\n` : '\nThis machine is in no network that others could reach it by.\n');
  if (open[0]) console.log(renderUnicodeCompact(open[0]));
  console.log(
    [
      `This machine opens http://localhost:${port}/, where a browser lets the page do everything.`,
      'By plain http from another machine it lets it do less: models stay in memory, and are downloaded again after a reload;',
      'nothing opens offline; no graphics card (WebGPU); no copying to the clipboard; the authors’ items cannot be checked, so they',
      'are not fetched. Squeezing and measuring are the same.',
    ].join('\n'),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main(process.argv.slice(2)).catch((reason) => {
    const problem = { ENOENT: 'there is no such folder', EADDRINUSE: 'another program has that port', EACCES: 'this user may not' }[reason.code] ?? reason.message;
    console.error(`The room cannot be served: ${problem}.`);
    process.exit(1);
  });
}
