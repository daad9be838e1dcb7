// Try it: one prompt to both sides of the last run, written before the reader's eyes, and under each word how likely it was.
import { html, LitElement, nothing, svg, type TemplateResult } from 'lit';
import { engine } from '../actions';
import { share } from '../format';
import { sentence } from '../promised';
import { isAtRest, store } from '../store';
import { trying as TEXT } from '../text';
import type { Report, TokenText } from '../types';
import { heldSeed } from '../views/save';
import { look, write, type Likely, type Place, type Side } from './ask';
import './try.css';

/** Tokens that are asked for, more each time, so that something is soon seen. */
const LENGTHS = [2, 4, 8, 16, 32, 48];
const SIDES: Side[] = [0, 1];

/** A token of what a side wrote, with what each side expected there. */
interface Word {
  text: string;
  expected: [Place | null, Place | null];
}

interface Column {
  text: string;
  words: Word[];
}

class TryIt extends LitElement {
  static override properties = { report: { attribute: false }, columns: { state: true }, busy: { state: true }, said: { state: true }, chosen: { state: true }, drawn: { state: true } };
  declare report: Report;
  declare columns: [Column, Column] | null;
  declare busy: boolean;
  declare said: string;
  /** The word that is looked into, by its side and place. */
  declare chosen: [Side, number] | null;
  /** Whether words are drawn by a seed. */
  declare drawn: boolean;
  /** What tokens stand for, as far as it was asked. */
  readonly #texts = new Map<number, TokenText>();

  constructor() {
    super();
    [this.columns, this.busy, this.said, this.chosen, this.drawn] = [null, false, '', null, false];
  }

  override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    store.addEventListener('change', () => this.requestUpdate());
  }

  /** What was written is of the run before. */
  override willUpdate(changed: Map<string, unknown>): void {
    if (changed.has('report') && this.columns && !this.busy) [this.columns, this.chosen, this.said] = [null, null, ''];
    if (changed.has('report')) this.#texts.clear();
  }

  override render(): TemplateResult {
    const { held, phase } = store.state;
    const isHeld = held === this.report;
    const waits = !isAtRest(phase);
    const isChat = this.report.before.template === 'chat';
    return html`
      <form class="try" @submit=${this.#submit}>
        ${this.report.spread ? html`<p class="muted" data-testid="try-seed-held">${heldSeed(this.report)}</p>` : nothing}
        <label for="try-prompt">${isChat ? TEXT.question : TEXT.beginning}</label>
        <textarea id="try-prompt" rows="2" maxlength="2000" data-testid="try-prompt">${TEXT.firstPrompt}</textarea>
        <div class="together">
          <label class="toggle"><input type="checkbox" .checked=${this.drawn} data-testid="try-drawn" @change=${(event: Event) => (this.drawn = (event.target as HTMLInputElement).checked)} /> ${TEXT.drawn}</label>
          <input type="number" id="try-seed" aria-label=${TEXT.seed} min="0" max="999999" step="1" value="0" ?disabled=${!this.drawn} data-testid="try-seed" />
          <button type="submit" data-testid="ask-both" ?disabled=${this.busy || waits || !isHeld}>${TEXT.ask}</button>
        </div>
        <p role="status" class="muted" data-testid="try-said">${isHeld ? this.said : TEXT.notHeld}</p>
      </form>
      ${this.columns ? html`<div class="sides" @keydown=${this.#walk}>${SIDES.map((side) => this.#column(side, this.columns![side]))}</div>` : nothing}
      ${this.chosen && this.columns ? this.#expectations(this.chosen, this.columns) : nothing}
    `;
  }

  #column(side: Side, { text, words }: Column): TemplateResult {
    const first = this.chosen?.[0] === side ? this.chosen[1] : 0;
    return html`<div class="of" data-side=${side === 0 ? 'before' : 'after'}>
      <h3>${TEXT.titles[side]}</h3>
      <blockquote>${words.length > 0 ? words.map((word, place) => this.#word(side, word, place, place === first)) : text || html`<span class="muted">${this.busy ? '…' : TEXT.nothing}</span>`}</blockquote>
    </div>`;
  }

  /** A word with two bars beneath: how likely it was before, and after. */
  #word(side: Side, { text, expected }: Word, place: number, isStop: boolean): TemplateResult {
    const isChosen = this.chosen?.[0] === side && this.chosen[1] === place;
    const [before, after] = expected.map((each) => (each ? share(each.probability) : TEXT.notKept)) as [string, string];
    return html`<button
      type="button"
      class="word"
      data-place="${side}:${place}"
      aria-pressed=${isChosen}
      aria-label=${TEXT.word({ word: shown(text), before, after })}
      tabindex=${isStop ? 0 : -1}
      @click=${() => (this.chosen = [side, place])}
      ><span>${shown(text)}</span
      ><svg viewBox="0 0 100 14" preserveAspectRatio="none" aria-hidden="true">
        ${expected.map((each, i) => svg`<rect class=${i === 0 ? 'before' : 'after'} y=${i * 8} width=${100 * (each?.probability ?? 0)} height="6" />`)}
      </svg></button
    >`;
  }

  /** What each side would rather have written there. */
  #expectations([side, place]: [Side, number], columns: [Column, Column]): TemplateResult {
    const word = columns[side].words[place];
    if (!word) return html``;
    return html`<div class="expected" data-testid="expected">
      <p>${(side === 0 ? TEXT.inPlaceBefore : TEXT.inPlaceAfter)({ word: shown(word.text) })}</p>
      <div class="sides">
        ${SIDES.map((each) => {
          const found = word.expected[each];
          const list = found === null ? [] : found.likeliest.some(({ token }) => token === found.token) ? found.likeliest : [...found.likeliest, found];
          return html`<div class="of" data-side=${each === 0 ? 'before' : 'after'}>
            <h3>${TEXT.expected[each]}</h3>
            ${found === null ? html`<p class="muted">${TEXT.textTooLong}</p>` : html`<ul class="options">${list.map((likely) => this.#likely(likely, likely.token === found.token))}</ul>`}
          </div>`;
        })}
      </div>
    </div>`;
  }

  #likely({ token, probability }: Likely, isWritten: boolean): TemplateResult {
    return html`<li class=${isWritten ? 'chosen' : ''}>
      <span>${shown(this.#text(token))} ${isWritten ? html`<b>${TEXT.written}</b>` : nothing}</span>
      <span class="percent">${share(probability)}</span>
      <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">${svg`<rect width=${100 * probability} height="6" />`}</svg>
    </li>`;
  }

  #submit = (event: Event): void => {
    event.preventDefault();
    if (!this.busy) void this.#ask();
  };

  async #ask(): Promise<void> {
    const prompt = this.querySelector('textarea')!.value.trimEnd();
    if (prompt === '') return void (this.said = TEXT.nothingAsked);
    const seed = this.drawn ? Math.trunc(Number(this.querySelector<HTMLInputElement>('#try-seed')!.value)) : null;
    [this.busy, this.chosen, this.said, this.columns] = [true, null, TEXT.writing, [empty(), empty()]];
    try {
      const behind = await this.#write(prompt, seed);
      for (const side of SIDES) await this.#look(side, behind);
      this.said = compared(this.columns!);
    } catch (reason) {
      this.said = sentence(reason);
    }
    this.busy = false;
  }

  /** Both sides in turn, a little more each time; gives what they go on from. */
  async #write(prompt: string, seed: number | null): Promise<string> {
    const ended = [false, false];
    let behind = prompt;
    for (const length of LENGTHS) {
      for (const side of SIDES) {
        if (ended[side]) continue;
        const written = await write(side, prompt, length, seed);
        [ended[side], behind] = [written.ended, written.behind];
        this.#put(side, { text: written.text, words: [] });
      }
    }
    return behind;
  }

  /** What both sides expected at each place of what one of them wrote. */
  async #look(side: Side, behind: string): Promise<void> {
    const { text } = this.columns![side];
    if (text === '') return;
    const whole = behind + text;
    const first = await look(0, whole);
    await this.#learn(first.tokens);
    const [second] = first.tokens;
    // A template writes what begins a text, and a tokenizer that does so too would have it there twice.
    const begins = second !== undefined && this.#texts.get(second)?.special ? this.#text(second) : '';
    const once = begins !== '' && whole.startsWith(begins) ? whole.slice(begins.length) : whole;
    const seen = [once === whole ? first : await look(0, once), await look(1, once)] as const;
    const { tokens } = seen[0];
    await this.#learn([tokens, ...seen.flatMap(({ places }) => places.map((place) => place?.likeliest.map(({ token }) => token) ?? []))].flat());
    const end = new TextEncoder().encode(text).length;
    let [from, bytes] = [tokens.length, 0];
    while (from > 0 && bytes < end) bytes += this.#texts.get(tokens[(from -= 1)]!)?.bytes.length ?? 0;
    const words = tokens.slice(from).map((token, i): Word => ({ text: this.#text(token), expected: [seen[0].places[from + i] ?? null, seen[1].places[from + i] ?? null] }));
    this.#put(side, { text, words });
  }

  async #learn(tokens: number[]): Promise<void> {
    const unknown = [...new Set(tokens)].filter((token) => !this.#texts.has(token));
    const texts = await engine.tokenTexts(Uint32Array.from(unknown));
    unknown.forEach((token, i) => this.#texts.set(token, texts[i]!));
  }

  /** A part of a character is a mark. */
  #text(token: number): string {
    return new TextDecoder().decode(Uint8Array.from(this.#texts.get(token)?.bytes ?? []));
  }

  #put(side: Side, column: Column): void {
    const [before, after] = this.columns!;
    this.columns = side === 0 ? [column, after] : [before, column];
  }

  /** Words of a side are one stop of the tabulator key; arrow keys walk among them. */
  #walk = (event: KeyboardEvent): void => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const [side, place] = (event.target as HTMLElement).dataset['place']?.split(':').map(Number) ?? [];
    if (!step || place === undefined) return;
    event.preventDefault();
    const next = this.querySelector<HTMLElement>(`[data-place="${side}:${place + step}"]`);
    if (!next) return;
    this.chosen = [side as Side, place + step];
    next.focus();
  };
}
customElements.define('try-it', TryIt);

function empty(): Column {
  return { text: '', words: [] };
}

/** Spaces and line breaks that can be seen. */
function shown(text: string): string {
  return text.trim() === '' ? (text === '' ? '∅' : text.replaceAll(' ', '␣').replaceAll('\n', '↵')) : text;
}

/** What came of it, in a sentence. */
function compared([before, after]: [Column, Column]): string {
  if (before.text === '' && after.text === '') return TEXT.neither;
  if (before.text === after.text) return `${TEXT.same} ${TEXT.chooseWord}`;
  const [one, other] = [before.text.trim().split(/\s+/), after.text.trim().split(/\s+/)];
  const shared = one.findIndex((word, i) => word !== other[i]);
  const words = shared < 0 ? one.length : shared;
  return `${words === 0 ? TEXT.differAtOnce : TEXT.differAfter({ words })} ${TEXT.chooseWord}`;
}
