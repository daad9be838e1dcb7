// The setup of a link, where it shows: what it did and the way out of it, and what it fixed.
import { html, nothing } from 'lit';
import { leaveSetup, openStage } from '../actions';
import { isSetUp, told, type Panel } from '../setup';
import type { State } from '../store';
import { setup as TEXT } from '../text';

/** Who set this page up, and how to leave that. */
export function setupBar({ setup }: State): unknown {
  if (!isSetUp(setup)) return nothing;
  const { length } = setup.steps;
  return html`
    <section class="notice setup" aria-label=${TEXT.name} data-testid="setup">
      <p><strong>${TEXT.setUp}</strong> ${told(setup)}</p>
      <div class="together">
        ${length > 0 ? html`<button type="button" class="primary" data-testid="begin-steps" @click=${() => openStage('link')}>${TEXT.begin({ steps: length })}</button>` : nothing}
        <button type="button" data-testid="leave-setup" @click=${leaveSetup}>${TEXT.leave}</button>
      </div>
    </section>
  `;
}

/** A part of the controls, as the link left it. */
export function panel({ setup }: State, name: Panel, content: unknown): unknown {
  if (setup.hidden.includes(name)) return nothing;
  if (!setup.fixed.includes(name) || content === nothing) return content;
  return html`<fieldset class="fixed" disabled data-fixed=${name}><p class="muted">${TEXT.fixedPart}</p>${content}</fieldset>`;
}
