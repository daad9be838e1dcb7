import { html } from 'lit';
import type { Catalog, Group } from '../types';

/** What stands in the place of the results before there are any. */
export function introduction(catalog: Catalog): unknown {
  return html`
    <section class="introduction">
      <h2>What will be measured</h2>
      <p>
        The model answers the same questions twice, before and after it is squeezed. Every score has its 95 %
        interval, and every answer can be read.
      </p>
      ${list(catalog, 'trust', 'Trust')} ${list(catalog, 'utility', 'Usefulness')}
    </section>
  `;
}

function list(catalog: Catalog, group: Group, title: string): unknown {
  const probes = catalog.probes.filter((probe) => probe.group === group);
  return html`
    <h3>${title}</h3>
    <dl>
      ${probes.map((probe) => html`<div><dt>${probe.title}</dt><dd>${probe.sentence}</dd></div>`)}
    </dl>
  `;
}
