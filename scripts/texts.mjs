// The text of the page is one file, for those who translate it. Here each of its exports becomes a module of its own, so that
// what is fetched when it is opened brings its text along, and the start has no more than its own. What index.html says is
// filled in: {{page.title}} is `title` of the export `page`.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const HOME = fileURLToPath(new URL('../www/text.ts', import.meta.url));
const IMPORTED = /^import \{ ([^}]+) \} from '(?:\.\.?\/)+text';$/gm;
const PART = /\?part=(\w+)$/;
const NAMED = /\{\{([\w.]+)\}\}/g;

/** The file of the language that www/text.ts names. */
async function languageFile() {
  const [, path] = /^export \* from '(.+)';$/m.exec(await readFile(HOME, 'utf8')) ?? [];
  if (path === undefined) throw new Error('www/text.ts names no language');
  return fileURLToPath(new URL(`${path}.ts`, new URL('../www/text.ts', import.meta.url)));
}

async function filled(html) {
  const { module } = await runnerImport(HOME, { configFile: false, logLevel: 'error' });
  return html.replace(NAMED, (_, path) => {
    const text = path.split('.').reduce((object, name) => object?.[name], module);
    if (typeof text !== 'string') throw new Error(`index.html asks for ${path}, which is no text of the page`);
    return text;
  });
}

/** For Vite. */
export function texts() {
  let file;
  return {
    name: 'texts',
    enforce: 'pre',
    async buildStart() {
      file = await languageFile();
    },
    transform(code, id) {
      if (!/\/www\/.*\.ts$/.test(id)) return null;
      return code.replace(IMPORTED, (_, names) =>
        names
          .split(', ')
          .map((name) => `import { ${name} } from '${file}?part=${name.split(' ')[0]}';`)
          .join(' '),
      );
    },
    async load(id) {
      const [, part] = PART.exec(id) ?? [];
      if (part === undefined || !id.startsWith(file)) return null;
      return (await readFile(file, 'utf8')).replace(/^export (?=const (\w+))/gm, (whole, name) => (name === part ? whole : ''));
    },
    transformIndexHtml: { order: 'pre', handler: filled },
  };
}
