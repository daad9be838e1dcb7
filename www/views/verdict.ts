import { html } from 'lit';
import type { Verdict } from '../types';

const SIGNS: Record<Verdict, string> = { worse: '▼', better: '▲', 'no change seen': '=', 'cannot tell': '?' };

/** A word and a sign, so that nothing hangs on colour alone. */
export function verdictMark(verdict: Verdict): unknown {
  return html`<span class="verdict" data-verdict=${verdict}><span aria-hidden="true">${SIGNS[verdict]}</span> <b>${verdict}</b></span>`;
}
