// The page before it is alive, and without script: what it is, and a recorded result. Written into index.html by the build.
import { html, type TemplateResult } from 'lit';
import { header } from '../views/header';
import type { Recording } from './curves';
import { NOTHING_LOST, openingCurve, placesOf, startOf } from './places';
import { dialView } from './view';

export function still(recording: Recording): TemplateResult {
  const { curve, isLost } = openingCurve(recording);
  const places = placesOf(curve, recording.curves[curve.method]);
  const dial = { curve, places, at: startOf(places), lead: isLost ? '' : NOTHING_LOST, recording };
  return html`
    ${header()}
    <noscript>
      <p class="unscripted">
        What you see was recorded. To squeeze the model yourself, allow JavaScript: this page runs it in your browser.
      </p>
    </noscript>
    <main>${dialView(dial, null)}</main>
  `;
}
