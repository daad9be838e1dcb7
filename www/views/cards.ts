// Models to choose from as cards: those of the room, and those that are worth a try.
import { html, nothing, type TemplateResult } from 'lit';
import { openDevice } from '../actions';
import { look } from '../choosing';
import { CURATED, formTitle, type Curated, type Form } from '../hub/curated';
import { expected, type Expected } from '../hub/expected';
import type { Variant } from '../hub/listing';
import { roughly } from '../left';
import type { Choosing, State } from '../store';

/** A class: so many downloads are added up. */
const CLASS = 30;

export function inRoom({ inRoom, asking, transfer }: Choosing): unknown {
  if (inRoom.length === 0) return nothing;
  return html`
    <section data-testid="room-models">
      <h3>From this room</h3>
      <p class="muted">On the computer that serves this page: nothing is fetched from beyond this network.</p>
      <ul class="choices">
        ${inRoom.map((variant) => roomCard(variant, asking !== null || transfer !== null))}
      </ul>
    </section>
  `;
}

function roomCard({ name, form, bytes, address }: Variant, busy: boolean): TemplateResult {
  return html`
    <li>
      <strong>${name}</strong>
      <div class="forms">
        <button type="button" ?disabled=${busy} @click=${() => look(address)}>${form ?? 'Look'}${bytes === null ? nothing : html` <small>${size(bytes)}</small>`}</button>
      </div>
    </li>
  `;
}

/** The list of models of the hub. */
export function curated(state: State): TemplateResult {
  const { offer, asking, transfer } = state.choosing;
  const chosen = offer?.listing.address;
  const repo = chosen?.kind === 'hub' ? chosen.repo : null;
  const known = expected(state);
  return html`
    <p class="muted" data-testid="expected-minutes">
      ${known === null
        ? html`How long a run takes here is not known yet. <button type="button" class="linked" @click=${openDevice}>Measure this device</button>`
        : html`Times are of a run of the default questions here, about, by ${known.by}.`}
    </p>
    <ul class="choices">
      ${CURATED.map((model) => card(model, { chosen: repo, busy: asking !== null || transfer !== null, known }))}
    </ul>
  `;
}

function card(model: Curated, { chosen, busy, known }: { chosen: string | null; busy: boolean; known: Expected | null }): TemplateResult {
  const { title, licence, good, forms, parameters } = model;
  const largest = Math.max(...forms.map(({ bytes }) => bytes ?? 0));
  const facts = [licence, known ? `${roughly(known.seconds(parameters))} a run` : '', largest > 0 ? `${CLASS} downloads: ${size(CLASS * largest)}` : ''];
  return html`
    <li data-model=${title}>
      <strong>${title}</strong>
      <small class="good">${good}</small>
      <small>${facts.filter(Boolean).map((fact) => fact.replaceAll(' ', '\u00a0')).join(' · ')}</small>
      <div class="forms">${forms.map((form) => formButton(form, title, { chosen, busy }))}</div>
    </li>
  `;
}

function formButton(form: Form, title: string, { chosen, busy }: { chosen: string | null; busy: boolean }): TemplateResult {
  const { repo, bytes } = form;
  return html`<button
    type="button"
    data-repo=${repo}
    aria-label="${title}, ${formTitle(form)}${bytes === null ? ', several files' : `, ${size(bytes)}`}"
    ?disabled=${busy}
    aria-pressed=${chosen === repo}
    @click=${() => look(repo)}
  >
    ${formTitle(form)}${bytes === null ? nothing : html` <small>${size(bytes)}</small>`}
  </button>`;
}

/** Bytes as roughly as a list needs them. */
function size(bytes: number): string {
  if (bytes < 1e6) return `${Math.ceil(bytes / 1e3)} kB`;
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
