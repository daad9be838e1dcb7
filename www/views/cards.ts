// Models to choose from as cards: those of the room, and those that are worth a try.
import { html, nothing, type TemplateResult } from 'lit';
import { openDevice } from '../actions';
import { look } from '../choosing';
import { roughBytes as size } from '../format';
import { CURATED, formTitle, type Curated, type Form } from '../hub/curated';
import { expected, type Expected } from '../hub/expected';
import type { Variant } from '../hub/listing';
import { roughly } from '../left';
import type { Choosing, State } from '../store';
import { choose as TEXT } from '../text';

/** A class: so many downloads are added up. */
const CLASS = 30;

export function inRoom({ inRoom, asking, transfer }: Choosing): unknown {
  if (inRoom.length === 0) return nothing;
  return html`
    <section data-testid="room-models">
      <h3>${TEXT.room}</h3>
      <p class="muted">${TEXT.aboutRoom}</p>
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
        <button type="button" ?disabled=${busy} @click=${() => look(address)}>${form ?? TEXT.look}${bytes === null ? nothing : html` <small>${size(bytes)}</small>`}</button>
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
        ? html`${TEXT.timesUnknown} <button type="button" class="linked" @click=${openDevice}>${TEXT.measure}</button>`
        : TEXT.times(known)}
    </p>
    <ul class="choices">
      ${CURATED.map((model) => card(model, { chosen: repo, busy: asking !== null || transfer !== null, known }))}
    </ul>
  `;
}

function card(model: Curated, { chosen, busy, known }: { chosen: string | null; busy: boolean; known: Expected | null }): TemplateResult {
  const { title, licence, good, forms, parameters } = model;
  const largest = Math.max(...forms.map(({ bytes }) => bytes ?? 0));
  const facts = [licence, known ? TEXT.aRun({ time: roughly(known.seconds(parameters)) }) : '', largest > 0 ? TEXT.downloads({ n: CLASS, size: size(CLASS * largest) }) : ''];
  return html`
    <li data-model=${title}>
      <strong>${title}</strong>
      <small class="good">${good}</small>
      <small>${TEXT.facts(facts.filter(Boolean).map((fact) => fact.replaceAll(' ', '\u00a0')))}</small>
      <div class="forms">${forms.map((form) => formButton(form, title, { chosen, busy }))}</div>
    </li>
  `;
}

function formButton(form: Form, title: string, { chosen, busy }: { chosen: string | null; busy: boolean }): TemplateResult {
  const { repo, bytes } = form;
  return html`<button
    type="button"
    data-repo=${repo}
    aria-label=${TEXT.form({ model: title, form: formTitle(form), size: bytes === null ? TEXT.severalFiles : size(bytes) })}
    ?disabled=${busy}
    aria-pressed=${chosen === repo}
    @click=${() => look(repo)}
  >
    ${formTitle(form)}${bytes === null ? nothing : html` <small>${size(bytes)}</small>`}
  </button>`;
}
