// Where a model elsewhere is: in a repository of a hub, or in a folder on any server.

/** The hub that is asked where the reader names no other. */
export const HUB = 'https://huggingface.co';

export type Address =
  | { kind: 'hub'; hub: string; repo: string; revision: string }
  | { kind: 'folder'; url: string };

const REPO = /^((?:[\w-][\w.-]*\/)?[\w-][\w.-]*)(?:@(\S+))?$/;
const PAGE = /^\/([\w-][\w.-]*\/[\w-][\w.-]*)(?:\/(?:tree|blob|resolve|commit)\/([^/]+).*)?\/?$/;
const RESOLVE = /^(.*?)\/([^/]+\/[^/]+)\/resolve\/([^/]+)(?:\/.*)?$/;

/** What the reader typed or pasted: `owner/name`, `owner/name@revision`, the address of a page of the hub, or of a folder. */
export function parseAddress(typed: string, hub: string): Address {
  const text = typed.trim();
  const named = REPO.exec(text);
  if (named?.[1]) return { kind: 'hub', hub, repo: named[1], revision: named[2] ?? 'main' };
  const url = parseUrl(text, /^(https?:\/\/|\.{0,2}\/)/i);
  if (url === null) {
    throw new Error(`“${text}” names no model: write owner/name, owner/name@revision, or an address that begins with https://.`);
  }
  return onHub(url, hub) ?? { kind: 'folder', url: asFolder(url) };
}

/** An address as `parseAddress` reads it with this hub; a repository of another hub becomes a full address. */
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
  if (url === null) throw new Error(`“${text}” is no address of a hub: it must begin with https:// or http://.`);
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
  if (known !== undefined) {
    const page = PAGE.exec(url.href.slice(known.length).replace(/[?#].*$/, ''));
    if (page?.[1]) return { kind: 'hub', hub: known === hub ? hub : HUB, repo: page[1], revision: decodeURIComponent(page[2] ?? 'main') };
  }
  const resolve = RESOLVE.exec(url.pathname);
  if (!resolve?.[2] || !resolve[3]) return null;
  return { kind: 'hub', hub: url.origin + resolve[1], repo: resolve[2], revision: decodeURIComponent(resolve[3]) };
}

function asFolder(url: URL): string {
  const folder = new URL(url.pathname.endsWith('/') ? url.href : `${url.href.replace(/[?#].*$/, '')}/`);
  folder.search = folder.hash = '';
  return folder.href;
}
