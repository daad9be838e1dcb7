// What this browser keeps of earlier runs: the last one is offered where there is no result yet.
import { html, nothing } from 'lit';
import { openKept } from '../actions';
import { dateAndTime } from '../format';
import { showKept } from '../kept/keeping';
import type { Kept } from '../kept/storage';
import { chainTitle, isAtRest, type State } from '../store';
import { kept as TEXT } from '../text';
import type { Catalog, Recipe } from '../types';

export function offerKept({ kept, catalog, phase }: State): unknown {
  const last = kept?.[0];
  if (!last || !catalog) return nothing;
  const busy = !isAtRest(phase);
  return html`
    <section class="last" aria-label=${TEXT.last} data-testid="last">
      <h2>${TEXT.title}</h2>
      <p class="muted">${TEXT.titleAt({ title: keptTitle(last, catalog), date: when(last) })}</p>
      <p>${last.says}</p>
      <div class="together">
        <button type="button" class="primary" data-testid="show-last" ?disabled=${busy} @click=${() => showKept(last)}>${TEXT.showIt}</button>
        ${keptButton(kept)}
      </div>
    </section>
  `;
}

/** The way to all of them. */
export function keptButton(kept: Kept[] | null): unknown {
  if (!kept?.length) return nothing;
  return html`<button type="button" data-testid="open-kept" @click=${openKept}>${TEXT.open({ n: kept.length })}</button>`;
}

export function keptTitle({ name, recipe }: Pick<Kept, 'name' | 'recipe'>, catalog: Catalog): string {
  return TEXT.recipe({ model: name, method: chainTitle(catalog, recipe.method), strength: strength(recipe) });
}

function strength({ settings }: Recipe): string[] {
  const { bits, sparsity } = settings;
  return [typeof bits === 'number' ? TEXT.bits({ bits }) : '', typeof sparsity === 'number' ? TEXT.sparsity({ sparsity }) : ''].filter(Boolean);
}

export function when({ date }: Kept): string {
  return dateAndTime(date);
}
