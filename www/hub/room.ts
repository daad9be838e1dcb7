// The models that the computer which serves this page has beside it: a classroom's laptop has some (`scripts/run --share`),
// other servers have none.
import { parseDirectory } from './folder';
import { formOf, isGguf } from './gguf';
import { ggufName, type Variant } from './listing';

export async function listRoom(): Promise<Variant[]> {
  const url = new URL('room/', document.baseURI).href;
  const response = await fetch(`${url}index.json`, { cache: 'no-cache' }).catch(() => null);
  const entries = response?.ok ? parseDirectory(await response.text(), 'application/json', url) : [];
  return entries
    .filter(({ name, isFolder }) => isFolder || isGguf(name))
    .map(({ name, isFolder, bytes }) => {
      const address = isFolder ? { kind: 'folder' as const, url: `${url}${encodeURIComponent(name)}/` } : { kind: 'folder' as const, url, file: name };
      return { name: isFolder ? name : ggufName(name), form: isFolder ? null : formOf(name), bytes, address };
    });
}
