import { html, nothing } from 'lit';
import { openDevice, openRequests } from '../actions';
import { openPanel } from '../choosing';
import { listNames } from '../dropped';
import { bytes, count, percent } from '../format';
import { isCommit } from '../hub/address';
import type { Source } from '../source';
import type { State } from '../store';
import { model as TEXT } from '../text';
import type { ModelSummary } from '../types';
import { phoneSentence } from '../workers';

/** The loaded model, and the way to another one. */
export function modelPanel({ model, source, phase, choosing }: State): unknown {
  const { transfer } = choosing;
  const pace = transfer?.pace;
  const phone = model && phoneSentence(model.bytes);
  return html`
    <fieldset class="model">
      <legend>${TEXT.legend}</legend>
      ${model
        ? html`<p data-testid="model">
            <strong>${model.name}</strong>
            <span class="muted">
              ${TEXT.facts({ parameters: count(model.parameters), layers: model.layers })}<br />${model.on_disk}<br />${TEXT.memory({ size: bytes(model.bytes), form: model.storage })}
              ${origin(source)}
              <br /><span data-testid="chat-template">${template(model)}</span>
            </span>
          </p>
          ${model.warning ? html`<p class="note" data-testid="warning">${model.warning}</p>` : nothing}
          ${phone === null ? nothing : html`<p class="muted" data-testid="phone">${phone}</p>`}
          ${model.notes.map((note) => html`<p class="muted" data-testid="note">${note}</p>`)}`
        : html`<p class="muted">${phase === 'loading' ? TEXT.loading : TEXT.none}</p>`}
      <button type="button" data-testid="choose" ?disabled=${phase === 'running' || phase === 'loading' || phase === 'saving'} @click=${openPanel}>
        ${model ? TEXT.useAnother : TEXT.choose}
      </button>
      <button type="button" class="linked" data-testid="open-device" @click=${openDevice}>${TEXT.device}</button>
      <button type="button" class="linked" data-testid="open-requests" @click=${openRequests}>${TEXT.requests}</button>
      ${transfer
        ? html`<p class="muted" data-testid="transfer">
            ${pace && pace.total > 0 ? TEXT.downloading({ name: transfer.listing.name, share: percent(pace.done / pace.total) }) : TEXT.downloadBegins(transfer.listing)}
          </p>`
        : nothing}
    </fieldset>
  `;
}

/** How the model is spoken to. */
function template({ chat_template }: ModelSummary): string {
  if (chat_template === null) return TEXT.noTemplate;
  const { file, problem } = chat_template;
  return problem === null ? TEXT.template({ file }) : TEXT.badTemplate({ file, problem });
}

/** Where a model of a hub came from, with its commit; what was dropped with one and is none of it. */
function origin(source: Source): unknown {
  if (source.kind === 'builtin') return nothing;
  if (source.kind === 'dropped') {
    return source.others.length > 0
      ? html`<br /><span class="origin" data-testid="others">${TEXT.others({ files: listNames(source.others) })}</span>`
      : nothing;
  }
  const { file } = source.address;
  if (source.address.kind === 'folder') {
    const place = source.address.url;
    return html`<br /><span class="origin">${file === undefined ? TEXT.from({ place }) : TEXT.fromFile({ file, place })}</span>`;
  }
  const { hub, repo, revision } = source.address;
  const at = { place: repo, revision: shortRevision(revision) };
  return html`<br /><a class="origin" href="${hub}/${repo}/tree/${revision}" target="_blank" rel="noreferrer" title=${revision}>${file === undefined ? TEXT.at(at) : TEXT.fileAt({ file, ...at })}</a>`;
}

export function shortRevision(revision: string): string {
  return isCommit(revision) ? revision.slice(0, 7) : revision;
}
