// The page before it is alive: www/dial/still.ts, drawn at build time into index.html, in place of <!--still-->.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { render } from '@lit-labs/ssr';
import { collectResult } from '@lit-labs/ssr/lib/render-result.js';
import { runnerImport } from 'vite';

const PLACE = '<!--still-->';
const path = (name) => fileURLToPath(new URL(`../www/dial/${name}`, import.meta.url));

/** A recording as HTML; where not said otherwise, the page's own. */
export async function drawStill(recording) {
  const { module } = await runnerImport(path('still.ts'), { configFile: false, logLevel: 'error' });
  const html = await collectResult(render(module.still(recording ?? JSON.parse(await readFile(path('recorded.json'), 'utf8')))));
  // Comments are for taking up what was drawn, which this page draws anew.
  return html.replace(/<!--.*?-->|<\?>/g, '').replace(/>\s+</g, '> <').trim();
}

/** For Vite. */
export function still() {
  return {
    name: 'still',
    transformIndexHtml: {
      order: 'pre',
      async handler(html) {
        if (!html.includes(PLACE)) throw new Error(`index.html lacks ${PLACE}, where the recorded result goes`);
        const drawn = await drawStill();
        return html.replace(PLACE, () => drawn);
      },
    },
  };
}
