// A link as a code for the cameras of a class.
import { svg, html, type TemplateResult } from 'lit';
import { encode } from 'uqr';

/** Modules that stay empty around a code, as its standard asks. */
const QUIET = 4;
/** What the largest code of the least redundancy holds, in bytes. */
export const MOST_BYTES = 2953;

/** A code of a text, black on white whatever the page looks like; null where the text is too long for one. */
export function drawCode(text: string, label: string): TemplateResult | null {
  if (new TextEncoder().encode(text).length > MOST_BYTES) return null;
  const { data, size } = encode(text, { ecc: 'L', border: QUIET });
  const dark = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : [])));
  return html`<svg class="code" viewBox="0 0 ${size} ${size}" role="img" aria-label=${label} shape-rendering="crispEdges" data-modules=${size}>
    ${svg`<rect width=${size} height=${size} fill="#fff" /><path d=${dark.join('')} fill="#000" />`}
  </svg>`;
}
