// The one button, and beside it what is going on.
import { html, nothing, type TemplateResult } from 'lit';
import { cancel } from '../actions';
import { bytes } from '../format';
import type { Progress, State } from '../store';
import type { Report } from '../types';
import { summary } from './summary';

/** Milliseconds in which the button, that has just become another one under the reader's finger, does nothing. */
const SETTLING = 500;
let changed = 0;
let wasBusy = false;

/** One element in both roles, so that it keeps the focus of the keyboard. */
export function action(state: State): TemplateResult {
  const { phase, progress, model, catalog, report } = state;
  const busy = isBusy(state);
  if (busy && !wasBusy) changed = performance.now();
  wasBusy = busy;
  const known = progress !== null && progress.total > 0;
  return html`
    <div class="action">
      <button
        type=${busy ? 'button' : 'submit'}
        class=${busy ? 'main quiet' : 'main'}
        data-testid=${busy ? 'cancel' : 'run'}
        ?disabled=${!busy && (!model || !catalog || phase === 'saving')}
        @keydown=${stopRepeating}
        @click=${press}
      >
        ${busy ? 'Cancel' : 'Squeeze'}
      </button>
      <div class="progress">
        ${progress
          ? html`<progress aria-label="Progress" max=${known ? progress.total : nothing} value=${known ? progress.done : nothing}></progress>`
          : nothing}
        <p role="status" data-testid="status">${progress ? doing(progress) : standing(state)}${phase === 'done' && report && catalog ? html`<span class="unseen" data-testid="said"> ${summary(report, catalog)}</span>` : nothing}</p>
        ${known ? html`<p aria-hidden="true">${counted(progress)}</p>` : nothing}
      </div>
    </div>
  `;
}

function isBusy({ phase, model }: State): boolean {
  return phase === 'running' || (phase === 'loading' && model !== null);
}

/** The second click of a double click is meant for what the first one did. */
function press(event: MouseEvent): void {
  const again = event.detail > 1;
  if (again || wasBusy) event.preventDefault(); // after `cancel` the button submits before the browser looks
  if (!again && wasBusy && performance.now() - changed > SETTLING) cancel();
}

/** A key that is held down presses the button once. */
function stopRepeating(event: KeyboardEvent): void {
  if (event.repeat) event.preventDefault();
}

/** What is going on, in words that change seldom: a screen reader says each of them. */
function doing({ stage, label }: Progress): string {
  if (stage === 'compress') return 'Squeezing';
  return stage === 'score' ? `Asking: ${label}` : label;
}

/** How far it is, which changes all the time. */
function counted({ stage, label, done, total }: Progress): string {
  if (stage === 'load') return `${bytes(done)} of ${bytes(total)}`;
  return stage === 'compress' ? `${label}, ${done} of ${total}` : `${done} of ${total}`;
}

function standing({ phase, report }: State): string {
  if (phase === 'error') return 'Stopped by an error.';
  if (report && !report.complete) return 'Stopped before the end.';
  return phase === 'done' ? done(report) : 'Ready.';
}

/** Never without what could not be measured. */
function done(report: Report | null): string {
  const missing = report?.data.filter(({ unavailable }) => unavailable !== null).length ?? 0;
  return missing === 0 ? 'Done.' : `Done; ${missing} of ${report?.data.length} not measured.`;
}
