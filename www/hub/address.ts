// Where a model elsewhere is: in a repository of a hub, or in a folder on any server; of GGUF files, which one there.
import { files as TEXT } from '../text';

/** The hub that is asked where the reader names no other. */
export const HUB = 'https://huggingface.co';

/** `file`: the path there of a GGUF file, or of one part of it; without it the address is of a model in safetensors. */
export type Address =
  | { kind: 'hub'; hub: string; repo: string; revision: string; file?: string }
  | { kind: 'folder'; url: string; file?: string };

const REPO = /^((?:[\w-][\w.-]*\/)?[\w-][\w.-]*)(?:@(\S+))?$/;
const PAGE = /^\/([\w-][\w.-]*\/[\w-][\w.-]*)(?:\/(?:tree|blob|resolve|commit)\/([^/]+)(?:\/(.*))?)?\/?$/;
const RESOLVE = /^(.*?)\/([^/]+\/[^/]+)\/resolve\/([^/]+)(?:\/(.*))?$/;
/** A path below a folder to a GGUF file: no step leads up, and nothing in it means something else in an address. */
const FILE = /^(?!.{513})(?:(?!\.{1,2}\/)[^\\/?#%\u0000-\u001f]+\/)*[^\\/?#%\u0000-\u001f]+\.gguf$/i;
/** A file of a model in safetensors, whose folder is meant. */
const INSIDE = /[^/]*\.(safetensors|json|model)$/i;

/** What the reader typed or pasted: `owner/name`, `owner/name@revision`, the address of a page of the hub, or of a folder. */
export function parseAddress(typed: string, hub: string): Address {
  const text = typed.trim().replace(/^(?=(huggingface\.co|hf\.co)\/)/, 'https://');
  const named = REPO.exec(text);
  if (named?.[1]) return { kind: 'hub', hub, repo: named[1], revision: named[2] ?? 'main' };
  const url = parseUrl(text, /^(https?:\/\/|\.{0,2}\/)/i);
  if (url === null) {
    throw new Error(TEXT.noAddress({ typed: text }));
  }
  const found = onHub(url, hub);
  if (found) return found;
  const file = gguf(url.pathname.split('/').at(-1));
  return { kind: 'folder', url: asFolder(url, file !== undefined), ...(file !== undefined && { file }) };
}

/** Whether this is a path to a GGUF file that stays where it begins. */
export function isFilePath(path: string): boolean {
  return FILE.test(path);
}

/** The same place with a file of it that a link or a list names. */
export function withFile<Place extends Address>(address: Place, file: string): Place {
  if (!isFilePath(file)) throw new Error(TEXT.noFile({ typed: file.slice(0, 60) }));
  if (address.file !== undefined && address.file !== file) throw new Error(TEXT.twoFiles);
  return { ...address, file };
}

/** The address of a file there. */
export function fileUrl(folder: string, file: string): string {
  return folder + file.split('/').map(encodeURIComponent).join('/');
}

/** An address as `parseAddress` reads it with this hub, without its file; a repository of another hub becomes a full address. */
export function writeAddress(address: Address, hub: string): string {
  if (address.kind === 'folder') return address.url;
  if (address.hub !== hub) return `${address.hub}/${address.repo}/resolve/${encodeURIComponent(address.revision)}`;
  return address.revision === 'main' ? address.repo : `${address.repo}@${address.revision}`;
}

/** A hub as the reader typed it, without a slash at its end. */
export function parseHub(typed: string): string {
  const text = typed.trim();
  if (text === '') return HUB;
  const url = parseUrl(text, /^https?:\/\//i);
  if (url === null) throw new Error(TEXT.noHub({ typed: text }));
  return (url.origin + url.pathname).replace(/\/+$/, '');
}

/** Whether a revision is a commit: its content never changes. */
export function isCommit(revision: string): boolean {
  return /^[0-9a-f]{40}$/.test(revision);
}

function parseUrl(text: string, pattern: RegExp): URL | null {
  return pattern.test(text) && URL.canParse(text, document.baseURI) ? new URL(text, document.baseURI) : null;
}

/** The repository that a page of the hub shows; a path with `resolve` in it is one of a hub, wherever it is. */
function onHub(url: URL, hub: string): Address | null {
  const known = [hub, HUB, 'https://hf.co'].find((each) => url.href.startsWith(`${each}/`));
  const page = known === undefined ? null : PAGE.exec(url.href.slice(known.length).replace(/[?#].*$/, ''));
  if (page?.[1]) return inRepository(known === hub ? hub : HUB, page[1], page[2], page[3]);
  const resolve = RESOLVE.exec(url.pathname);
  return resolve?.[2] ? inRepository(url.origin + resolve[1], resolve[2], resolve[3], resolve[4]) : null;
}

function inRepository(hub: string, repo: string, revision: string | undefined, path: string | undefined): Address {
  const file = gguf(path);
  return { kind: 'hub', hub, repo, revision: decodeURIComponent(revision ?? 'main'), ...(file !== undefined && { file }) };
}

/** The path of a GGUF file out of an address; undefined for any other. */
function gguf(path = ''): string | undefined {
  const file = /%(?![\da-f]{2})/i.test(path) ? '' : decodeURIComponent(path);
  return isFilePath(file) ? file : undefined;
}

function asFolder(url: URL, isFile: boolean): string {
  const folder = new URL(url.href);
  folder.search = folder.hash = '';
  if (isFile || INSIDE.test(folder.pathname)) folder.pathname = folder.pathname.replace(/[^/]*$/, '');
  else if (!folder.pathname.endsWith('/')) folder.pathname += '/';
  return folder.href;
}
