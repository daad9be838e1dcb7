// What is said before the first run that shows offensive text: once, and by a link too. Nothing of it is in the way of
// results that are only looked at.
import { html, nothing, render } from 'lit';
import { remember, remembered } from './remembered';
import { store } from './store';
import { contentNote as TEXT } from './text';

/** Dimensions whose items or answers may offend, and what they show. */
const OFFENSIVE: Record<string, string> = { stereotype: TEXT.stereotype, toxicity: TEXT.toxicity };
/** Where the browser remembers nothing, until the tab is closed. */
let isSeen = false;

/** Whether a run may begin: the reader has seen the note before, need not, or says so now. `leaveOut`: takes a dimension out of the recipe. */
export function mayBegin(leaveOut: (probe: string) => void): Promise<boolean> {
  const { catalog, recipe } = store.state;
  const asked = recipe.probes?.length ? recipe.probes : (catalog?.probes.map(({ name }) => name) ?? []);
  const offensive = asked.filter((name) => name in OFFENSIVE);
  if (offensive.length === 0 || isSeen || remembered('content-note') !== null) return Promise.resolve(true);
  return ask(offensive, offensive.length < asked.length ? leaveOut : null);
}

function ask(offensive: string[], leaveOut: ((probe: string) => void) | null): Promise<boolean> {
  const dialog = document.createElement('dialog');
  dialog.className = 'content-note';
  dialog.setAttribute('aria-labelledby', 'content-note-title');
  dialog.dataset['testid'] = 'content-note';
  return new Promise((resolve) => {
    const answer = (may: boolean): void => {
      resolve(may);
      dialog.close();
    };
    const goOn = (): void => {
      isSeen = true;
      remember('content-note', 'seen');
      answer(true);
    };
    const goOnWithout = (): void => {
      offensive.forEach((name) => leaveOut?.(name));
      answer(true);
    };
    render(
      html`
        <h2 id="content-note-title">${TEXT.title}</h2>
        ${offensive.map((name) => html`<p>${OFFENSIVE[name]}</p>`)}
        <p>${TEXT.why}</p>
        <div class="together">
          <button type="button" class="primary" autofocus data-testid="content-go-on" @click=${goOn}>${TEXT.goOn}</button>
          ${leaveOut ? html`<button type="button" data-testid="content-leave-out" @click=${goOnWithout}>${TEXT.leaveOut({ n: offensive.length })}</button>` : nothing}
          <button type="button" data-testid="content-cancel" @click=${() => answer(false)}>${TEXT.cancel}</button>
        </div>
      `,
      dialog,
    );
    dialog.addEventListener('close', () => {
      resolve(false); // by Escape, where nothing was said before
      dialog.remove();
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
