import { html, nothing } from 'lit';
import { openDevice, openRequests } from '../actions';
import { openPanel } from '../choosing';
import { listNames } from '../dropped';
import { bytes, count, percent } from '../format';
import { isCommit } from '../hub/address';
import type { Source } from '../source';
import type { State } from '../store';
import type { ModelSummary } from '../types';
import { phoneSentence } from '../workers';

/** The loaded model, and the way to another one. */
export function modelPanel({ model, source, phase, choosing }: State): unknown {
  const { transfer } = choosing;
  const pace = transfer?.pace;
  const phone = model && phoneSentence(model.bytes);
  return html`
    <fieldset class="model">
      <legend>Model</legend>
      ${model
        ? html`<p data-testid="model">
            <strong>${model.name}</strong>
            <span class="muted">
              ${count(model.parameters)} parameters, ${model.layers} layers<br />${model.on_disk}<br />${bytes(model.bytes)} in memory, layers stored as ${model.storage}
              ${origin(source)}
              <br /><span data-testid="chat-template">${template(model)}</span>
            </span>
          </p>
          ${model.warning ? html`<p class="note" data-testid="warning">${model.warning}</p>` : nothing}
          ${phone === null ? nothing : html`<p class="muted" data-testid="phone">${phone}</p>`}
          ${model.notes.map((note) => html`<p class="muted" data-testid="note">${note}</p>`)}`
        : html`<p class="muted">${phase === 'loading' ? 'Loading…' : 'No model is loaded.'}</p>`}
      <button type="button" data-testid="choose" ?disabled=${phase === 'running' || phase === 'loading' || phase === 'saving'} @click=${openPanel}>
        ${model ? 'Use another model' : 'Choose a model'}
      </button>
      <button type="button" class="linked" data-testid="open-device" @click=${openDevice}>How fast is this device?</button>
      <button type="button" class="linked" data-testid="open-requests" @click=${openRequests}>What was requested?</button>
      ${transfer
        ? html`<p class="muted" data-testid="transfer">
            Downloading ${transfer.listing.name}${pace && pace.total > 0 ? `: ${percent(pace.done / pace.total)}` : '…'}
          </p>`
        : nothing}
    </fieldset>
  `;
}

/** How the model is spoken to. */
function template({ chat_template }: ModelSummary): string {
  if (chat_template === null) return 'No chat template: prompts go out in the plain form.';
  const { file, problem } = chat_template;
  return problem === null ? `Chat template from ${file}.` : `The chat template of ${file} cannot be used: ${problem}.`;
}

/** Where a model of a hub came from, with its commit; what was dropped with one and is none of it. */
function origin(source: Source): unknown {
  if (source.kind === 'builtin') return nothing;
  if (source.kind === 'dropped') {
    return source.others.length > 0
      ? html`<br /><span class="origin" data-testid="others">Given with it and not part of it: ${listNames(source.others)}</span>`
      : nothing;
  }
  const file = source.address.file === undefined ? '' : `${source.address.file} of `;
  if (source.address.kind === 'folder') return html`<br /><span class="origin">from ${file}${source.address.url}</span>`;
  const { hub, repo, revision } = source.address;
  return html`<br /><a class="origin" href="${hub}/${repo}/tree/${revision}" target="_blank" rel="noreferrer" title=${revision}>${file}${repo} at ${shortRevision(revision)}</a>`;
}

export function shortRevision(revision: string): string {
  return isCommit(revision) ? revision.slice(0, 7) : revision;
}
