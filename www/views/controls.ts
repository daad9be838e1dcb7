import { html, nothing } from 'lit';
import { live } from 'lit/directives/live.js';
import { chooseMethod, set } from '../actions';
import { findMethod, type State } from '../store';
import type { Catalog, Method, Parameter, Setting } from '../types';

type Part = 'settings' | 'evaluation';

const KINDS = { quantization: 'fewer bits per weight', pruning: 'fewer weights' };

/** The controls, drawn from the catalog: the page knows no method by name. */
export function controls({ catalog, recipe }: State): unknown {
  if (catalog === null) return nothing;
  const method = findMethod(catalog, recipe.method);
  return html`
    ${methods(catalog, recipe.method)}
    <fieldset>
      <legend>How hard</legend>
      ${method?.parameters.map((parameter) => control('settings', parameter, recipe.settings[parameter.name]))}
    </fieldset>
    <details class="evaluation">
      <summary>How it is measured</summary>
      ${catalog.evaluation.map((parameter) => control('evaluation', parameter, recipe.evaluation[parameter.name]))}
    </details>
  `;
}

function methods(catalog: Catalog, chosen: string): unknown {
  const method = findMethod(catalog, chosen);
  return html`
    <fieldset>
      <legend>Method</legend>
      <div class="cards">${catalog.methods.map((each) => card(each, each.name === chosen))}</div>
      <p class="muted">
        ${method?.sentence}
        ${method?.paper
          ? html`<a href=${method.paper.url} target="_blank" rel="noreferrer">${method.paper.title}</a>`
          : nothing}
      </p>
    </fieldset>
  `;
}

function card(method: Method, checked: boolean): unknown {
  return html`
    <label class="card">
      <input type="radio" name="method" value=${method.name} .checked=${live(checked)} @change=${() => chooseMethod(method.name)} />
      <span>${method.title}<br /><small>${KINDS[method.kind]}</small></span>
    </label>
  `;
}

function control(part: Part, parameter: Parameter, value: Setting | undefined): unknown {
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
      return parameter.options.length <= 4 ? segments(id, parameter, value, change) : select(id, parameter, value, change);
    default:
      return numeric(id, parameter, Number(value), change);
  }
}

type Choice = Extract<Parameter, { kind: 'choice' }>;

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
