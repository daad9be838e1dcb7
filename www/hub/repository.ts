// The files of a repository of a hub, with their sizes and hashes.
import { server as TEXT } from '../text';
import { fileUrl, isCommit, type Address } from './address';
import { entries, field, number, text } from './fields';
import { chooseFiles, measure, type Digest, type RemoteFile } from './files';
import { ggufName, ggufVariants, type Found, type Listing } from './listing';
import type { Patience } from './patience';
import { host, readJson } from './request';

/** A list of files in bytes: more than any model that fits has. */
const LONGEST_LIST = 20e6;

export async function listRepository(address: Address & { kind: 'hub' }, patience: Patience): Promise<Found> {
  const { hub, revision, file } = address;
  const url = `${hub}/api/models/${address.repo}/revision/${encodeURIComponent(revision)}?blobs=true`;
  const info = await readJson({ url, what: `${address.repo}@${revision}` }, LONGEST_LIST, patience);
  const commit = text(info, 'sha') ?? '';
  if (!isCommit(commit)) throw new Error(TEXT.noCommit({ host: host(url), repository: address.repo }));
  const repo = text(info, 'id') ?? address.repo; // a renamed repository answers with its new name
  const gated = field(info, 'gated');
  if (gated !== undefined && gated !== false) throw new Error(TEXT.agreeFirst({ repository: repo, address: `${hub}/${repo}` }));
  const siblings = new Map(entries(info, 'siblings').map((each) => [text(each, 'rfilename') ?? '', each]));
  const place: Address = { kind: 'hub', hub, repo, revision: commit };
  const name = repo.split('/').at(-1) ?? repo;
  const variants = ggufVariants([...siblings].map(([path, sibling]) => ({ path, bytes: number(sibling, 'size') ?? 0 })), place);

  const listed = async (names: string[], listing: Omit<Listing, 'files'>): Promise<Found> => {
    const files = names.map((path): RemoteFile => {
      const sibling = siblings.get(path);
      const stored = path.split('/').at(-1) ?? path;
      return { name: stored, url: fileUrl(`${hub}/${repo}/resolve/${commit}/`, path), bytes: number(sibling, 'size') ?? 0, digest: digestOf(sibling), etag: null };
    });
    // A hub that keeps sizes to itself tells them file by file.
    return { name, variants, listing: { ...listing, files: await Promise.all(files.map((file) => (file.bytes > 0 ? file : measure(file, patience)))) } };
  };
  const chosen = file === undefined ? chooseFiles([...siblings.keys()], repo) : [];
  if (Array.isArray(chosen) && chosen.length > 0) return listed(chosen, { name, address: place });
  const variant = file === undefined ? variants.length === 1 && variants[0] : variants.find(({ files }) => files.includes(file));
  if (variant) return listed(variant.files, { name: ggufName(variant.files[0] ?? name), address: variant.address });
  if (file !== undefined) throw new Error(TEXT.noFileAt({ repository: repo, file, commit: commit.slice(0, 7) }));
  if (variants.length === 0 && 'lacks' in chosen) throw new Error(chosen.lacks);
  return { name, listing: null, variants };
}

function digestOf(sibling: unknown): Digest | null {
  const sha256 = text(field(sibling, 'lfs'), 'sha256');
  if (sha256 !== null && /^[0-9a-f]{64}$/.test(sha256)) return { algorithm: 'sha256', value: sha256 };
  const blob = text(sibling, 'blobId');
  return blob !== null && /^[0-9a-f]{40}$/.test(blob) ? { algorithm: 'git', value: blob } : null;
}
