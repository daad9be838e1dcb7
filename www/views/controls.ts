import { html, nothing } from 'lit';
import { live } from 'lit/directives/live.js';
import { chooseClassifier, chooseItems, chooseMethod, chooseProbe, chooseText, openSharing, set, setItemsHost } from '../actions';
import { BUILT_IN_TEXT, findChain, isCalibrated, tablesOf, type RecipePart, type Setting, type State } from '../store';
import { controls as TEXT, numbers } from '../text';
import type { Catalog, Method, Parameter, Recipe } from '../types';
import { whereItRuns } from './graphics';
import { panel } from './setup';

/** So many settings of a method are seen at once; the others are a click away. */
export const SHOWN_AT_ONCE = 3;

/** The controls, drawn from the catalog: the page knows no method by name. */
export function controls(state: State): unknown {
  const { catalog, recipe } = state;
  if (catalog === null) return nothing;
  const chain = findChain(catalog, recipe.method);
  const tables = tablesOf(catalog, recipe.method);
  const drawn = (part: RecipePart): unknown[] => tables[part].map((parameter) => control(part, parameter, recipe[part][parameter.name]));
  const settings = drawn('settings');
  const howHard = html`<fieldset>
    <legend>${TEXT.howHard}</legend>
    ${settings.slice(0, SHOWN_AT_ONCE)}
    ${settings.length > SHOWN_AT_ONCE
      ? html`<details><summary>${TEXT.more}</summary>${settings.slice(SHOWN_AT_ONCE)}</details>`
      : nothing}
  </fieldset>`;
  const calibration = html`<details class="calibration">
    <summary>${TEXT.calibration}</summary>
    ${text(state)} ${drawn('calibration')}
  </details>`;
  const evaluation = html`<details>
    <summary>${TEXT.measured}</summary>
    ${dimensions(catalog, recipe)} ${drawn('evaluation')} ${brought(state)}
  </details>`;
  return html`
    ${panel(state, 'method', methods(catalog, chain))} ${panel(state, 'settings', howHard)}
    ${panel(state, 'calibration', isCalibrated(state) ? calibration : nothing)} ${panel(state, 'evaluation', evaluation)}
    ${panel(state, 'backend', whereItRuns(state))}
    <button type="button" class="linked" data-testid="share" @click=${() => openSharing(null)}>${TEXT.share}</button>
  `;
}

/** The methods that are applied in turn: mostly one, sometimes a second; a link may bring more. */
function methods(catalog: Catalog, chain: Method[]): unknown {
  const places = chain.length === 1 ? [...chain, undefined] : chain;
  return html`
    <fieldset class="methods">
      <legend>${TEXT.method}</legend>
      ${places.map((chosen, place) => methodSelect(catalog, chain, chosen, place))}
      ${chain.map(
        ({ sentence, paper }) => html`<p class="muted">
          ${sentence} <a href=${paper.url} target="_blank" rel="noreferrer">${paper.title}</a>
        </p>`,
      )}
    </fieldset>
  `;
}

/** One place of the chain: it offers the methods that are not applied before it. */
function methodSelect(catalog: Catalog, chain: Method[], chosen: Method | undefined, place: number): unknown {
  const earlier = chain.slice(0, place);
  const offered = catalog.methods.filter((method) => method === chosen || !earlier.includes(method));
  const kinds = [...new Set(offered.map((method) => method.kind))];
  return html`
    <label>
      ${place === 0 ? nothing : html`<span>${TEXT.then}</span>`}
      <select
        name="method"
        aria-label=${place === 0 ? TEXT.method : TEXT.thenName}
        @change=${(event: Event) => chooseMethod(place, (event.target as HTMLSelectElement).value)}
      >
        ${place === 0 ? nothing : html`<option value="" .selected=${live(!chosen)}>${TEXT.nothing}</option>`}
        ${kinds.map(
          (kind) => html`<optgroup label=${TEXT.kinds[kind]}>
            ${offered
              .filter((method) => method.kind === kind)
              .map((method) => html`<option value=${method.name} .selected=${live(method === chosen)}>${method.title}</option>`)}
          </optgroup>`,
        )}
      </select>
    </label>
  `;
}

/** What is asked; the last one that is left cannot be left out. */
function dimensions({ probes }: Catalog, recipe: Recipe): unknown {
  const isAsked = (name: string): boolean => !recipe.probes?.length || recipe.probes.includes(name);
  const last = recipe.probes?.length === 1;
  return html`
    <fieldset class="dimensions">
      <legend>${TEXT.asked}</legend>
      ${probes.map(
        ({ name, title }) => html`<label class="toggle">
          <input type="checkbox" name="probe" value=${name} .checked=${live(isAsked(name))} ?disabled=${last && isAsked(name)}
            @change=${(event: Event) => chooseProbe(name, (event.target as HTMLInputElement).checked)} />
          ${title}
        </label>`,
      )}
    </fieldset>
  `;
}

/** What is not built in: where the authors' items are asked for, items of the reader's, a classifier of the reader's. */
function brought({ catalog, recipe, items, itemsHost, classifier }: State): unknown {
  const source = catalog?.sources.find(({ name }) => name === recipe.evaluation['source']);
  const files = (event: Event): File[] => {
    const input = event.target as HTMLInputElement;
    const chosen = [...(input.files ?? [])];
    input.value = ''; // so that choosing the same files again is a change
    return chosen;
  };
  const named = source?.feeds.flatMap(({ files }) => files)[0];
  return html`
    ${named
      ? html`<div class="control">
          <label class="label" for="items-host">${TEXT.fetchedFrom}</label>
          <input id="items-host" type="url" .value=${live(itemsHost)} @change=${(event: Event) => setItemsHost((event.target as HTMLInputElement).value)} />
          <p class="muted">${TEXT.items({ ...named, commit: named.commit.slice(0, 8) })}</p>
        </div>`
      : nothing}
    ${source?.name === 'own'
      ? html`<div class="control">
          <label class="button">${TEXT.yourItems}<input type="file" multiple accept=".jsonl,.csv,.json" data-testid="items" @change=${(event: Event) => chooseItems(files(event))} /></label>
          <p class="muted">${items.length > 0 ? numbers.row(items.map(({ name }) => name)) : TEXT.noFile}</p>
        </div>`
      : nothing}
    <div class="control">
      <div class="label">${TEXT.judgedBy({ classifier: html`<strong class="file">${classifier?.name ?? TEXT.wordList}</strong>` })}</div>
      <div class="together">
        <label class="button">${TEXT.yourClassifier}<input type="file" multiple data-testid="classifier" @change=${(event: Event) => chooseClassifier(files(event))} /></label>
        ${classifier ? html`<button type="button" @click=${() => chooseClassifier([])}>${TEXT.builtIn}</button>` : nothing}
      </div>
      <p class="muted">${TEXT.aboutClassifier}</p>
    </div>
  `;
}

/** The calibration text: the built-in one, or a file of the reader's. */
function text({ text }: State): unknown {
  const take = (event: Event): void => {
    const input = event.target as HTMLInputElement;
    if (input.files?.[0]) void chooseText(input.files[0]);
    input.value = ''; // so that choosing the same file again is a change
  };
  return html`
    <div class="control">
      <div class="label">${TEXT.text({ name: html`<strong class="file" data-testid="text">${text?.name ?? BUILT_IN_TEXT}</strong>` })}</div>
      <div class="together">
        <label class="button">${TEXT.yourText}<input type="file" accept="text/*,.txt,.md" data-testid="text-file" @change=${take} /></label>
        ${text ? html`<button type="button" @click=${() => chooseText(null)}>${TEXT.builtIn}</button>` : nothing}
      </div>
      <p class="muted">${TEXT.aboutText}</p>
    </div>
  `;
}

function control(part: RecipePart, parameter: Parameter, value: Setting | undefined): unknown {
  const id = `${part}.${parameter.name}`;
  const change = (next: Setting): void => set(part, parameter.name, next);
  return html`
    <div class="control" data-parameter=${id}>
      ${input(id, parameter, value ?? parameter.default, change)}
      <p class="muted" id="${id}.sentence">${parameter.sentence}</p>
    </div>
  `;
}

function input(id: string, parameter: Parameter, value: Setting, change: (next: Setting) => void): unknown {
  switch (parameter.kind) {
    case 'toggle':
      return html`<label class="toggle">
        <input id=${id} type="checkbox" aria-describedby="${id}.sentence" .checked=${live(value === true)}
          @change=${(event: Event) => change((event.target as HTMLInputElement).checked)} />
        ${parameter.title}
      </label>`;
    case 'choice':
      return fitsSegments(parameter) ? segments(id, parameter, value, change) : select(id, parameter, value, change);
    default:
      return numeric(id, parameter, Number(value), change);
  }
}

type Choice = Extract<Parameter, { kind: 'choice' }>;

/** Whether the options stand side by side in one line: few of them, and short. */
function fitsSegments({ options }: Choice): boolean {
  return options.length <= 4 && options.map((option) => option.title).join('').length <= 28;
}

function segments(id: string, parameter: Choice, value: Setting, change: (next: Setting) => void): unknown {
  return html`
    <div class="label" id="${id}.label">${parameter.title}</div>
    <div class="segments" role="radiogroup" aria-labelledby="${id}.label" aria-describedby="${id}.sentence">
      ${parameter.options.map(
        (option) => html`<label>
          <input type="radio" name=${id} value=${option.value} .checked=${live(option.value === value)} @change=${() => change(option.value)} />
          <span>${option.title}</span>
        </label>`,
      )}
    </div>
  `;
}

function select(id: string, parameter: Choice, value: Setting, change: (next: Setting) => void): unknown {
  const onChange = (event: Event): void => {
    const option = parameter.options[(event.target as HTMLSelectElement).selectedIndex];
    if (option) change(option.value);
  };
  return html`
    <label class="label" for=${id}>${parameter.title}</label>
    <select id=${id} aria-describedby="${id}.sentence" @change=${onChange}>
      ${parameter.options.map((option) => html`<option .selected=${option.value === value}>${option.title}</option>`)}
    </select>
  `;
}

/** More stops than this are better typed than slid. */
const SLIDER_STOPS = 100;

function numeric(
  id: string,
  parameter: Extract<Parameter, { min: number }>,
  value: number,
  change: (next: Setting) => void,
): unknown {
  const { min, max, step, title } = parameter;
  const slides = (max - min) / step <= SLIDER_STOPS;
  const onInput = (event: Event): void => {
    const field = event.target as HTMLInputElement;
    if (field.validity.valid && field.value !== '') change(field.valueAsNumber);
  };
  return html`
    <div class="label">
      <label for=${id}>${title}</label>
      ${slides ? html`<output for=${id}>${value}</output>` : nothing}
    </div>
    <input id=${id} type=${slides ? 'range' : 'number'} min=${min} max=${max} step=${step} aria-describedby="${id}.sentence"
      .value=${live(String(value))} @input=${onInput} />
  `;
}
