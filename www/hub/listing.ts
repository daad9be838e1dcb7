// What is at an address: the files of a model, or several GGUF files of which the reader chooses.
import { isFilePath, type Address } from './address';
import type { RemoteFile } from './files';
import { listFolder } from './folder';
import { formOf, ggufModels } from './gguf';
import type { Patience } from './patience';
import { listRepository } from './repository';

/** The files of one model: what a download fetches. */
export interface Listing {
  name: string;
  /** With the commit as its revision, where a hub says one. */
  address: Address;
  files: RemoteFile[];
}

/** One of several models in a place. */
export interface Variant {
  name: string;
  /** How its numbers are stored, by its name; null where that does not say. */
  form: string | null;
  /** Of its weights; null where that is not known yet. */
  bytes: number | null;
  address: Address;
}

export interface Found {
  /** What the place is called. */
  name: string;
  /** Null where the reader is to choose. */
  listing: Listing | null;
  variants: Variant[];
}

/** Asks what is at an address. */
export function list(address: Address, patience: Patience): Promise<Found> {
  return address.kind === 'hub' ? listRepository(address, patience) : listFolder(address, patience);
}

/** The GGUF models among files of a place, each with its address. */
export function ggufVariants(files: { path: string; bytes: number }[], place: Address): (Variant & { files: string[] })[] {
  const bytesOf = new Map(files.map(({ path, bytes }) => [path, bytes]));
  return ggufModels([...bytesOf.keys()].filter(isFilePath)).map(({ name, files }) => ({
    name,
    form: formOf(files[0] ?? name),
    bytes: files.every((file) => bytesOf.get(file)) ? files.reduce((sum, file) => sum + (bytesOf.get(file) ?? 0), 0) : null,
    address: { ...place, file: files[0] ?? name },
    files,
  }));
}

/** The name of a model in GGUF, by that of its file. */
export function ggufName(file: string): string {
  return (file.split('/').at(-1) ?? file).replace(/(-\d{5}-of-\d{5})?\.gguf$/i, '');
}

