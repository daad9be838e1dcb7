import { html, nothing } from 'lit';
import { ref } from 'lit/directives/ref.js';
import * as format from '../format';
import { chainTitle } from '../store';
import { layers as TEXT } from '../text';
import type { Catalog, Layer, Report } from '../types';
import { strong } from './elements';
import { InTurn } from './part';

/** The ends of the colour scale, as relative output errors. They are the same in every run, so runs can be compared. */
const PALEST = 0.001;
const STRONGEST = 1;
const TICKS = [0.001, 0.01, 0.1, 1];

const STEPS: Record<string, [number, number]> = {
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
};

/** What became of each layer: a strip of cells for each block, and beside them the details of one layer. */
class LayerStrips extends InTurn {
  /** What is asked after the squeezing changes nothing here. */
  static override properties = { report: { attribute: false, hasChanged: (one?: Report, other?: Report) => one?.compression !== other?.compression }, catalog: { attribute: false }, chosen: { state: true } };
  declare report: Report;
  declare catalog: Catalog;
  declare chosen: string | undefined;

  override render(): unknown {
    const { calibration, compression } = this.report;
    const { layers } = compression;
    const chosen = layers.find((layer) => layer.name === this.chosen) ?? worst(layers);
    if (!chosen) return nothing;
    return html`
      <h3>${TEXT.title}</h3>
      <p class="muted">
        ${(layers.some(({ block }) => block === null) ? TEXT.aboutWithTables : TEXT.about)({ tokens: format.count(calibration.tokens), text: calibration.text })}
      </p>
      <div class="layers">
        ${details(chosen, this.catalog)}
        <div class="strips">${this.#strips(layers, chosen)}</div>
        ${legend(layers.some((layer) => layer.fallback !== null))}
      </div>
    `;
  }

  #strips(layers: Layer[], chosen: Layer): unknown {
    const blocks = layers.filter((layer) => layer.block !== null);
    const tables = layers.filter((layer) => layer.block === null);
    const roles = [...new Set(blocks.map((layer) => layer.role))];
    const rows = grid(blocks, roles);
    return html`
      <table aria-label=${TEXT.table}>
        <thead>
          <tr><th scope="col">${TEXT.block}</th>${roles.map((role) => html`<th scope="col">${roleLabel(role)}</th>`)}</tr>
        </thead>
        <tbody @pointerover=${this.#choose} @focusin=${this.#choose} @click=${this.#choose} @keydown=${this.#walk}>
          ${rows.map(
            (row) => html`<tr>
              <th scope="row">${row.find((layer) => layer)?.block}</th>
              ${row.map((layer) => html`<td>${layer ? cell(layer, layer === chosen) : nothing}</td>`)}
            </tr>`,
          )}
          ${tables.map(
            (layer) => html`<tr>
              <th scope="row">${layer.role}</th>
              <td>${cell(layer, layer === chosen)}</td>
            </tr>`,
          )}
        </tbody>
      </table>
    `;
  }

  #choose(event: Event): void {
    this.chosen = layerAt(event) ?? this.chosen;
  }

  /** The strips are one stop of the tabulator key; arrow keys walk in them. */
  #walk(event: KeyboardEvent): void {
    const step = STEPS[event.key];
    const cell = (event.target as Element).closest('td');
    const row = cell?.closest('tr');
    if (!step || !cell || !row) return;
    event.preventDefault();
    const rows = [...this.querySelectorAll('tbody tr')];
    const next = rows[rows.indexOf(row) + step[0]]?.children[cell.cellIndex + step[1]];
    next?.querySelector('button')?.focus();
  }
}
customElements.define('layer-strips', LayerStrips);

function layerAt(event: Event): string | undefined {
  return (event.target as Element).closest<HTMLElement>('[data-layer]')?.dataset['layer'];
}

/** The layers of each block, in the order of the roles. */
function grid(layers: Layer[], roles: string[]): (Layer | undefined)[][] {
  const blocks = [...new Set(layers.map((layer) => layer.block))];
  return blocks.map((block) => roles.map((role) => layers.find((layer) => layer.block === block && layer.role === role)));
}

function worst(layers: Layer[]): Layer | undefined {
  return layers.toSorted((a, b) => (b.output_error ?? -1) - (a.output_error ?? -1))[0];
}

/** A role; where there is little room, without what stands after its last underscore. */
function roleLabel(role: string): unknown {
  const end = role.lastIndexOf('_');
  return end > 0 ? html`${role.slice(0, end)}<span class="ending">${role.slice(end)}</span>` : role;
}

function cell({ name, output_error, fallback }: Layer, chosen: boolean): unknown {
  return html`
    <button
      type="button"
      data-layer=${name}
      tabindex=${chosen ? 0 : -1}
      aria-current=${chosen}
      aria-label=${(fallback === null ? TEXT.layer : TEXT.layerByFallback)({ name, error: errorText(output_error) })}
      class=${fallback === null ? '' : 'fallback'}
      ${ref((button) => (button as HTMLElement | undefined)?.style.setProperty('--strength', `${strength(output_error)}%`))}
    >${errorText(output_error)}</button>
  `;
}

function errorText(error: number | null): string {
  return error === null ? '–' : format.share(error);
}

/** A place on the colour scale, 0 to 100, even in the logarithm of the error. */
function strength(error: number | null): number {
  const place = Math.log((error ?? 0) / PALEST) / Math.log(STRONGEST / PALEST);
  return Math.round(100 * Math.min(1, Math.max(0, place)));
}

function details(layer: Layer, catalog: Catalog): unknown {
  const lines: [string, string][] = [
    [TEXT.error, layer.output_error === null ? TEXT.noError : format.share(layer.output_error)],
    [TEXT.method, chainTitle(catalog, layer.method)],
    [TEXT.shape, `${layer.rows} × ${layer.cols}`],
    [TEXT.size, `${format.bytes(layer.bytes_before)} → ${format.bytes(layer.bytes_after)}`],
    [TEXT.bits, format.fixed(layer.bits_per_weight, 2)],
    [TEXT.zeros, format.percent(layer.sparsity)],
    [TEXT.time, format.seconds(layer.seconds)],
  ];
  return html`
    <div class="layer" data-testid="layer">
      <h4>${layer.name}</h4>
      <dl>${lines.map(([title, value]) => html`<div><dt>${title}</dt><dd>${value}</dd></div>`)}</dl>
      ${layer.fallback === null ? nothing : html`<p class="note">${TEXT.fallback({ why: layer.fallback }, strong)}</p>`}
    </div>
  `;
}

function legend(fallback: boolean): unknown {
  return html`
    <p class="scale">
      <span class="bar" aria-hidden="true"></span>
      <span class="ticks">${TICKS.map((tick) => html`<span>${format.percent(tick)}</span>`)}</span>
      ${fallback ? html`<span class="fallback">${TEXT.legend}</span>` : nothing}
    </p>
  `;
}
