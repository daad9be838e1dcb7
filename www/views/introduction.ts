import { html } from 'lit';
import { groups, introduction as TEXT } from '../text';
import type { Catalog, Group } from '../types';

/** What stands in the place of the results before there are any. */
export function introduction(catalog: Catalog): unknown {
  return html`
    <section class="introduction">
      <h2>${TEXT.title}</h2>
      <p>${TEXT.about}</p>
      ${list(catalog, 'trust')} ${list(catalog, 'utility')}
    </section>
  `;
}

function list(catalog: Catalog, group: Group): unknown {
  const probes = catalog.probes.filter((probe) => probe.group === group);
  return html`
    <h3>${groups[group]}</h3>
    <dl>
      ${probes.map((probe) => html`<div><dt>${probe.title}</dt><dd>${probe.sentence}</dd></div>`)}
    </dl>
  `;
}
