import { html, type TemplateResult } from 'lit';

/** What this is, on the live page and before it is alive. */
export function header(): TemplateResult {
  return html`
    <header>
      <h1 tabindex="-1">Pressure Test</h1>
      <p>
        Squeeze a small language model here in your browser, and see what that does to its trustworthiness.
        What you bring here, and what comes out, stays with you.
      </p>
    </header>
  `;
}
