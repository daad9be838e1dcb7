import { html, LitElement, nothing } from 'lit';
import { guard } from 'lit/directives/guard.js';
import { cancel, load, run } from '../actions';
import { bytes } from '../format';
import { droppedSource } from '../source';
import { store, type State } from '../store';
import type { Progress } from '../types';
import { chooser, showChooser } from './choose';
import { controls } from './controls';
import { introduction } from './introduction';
import { modelPanel } from './model';
import { results } from './results';

/** The whole page, drawn from the store, in the light DOM. */
class PressureTest extends LitElement {
  override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    store.addEventListener('change', () => this.requestUpdate());
    addEventListener('dragover', takeFiles);
    addEventListener('drop', (event) => {
      const files = takeFiles(event);
      if (files && store.state.phase !== 'running') void load(droppedSource(files));
    });
  }

  override render(): unknown {
    const { state } = store;
    const { catalog, report } = state;
    return html`
      <header>
        <h1>Pressure Test</h1>
        <p>
          Squeeze a small language model here in your browser, and see what that does to its trustworthiness.
          Nothing you do here is sent anywhere.
        </p>
      </header>
      ${state.renew
        ? html`<p class="renew" role="status">
            A newer version of this page is here. <button type="button" @click=${state.renew}>Reload</button>
          </p>`
        : nothing}
      <div role="alert">${state.error && !state.choosing.open ? html`<p class="error" data-testid="error">${state.error}</p>` : nothing}</div>
      <div class="columns">
        <form class="side" aria-label="Experiment" @submit=${submit}>
          ${modelPanel(state)} ${controls(state)} ${action(state)}
        </form>
        <main>
          ${guard([catalog, report, state.phase], () => {
            if (catalog === null) return nothing;
            return report ? results(report, catalog, state.phase) : introduction(catalog);
          })}
        </main>
      </div>
      ${chooser(state)}
    `;
  }

  override updated(): void {
    const { phase, model, report, choosing } = store.state;
    showChooser(this, choosing.open);
    const { dataset } = document.documentElement;
    dataset['state'] = phase === 'loading' ? 'idle' : phase;
    if (model && phase !== 'loading') dataset['ready'] = 'true';
    else delete dataset['ready'];
    if (report?.before.scores.length && performance.getEntriesByName('first-score').length === 0) {
      performance.mark('first-score');
    }
  }
}
customElements.define('pressure-test', PressureTest);

/** Files may be dropped anywhere; dragged text keeps its usual meaning. */
function takeFiles(event: DragEvent): DataTransfer | null {
  if (!event.dataTransfer?.types.includes('Files')) return null;
  event.preventDefault();
  return event.dataTransfer;
}

function submit(event: Event): void {
  event.preventDefault();
  const { phase, model } = store.state;
  if (model === null || phase === 'running' || phase === 'loading') return;
  void run();
  revealResults();
}

/** On a phone the results stand below the controls, out of sight. */
function revealResults(): void {
  const main = document.querySelector('main');
  if (main && main.getBoundingClientRect().top > innerHeight / 2) main.scrollIntoView();
}

/** The one button, and beside it what is going on. */
function action({ phase, progress, model, catalog, report }: State): unknown {
  const busy = phase === 'running' || (phase === 'loading' && model !== null);
  const button = busy
    ? html`<button type="button" class="main quiet" data-testid="cancel" @click=${cancel}>Cancel</button>`
    : html`<button type="submit" class="main" data-testid="run" ?disabled=${!model || !catalog}>Squeeze</button>`;
  const known = progress !== null && progress.total > 0;
  return html`
    <div class="action">
      ${button}
      <div class="progress">
        ${progress
          ? html`<progress
              aria-label="Progress"
              max=${known ? progress.total : nothing}
              value=${known ? progress.done : nothing}
            ></progress>`
          : nothing}
        <p role="status" data-testid="status">${progress ? doing(progress) : standing(phase, report !== null && !report.complete)}</p>
        ${known ? html`<p aria-hidden="true">${counted(progress)}</p>` : nothing}
      </div>
    </div>
  `;
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

function standing(phase: State['phase'], unfinished: boolean): string {
  if (phase === 'done' && !unfinished) return 'Done.';
  if (phase === 'error') return 'Stopped by an error.';
  return unfinished ? 'Stopped before the end.' : 'Ready.';
}
