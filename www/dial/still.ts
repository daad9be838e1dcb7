// The page before it is alive, and without script: what it is, and a recorded result. Written into index.html by the build.
import type { TemplateResult } from 'lit';
import { html, unsafeStatic } from 'lit/static-html.js';
import { header } from '../views/header';
import { dial as TEXT, page } from '../text';
import type { Recording } from './curves';
import { openingCurve, placesOf, startOf } from './places';
import { dialView } from './view';

export function still(recording: Recording): TemplateResult {
  const { curve, isLost } = openingCurve(recording);
  const places = placesOf(curve, recording.curves[curve.method]);
  const dial = { curve, places, at: startOf(places), lead: isLost ? '' : TEXT.nothingLost, recording };
  return html`
    ${header()}
    <noscript>
      <p class="unscripted">${unsafeStatic(page.unscripted)}</p>
    </noscript>
    <main><pressure-dial>${dialView(dial, null)}</pressure-dial></main>
  `;
}
