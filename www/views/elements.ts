// Elements that stand in sentences of www/text/.
import { html, type TemplateResult } from 'lit';

export const bold = (text: string): TemplateResult => html`<b>${text}</b>`;
export const strong = (text: string): TemplateResult => html`<strong>${text}</strong>`;
export const emphasis = (text: string): TemplateResult => html`<em>${text}</em>`;
export const small = (text: string): TemplateResult => html`<small>${text}</small>`;
export const code = (text: string): TemplateResult => html`<code>${text}</code>`;
export const keys = (text: string): TemplateResult => html`<kbd>${text}</kbd>`;
/** To what results can show. */
export const limitsLink = (text: string): TemplateResult => html`<a href="docs/limits.html">${text}</a>`;
