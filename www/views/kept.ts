// What this browser keeps of earlier runs: the last one is offered where there is no result yet.
import { html, nothing } from 'lit';
import { openKept } from '../actions';
import { showKept } from '../kept/keeping';
import type { Kept } from '../kept/storage';
import { chainTitle, type State } from '../store';
import type { Catalog, Recipe } from '../types';

export function offerKept({ kept, catalog, phase }: State): unknown {
  const last = kept?.[0];
  if (!last || !catalog) return nothing;
  const busy = phase !== 'idle' && phase !== 'done' && phase !== 'error';
  return html`
    <section class="last" aria-label="The last result" data-testid="last">
      <h2>Your last result is still here</h2>
      <p class="muted">${keptTitle(last, catalog)}, ${when(last)}</p>
      <p>${last.says}</p>
      <div class="together">
        <button type="button" class="primary" data-testid="show-last" ?disabled=${busy} @click=${() => showKept(last)}>Show it</button>
        ${keptButton(kept)}
      </div>
    </section>
  `;
}

/** The way to all of them. */
export function keptButton(kept: Kept[] | null): unknown {
  if (!kept?.length) return nothing;
  return html`<button type="button" data-testid="open-kept" @click=${openKept}>Results kept in this browser (${kept.length})</button>`;
}

export function keptTitle({ name, recipe }: Pick<Kept, 'name' | 'recipe'>, catalog: Catalog): string {
  return `${name}: ${[chainTitle(catalog, recipe.method), strength(recipe)].filter(Boolean).join('; ')}`;
}

function strength({ settings }: Recipe): string {
  const { bits, sparsity } = settings;
  return [typeof bits === 'number' ? `${bits} bits` : '', typeof sparsity === 'number' ? `sparsity ${sparsity}` : ''].filter(Boolean).join(', ');
}

export function when({ date }: Kept): string {
  return new Date(date).toLocaleString('en', { dateStyle: 'medium', timeStyle: 'short' });
}
