import { html, type TemplateResult } from 'lit';
import { page as TEXT } from '../text';

/** What this is, on the live page and before it is alive. */
export function header(): TemplateResult {
  return html`
    <header>
      <h1 tabindex="-1">${TEXT.title}</h1>
      <p>${TEXT.about}</p>
    </header>
  `;
}
