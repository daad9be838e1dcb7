// Parts of the page that are first drawn in a task of their own, so that a phone is not held up by all of them at once.
import { LitElement } from 'lit';
import { store } from '../store';

/** It stands in the light DOM. While it waits for its turn the style sheet hides what follows it in a result, so that nothing moves. */
export class InTurn extends LitElement {
  override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    if (!this.hasUpdated) this.dataset['waits'] = '';
    super.connectedCallback();
  }

  protected override async scheduleUpdate(): Promise<void> {
    if (!this.hasUpdated) {
      await new Promise((resolve) => setTimeout(resolve));
      delete this.dataset['waits'];
      this.clear();
    }
    super.scheduleUpdate();
  }

  /** Takes away what stands in its place before it is first drawn. */
  protected clear(): void {}
}

/** Drawn from the store, and first over what the build drew there. */
export class Part extends InTurn {
  readonly #redraw = (): void => this.requestUpdate();

  override connectedCallback(): void {
    super.connectedCallback();
    store.addEventListener('change', this.#redraw);
  }

  protected override clear(): void {
    this.replaceChildren(); // nothing is painted in between
    this.renderOptions.renderBefore = null;
  }
}
