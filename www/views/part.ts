// A part of the page that is drawn from the store.
import { LitElement } from 'lit';
import { store } from '../store';

/** It stands in the light DOM. The first time it is drawn in a task of its own, over what the build drew there: a phone is not held up by all parts at once. */
export class Part extends LitElement {
  readonly #redraw = (): void => this.requestUpdate();

  override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    store.addEventListener('change', this.#redraw);
  }

  protected override async scheduleUpdate(): Promise<void> {
    if (!this.hasUpdated) {
      await new Promise((resolve) => setTimeout(resolve));
      this.replaceChildren(); // nothing is painted in between
      this.renderOptions.renderBefore = null;
    }
    super.scheduleUpdate();
  }
}
