// The link builder for a class: what is fixed, what is hidden, and the steps.
import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { CURVES } from '../dial/curves';
import { builder as TEXT } from '../text';
import { LONGEST_STEP, MOST_STEPS, PANELS, stepTitle, VIEWS, type LinkedStep, type Panel, type Setup, type View } from '../setup';

type Change = (draft: Setup, starts: boolean) => void;

/** `starts`: whether the link begins its run by itself. */
export function builder(draft: Setup, starts: boolean, change: Change): TemplateResult {
  const fix = (name: Panel) => (event: Event) => change({ ...draft, fixed: toggled(draft.fixed, name, event) }, starts);
  const hide = (name: View) => (event: Event) => change({ ...draft, hidden: toggled(draft.hidden, name, event) }, starts);
  return html`<section data-testid="builder">
    <h3>${TEXT.title}</h3>
    <p class="muted">${TEXT.about}</p>
    <div class="setup-grid">
      <fieldset>
        <legend>${TEXT.fixed}</legend>
        ${names(PANELS).map((name) => box('fix', name, PANELS[name], draft.fixed.includes(name), fix(name)))}
      </fieldset>
      <fieldset>
        <legend>${TEXT.hidden}</legend>
        ${names({ ...VIEWS, ...PANELS }).map((name) => box('hide', name, { ...VIEWS, ...PANELS }[name], draft.hidden.includes(name), hide(name)))}
      </fieldset>
    </div>
    <label class="toggle"><input type="checkbox" data-testid="starts" .checked=${live(starts)} @change=${(event: Event) => change(draft, (event.target as HTMLInputElement).checked)} /> ${TEXT.starts}</label>
    ${steps(draft, (list) => change({ ...draft, steps: list }, starts))}
  </section>`;
}

function box(kind: string, name: string, title: string, isOn: boolean, onChange: (event: Event) => void): TemplateResult {
  return html`<label class="toggle"><input type="checkbox" name=${kind} value=${name} .checked=${live(isOn)} @change=${onChange} /> ${title}</label>`;
}

/** Places of the dial, one after the other, each with a question. */
function steps({ steps }: Setup, change: (steps: LinkedStep[]) => void): TemplateResult {
  const add = (event: Event): void => {
    const row = (event.target as Element).closest('.new-step')!;
    const [place, says] = [row.querySelector('select')!, row.querySelector('input')!];
    const [method, stop] = place.value.split(':') as [string, string];
    change([...steps, { method, stop: stop === '' ? null : Number(stop), says: says.value.replaceAll(';', ',').trim() }]);
    says.value = '';
    says.focus();
  };
  const remove = (event: Event, place: number): void => {
    (event.target as Element).closest('section')?.querySelector<HTMLElement>('.new-step input')?.focus();
    change(steps.toSpliced(place, 1));
  };
  return html`<fieldset>
    <legend>${TEXT.steps}</legend>
    ${steps.length === 0
      ? nothing
      : html`<ol class="steps">
          ${steps.map((step, i) => html`<li><span>${step.says ? TEXT.stepSays({ title: stepTitle(step), says: html`<q>${step.says}</q>` }) : stepTitle(step)}</span> <button type="button" class="quiet" aria-label=${TEXT.removeStep({ n: i + 1 })} @click=${(event: Event) => remove(event, i)}>${TEXT.remove}</button></li>`)}
        </ol>`}
    <div class="new-step">
      <select aria-label=${TEXT.place} data-testid="step-place">
        ${CURVES.map(({ method, title }, i) => html`<optgroup label=${title}>${[null, ...CURVES[i]!.stops].map((stop) => html`<option value="${method}:${stop ?? ''}">${stepTitle({ method, stop, says: '' })}</option>`)}</optgroup>`)}
      </select>
      <input type="text" maxlength=${LONGEST_STEP} aria-label=${TEXT.says} placeholder=${TEXT.saysForm} data-testid="step-says" />
      <button type="button" data-testid="add-step" ?disabled=${steps.length >= MOST_STEPS} @click=${add}>${TEXT.add}</button>
    </div>
  </fieldset>`;
}

function toggled<T extends string>(list: T[], name: T, event: Event): T[] {
  const others = list.filter((each) => each !== name);
  return (event.target as HTMLInputElement).checked ? [...others, name] : others;
}

function names<T extends object>(titles: T): (keyof T & string)[] {
  return Object.keys(titles) as (keyof T & string)[];
}
