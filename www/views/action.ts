// The one button, and beside it what is going on.
import { html, nothing, type TemplateResult } from 'lit';
import { cancel } from '../actions';
import { fittedBy } from '../calibrating';
import { bytes } from '../format';
import { paceLike } from '../kept/keeping';
import { roughly } from '../left';
import { findChain, isCalibrated, PARTS, type Progress, type State, tablesOf } from '../store';
import { action as TEXT, numbers } from '../text';
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
        ${busy ? TEXT.cancel : TEXT.run}
      </button>
      <div class="progress">
        ${progress
          ? html`<progress aria-label=${TEXT.progress} max=${known ? progress.total : nothing} value=${known ? progress.done : nothing}></progress>`
          : nothing}
        <p role="status" data-testid="status">${progress ? doing(progress) : standing(state)}${phase === 'done' && report && catalog ? html`<span class="unseen" data-testid="said"> ${summary(report, catalog)}</span>` : nothing}</p>
        ${progress && (known || progress.left) ? html`<p aria-hidden="true" data-testid="counted">${numbers.row([known ? counted(progress) : '', progress.left ?? ''].filter(Boolean))}</p>` : nothing}
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
  if (stage === 'compress') return TEXT.squeezing;
  return stage === 'score' ? TEXT.asking({ what: label }) : label;
}

/** How far it is, which changes all the time. */
function counted({ stage, label, done, total }: Progress): string {
  if (stage === 'load') return TEXT.of({ done: bytes(done), total: bytes(total) });
  const far = { done: String(done), total: String(total) };
  return stage === 'compress' ? TEXT.layersOf({ what: label, ...far }) : TEXT.of(far);
}

function standing(state: State): string {
  const { phase, report } = state;
  if (phase === 'error') return TEXT.stoppedByError;
  if (report && !report.complete) return TEXT.stopped;
  return [phase === 'done' ? done(report) : TEXT.ready, report && isOther(state, report) ? TEXT.otherSettings : '', isCalibrated(state) ? fittedBy(state) : '', forecast(state)].filter(Boolean).join(' ');
}

/** Whether the controls say something else than what the results that are shown were made by. */
function isOther({ recipe, model, catalog }: State, report: Report): boolean {
  if (!catalog || report.against || report.merged) return false;
  if (recipe.method !== report.recipe.method || (model !== null && model.hash !== report.model.hash)) return true;
  const parts = findChain(catalog, recipe.method).some(({ calibrated }) => calibrated) ? PARTS : PARTS.filter((part) => part !== 'calibration');
  const tables = tablesOf(catalog, recipe.method);
  const differs = parts.some((part) => tables[part].some(({ name }) => name in report.recipe[part] && recipe[part][name] !== report.recipe[part][name]));
  return differs || String(recipe.probes ?? []) !== String(report.recipe.probes ?? []);
}

/** How long a run will take, by the last one of this model that asked the same; squeezing only where it was by the same method. */
function forecast(state: State): string {
  if (state.model === null) return '';
  const [same, other] = [paceLike(state, true), paceLike(state, false)];
  const asking = Object.values((same ?? other)?.asking ?? {}).reduce((sum, seconds) => sum + seconds, 0);
  if (asking === 0) return '';
  return same ? TEXT.nextRun({ time: roughly(asking + same.squeezing) }) : TEXT.nextQuestions({ time: roughly(asking) });
}

/** Never without what could not be measured. */
function done(report: Report | null): string {
  const missing = report?.data.filter(({ unavailable }) => unavailable !== null).length ?? 0;
  return missing === 0 ? TEXT.done : TEXT.doneBut({ missing, of: report?.data.length ?? 0 });
}
