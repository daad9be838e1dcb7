import { html, nothing } from 'lit';
import { guard } from 'lit/directives/guard.js';
import { run } from '../actions';
import { take } from '../choosing';
import { droppedSource } from '../source';
import { store, type State } from '../store';
import { page as TEXT } from '../text';
import { action } from './action';
import { chooser, showChooser } from './choose';
import { controls } from './controls';
import { givenUp } from './graphics';
import { header } from './header';
import { introduction } from './introduction';
import { offerKept } from './kept';
import { modelPanel } from './model';
import { notice } from './notice';
import { Part } from './part';
import { results } from './results';
import { panel, setupBar } from './setup';
import '../dial/dial';
import '../frontier/frontier';

/** The whole page, drawn from the store, in the light DOM. */
class PressureTest extends Part {
  /** That which the build drew, which is drawn over when it is alive. */
  #dial = this.querySelector('pressure-dial') ?? document.createElement('pressure-dial');

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener('dragover', takeFiles);
    addEventListener('drop', (event) => {
      const files = takeFiles(event);
      if (files) void take(droppedSource(files));
    });
  }

  override render(): unknown {
    const { state } = store;
    const { catalog, report } = state;
    const { hidden } = state.setup;
    return html`
      ${header()}
      ${state.renew
        ? html`<p class="renew" role="status">
            ${TEXT.newer} <button type="button" @click=${state.renew}>${TEXT.reload}</button>
          </p>`
        : nothing}
      ${setupBar(state)} ${notice(state)}
      <div role="alert">${state.error && !state.choosing.open ? html`<p class="error" data-testid="error">${state.error}</p>` : nothing}</div>
      ${hidden.includes('dial') ? nothing : this.#dial}
      ${hidden.includes('frontier') ? nothing : html`<pressure-frontier></pressure-frontier>`}
      <div class="columns">
        <form class="side" aria-label=${TEXT.experiment} @submit=${submit}>
          ${panel(state, 'model', modelPanel(state))} ${guard(aside(state), () => controls(state))} ${action(state)}
        </form>
        <main>
          ${givenUp(state)}
          ${guard([catalog, report, state.phase, state.link, state.held, state.offers, state.finished, state.kept], () => {
            if (catalog === null) return nothing;
            return report ? results(report, catalog, state) : html`${offerKept(state)} ${introduction(catalog)}`;
          })}
        </main>
      </div>
      ${guard([...aside(state), state.progress === null], () => chooser(state))}
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

/** All that no run changes as it goes on. */
function aside({ progress, report, link, held, offers, growing, live, background, ...others }: State): unknown[] {
  return Object.values(others);
}

/** Files may be dropped anywhere; dragged text keeps its usual meaning. */
function takeFiles(event: DragEvent): DataTransfer | null {
  if (!event.dataTransfer?.types.includes('Files')) return null;
  event.preventDefault();
  return event.dataTransfer;
}

function submit(event: Event): void {
  event.preventDefault();
  const { phase, model } = store.state;
  if (model === null || phase === 'running' || phase === 'loading' || phase === 'saving') return;
  void run();
  revealResults();
}

/** On a phone the results stand below the controls, out of sight. */
function revealResults(): void {
  const main = document.querySelector('main');
  if (main && main.getBoundingClientRect().top > innerHeight / 2) main.scrollIntoView();
}
