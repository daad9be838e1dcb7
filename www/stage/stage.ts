// Stage mode: the dial for a whole hall. Large type, no controls; Space goes on. A lesson is the same with words beside it.
import { html, nothing, render } from 'lit';
import { turn } from '../actions';
import { stopText } from '../dial/curves';
import { standing } from '../dial/standing';
import { cards, origin, sizes } from '../dial/view';
import { store } from '../store';
import { stage as TEXT } from '../text';
import { bold } from '../views/elements';
import { LESSONS, type Lesson } from './lessons';
import './stage.css';

const NEXT = [' ', 'Enter', 'ArrowRight', 'ArrowDown', 'PageDown'];
const BACK = ['ArrowLeft', 'ArrowUp', 'PageUp', 'Backspace'];

interface Show {
  lesson: Lesson | null;
  /** In a lesson its step, and whether what a class will see is seen. */
  step: number;
  isTold: boolean;
}

let dialog: HTMLDialogElement | null = null;
let show: Show = { lesson: null, step: 0, isTold: false };

/** The steps that the link brought. */
function linkedLesson(): Lesson | null {
  const { steps } = store.state.setup;
  if (steps.length === 0) return null;
  return { name: 'link', title: TEXT.linkedSteps, steps: steps.map(({ method, stop, says }) => ({ method, stop, look: says, ask: '', seen: '' })) };
}

/** Opens the stage, for a lesson by its name, that of the link among them, or else for the curve that is seen, from the original on. */
export function open(name: string | null): void {
  if (dialog) return;
  show = { lesson: name === 'link' ? linkedLesson() : (LESSONS.find((each) => each.name === name) ?? null), step: 0, isTold: false };
  dialog = document.createElement('dialog');
  dialog.className = 'stage';
  dialog.dataset['testid'] = 'stage';
  dialog.tabIndex = -1;
  dialog.addEventListener('keydown', onKey);
  dialog.addEventListener('click', ({ target }) => {
    if (!(target as Element).closest('button')) forward();
  });
  dialog.addEventListener('close', close);
  document.body.append(dialog);
  store.addEventListener('change', draw);
  if (show.lesson) set();
  else turn(standing(store.state).curve.method, 0);
  draw();
  dialog.showModal();
  dialog.focus(); // which is at its beginning
}

function close(): void {
  store.removeEventListener('change', draw);
  dialog?.remove();
  dialog = null;
}

function onKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === 's') dialog?.close();
  else if (NEXT.includes(event.key)) forward();
  else if (BACK.includes(event.key)) back();
  else return;
  event.preventDefault();
  event.stopPropagation(); // the key that ends the stage would open it again
}

function forward(): void {
  const { lesson, step, isTold } = show;
  if (lesson === null) return move(1);
  if (!isTold && lesson.steps[step]?.seen) show = { ...show, isTold: true };
  else if (step + 1 < lesson.steps.length) show = { lesson, step: step + 1, isTold: false };
  set();
}

function back(): void {
  const { lesson, step, isTold } = show;
  if (lesson === null) return move(-1);
  if (isTold) show = { ...show, isTold: false };
  else if (step > 0) show = { lesson, step: step - 1, isTold: Boolean(lesson.steps[step - 1]?.seen) };
  set();
}

/** Along the curve. */
function move(by: number): void {
  const { curve, places, at } = standing(store.state);
  turn(curve.method, Math.max(0, Math.min(places.length - 1, at + by)));
}

/** The dial stands where the step says. */
function set(): void {
  dialog?.scrollTo(0, 0);
  const step = show.lesson?.steps[show.step];
  if (!step) return;
  const { curve } = standing({ ...store.state, dial: { method: step.method, at: 0 } });
  turn(step.method, step.stop === null ? 0 : 1 + curve.stops.indexOf(step.stop));
}

function draw(): void {
  if (dialog) render(stage(), dialog);
}

function stage(): unknown {
  const dial = standing(store.state);
  const { curve, places, at } = dial;
  const place = places[at]!;
  const step = show.lesson?.steps[show.step];
  return html`
    <header>
      <p>${show.lesson ? TEXT.stepOf({ title: show.lesson.title, n: show.step + 1, of: show.lesson.steps.length }, bold) : curve.title}</p>
      <ol class="stops" aria-hidden="true">${places.map(({ stop }, i) => html`<li class=${i === at ? 'here' : ''}>${stopText(curve, stop)}</li>`)}</ol>
    </header>
    <div class="said" aria-live="polite">
      ${step
        ? html`${step.look ? html`<p class="look">${step.look}</p>` : nothing}
            ${step.ask ? html`<p class="ask">${step.ask}</p>` : nothing}
            ${step.seen ? html`<p class=${show.isTold ? 'seen' : 'seen waiting'} data-testid="seen" aria-hidden=${!show.isTold}>${step.seen}</p>` : nothing}`
        : nothing}
      <p class="sentence" data-testid="stage-sentence">${place.point?.sentence || TEXT.unmeasuredAt({ stop: stopText(curve, place.stop) })}</p>
    </div>
    ${sizes(places[0]?.point ?? null, place.point)} ${cards(dial)}
    <footer>
      <p>${origin(dial)}</p>
      <p>${TEXT.keys} <button type="button" aria-label=${TEXT.end} @click=${() => dialog?.close()}>✕</button></p>
    </footer>
  `;
}
