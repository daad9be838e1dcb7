// The documents as pages beside the page: docs/NAME.md becomes docs/NAME.html, without script, readable offline.
import { readFile, readdir } from 'node:fs/promises';
import { Marked } from 'marked';
import { META } from './policy.mjs';

const STYLE = `:root{color-scheme:light dark;--paper:#fbfaf7;--ink:#1b1d21;--muted:#5a5e66;--line:#dedbd3;--accent:#1f4e79}
@media (prefers-color-scheme:dark){:root{--paper:#14161a;--ink:#ecedef;--muted:#a4a9b2;--line:#343941;--accent:#8cc3f0}}
html{font:clamp(16px,.5vw + 9.6px,20px)/1.55 system-ui,sans-serif;color:var(--ink);background:var(--paper)}
body{max-width:46rem;margin:0 auto;padding:1.75rem clamp(1rem,3vw,2.5rem) 4rem;overflow-wrap:break-word}
h1,h2,h3{line-height:1.2;margin:1.8em 0 .5em}h1{margin-top:.5em}a{color:var(--accent)}
table{border-collapse:collapse;font-size:.88rem}th,td{padding:.3rem .7rem .3rem 0;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
.wide{overflow-x:auto}pre{overflow-x:auto;padding:.75rem 1rem;border:1px solid var(--line);border-radius:.3rem}code{font-size:.9em}nav{color:var(--muted)}`;

/** A heading's address, as code hosts make it. */
const slug = (text) => text.toLowerCase().replace(/<[^>]*>/g, '').replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-');

const marked = new Marked({
  renderer: {
    heading({ tokens, depth, text }) {
      return `<h${depth} id="${slug(text)}">${this.parser.parseInline(tokens)}</h${depth}>\n`;
    },
    link({ href, tokens }) {
      const here = /^[^:]*\.md(#|$)/.test(href) && !href.startsWith('../') ? href.replace(/\.md(#|$)/, '.html$1') : href;
      return `<a href="${here}">${this.parser.parseInline(tokens)}</a>`;
    },
  },
});

/** What scrolls on its own can be reached by the keyboard. */
const reachable = (html) =>
  html.replaceAll('<table>', '<div class="wide" tabindex="0" role="group" aria-label="Table"><table>').replaceAll('</table>', '</table></div>').replaceAll('<pre>', '<pre tabindex="0">');

export function document(text) {
  const title = /^# (.*)$/m.exec(text)?.[1] ?? 'Pressure Test';
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
${META}
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Pressure Test</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="documents.css">
<nav><a href="../index.html">Pressure Test</a></nav>
<main>
${reachable(marked.parse(text))}</main>
</html>
`;
}

/** For Vite. */
export function documents(folder = new URL('../docs/', import.meta.url)) {
  return {
    name: 'documents',
    apply: 'build',
    async generateBundle() {
      this.emitFile({ type: 'asset', fileName: 'docs/documents.css', source: STYLE });
      for (const name of (await readdir(folder)).filter((each) => each.endsWith('.md'))) {
        const source = document(await readFile(new URL(name, folder), 'utf8'));
        this.emitFile({ type: 'asset', fileName: `docs/${name.replace(/\.md$/, '.html')}`, source });
      }
    },
  };
}
