import { html, nothing } from 'lit';
import { openPublished, openSharing, openSides, openTrying, showFinished } from '../actions';
import { download } from '../download';
import * as format from '../format';
import { asked, coming, PERPLEXITY } from '../growing';
import { findChain, type Finished, type State } from '../store';
import { numbers, results as TEXT } from '../text';
import type { Catalog, ProbeKind, Report, Score } from '../types';
import { about } from './about';
import './chart';
import { limitsLink } from './elements';
import { keptButton } from './kept';
import './layers';
import { savePart } from './save';
import { summary } from './summary';
import { ScoreTable } from './table';
import { naming, NO_METHOD, settingsText, subject } from './titles';

/** A report, whole or still growing. Everything here is drawn from it; the catalog only lends titles. */
export function results(report: Report, catalog: Catalog, { phase, link, held, offers, finished, kept }: State): unknown {
  const running = phase === 'running';
  const later = running ? coming(report, catalog) : [];
  const anything = later.length > 0 || report.before.scores.length > 0 || report.data.some(({ unavailable }) => unavailable !== null);
  return html`
    <section class="results" aria-label=${TEXT.name} aria-busy=${running}>
      <h2 tabindex="-1">${subject(report, catalog)}</h2>
      ${running || report.complete ? nothing : unfinished(finished)} ${report.against && finished && finished.report !== report ? html`<button type="button" data-testid="leave-sides" @click=${showFinished}>${TEXT.back}</button>` : nothing} ${report.notes.map((note) => html`<p class="note">${note}</p>`)}
      ${told(report, catalog, running)} ${babble(report)} ${headline(report, later)}
      ${anything
        ? html`<score-chart .report=${report} .catalog=${catalog} .coming=${later} @open-score=${openRow}></score-chart>
            <score-table .report=${report} .catalog=${catalog} .coming=${later}></score-table>
            ${report.against ? nothing : html`${sideBySide(report, catalog)} ${trying(report)} ${published(report, catalog)}`}`
        : nothing}
      <layer-strips .report=${report} .catalog=${catalog}></layer-strips>
      ${!report.against && (running || report.complete || held === report) ? savePart(report, catalog, { offers, saving: running || phase === 'saving', held: running || held === report }) : nothing}
      ${footnote(report, catalog, { link, kept })} ${about(report, catalog)}
    </section>
  `;
}

/** What was chosen in the picture is opened in the table. */
function openRow({ detail }: CustomEvent<string>): void {
  const table = document.querySelector('score-table');
  if (table instanceof ScoreTable) void table.show(detail);
}

/** One sentence for who reads no tables, and where to read what it rests on. */
function told(report: Report, catalog: Catalog, running: boolean): unknown {
  const sentence = summary(report, catalog);
  const comes = running && asked(report, catalog).some(({ group }) => group === 'trust');
  return sentence === '' && !comes ? nothing : html`<p class="told" data-testid="summary">${sentence} ${limitsLink(TEXT.limits)}</p>`;
}

/** Another recipe or model on either side, which is fetched when it is opened. */
function sideBySide(report: Report, catalog: Catalog): unknown {
  return html`<details class="beside" data-testid="sides" @toggle=${openSides}>
    <summary>${TEXT.sides}</summary>
    <side-by-side .report=${report} .catalog=${catalog}></side-by-side>
  </details>`;
}

/** One prompt of the reader's to both sides, which is fetched when it is opened. */
function trying(report: Report): unknown {
  return html`<details class="beside" data-testid="try" @toggle=${openTrying}>
    <summary>${TEXT.trying}</summary>
    <try-it .report=${report}></try-it>
  </details>`;
}

/** What the paper found of far larger models, which is fetched when it is opened. */
function published(report: Report, catalog: Catalog): unknown {
  return html`<details class="beside" data-testid="beside" @toggle=${openPublished}>
    <summary>${TEXT.published}</summary>
    <published-figures .report=${report} .catalog=${catalog}></published-figures>
  </details>`;
}

/** Nothing that was computed is lost: the run before this one is a click away. */
function unfinished(finished: Finished | null): unknown {
  return html`
    <div class="note">
      <p>${TEXT.stopped}</p>
      ${finished ? html`<button type="button" data-testid="show-finished" @click=${showFinished}>${TEXT.showFinished}</button>` : nothing}
    </div>
  `;
}

/** Who is no more at home in a language than a count of its tokens has nothing to say in it. */
function babble(report: Report): unknown {
  const { before, after, against } = report;
  const isFluent = ({ scores }: Report['before']): boolean => scores.every(({ fluent }) => fluent !== false);
  const [one, other] = against ? [TEXT.babble.left, TEXT.babble.right] : [TEXT.babble.before, TEXT.babble.after];
  const who = !isFluent(before) ? one : !isFluent(after) ? other : null;
  if (who === null) return nothing;
  return html`<p class="banner" role="status" data-testid="babble">
    <strong>${who}</strong> ${TEXT.aboutBabble}
  </p>`;
}

/** The few numbers to be read from the last row of a hall. */
function headline({ model, before, after, compression }: Report, later: ProbeKind[]): unknown {
  const perplexity = before.scores.find((score) => score.unit === 'perplexity');
  const comes = later.find(({ name }) => name === PERPLEXITY);
  return html`
    <dl class="headline">
      <div>
        <dt>${TEXT.size}</dt>
        <dd data-testid="size">
          <span data-side="before">${format.bytes(before.size.bytes)}</span>
          <span class="arrow"><span aria-hidden="true">→</span><span class="unseen">${numbers.to}</span></span>
          <strong data-side="after">${format.bytes(after.size.bytes)}</strong>
        </dd>
        <dd class="muted">
          ${TEXT.memory({ times: times(before.size.bytes, after.size.bytes), bits: format.fixed(after.size.bits_per_weight, 2) })}
          <span data-testid="tables">${compression.tables}</span>
        </dd>
      </div>
      ${perplexity ? perplexityLine(perplexity.title, perplexity, after.scores.find(({ name }) => name === perplexity.name)) : comes ? perplexityLine(comes.title) : nothing}
    </dl>
    ${model.warning ? html`<p class="note" data-testid="starting-point">${model.warning}</p>` : nothing}
  `;
}

function times(before: number, after: number): string {
  if (!(after > 0)) return '';
  return after <= before ? TEXT.smaller({ times: format.fixed(before / after, 1) }) : TEXT.larger({ times: format.fixed(after / before, 1) });
}

function perplexityLine(title: string, before?: Score, after?: Score): unknown {
  return html`
    <div>
      <dt>${title}</dt>
      <dd>
        <span>${before ? format.amount(before.unit, before.value) : '…'}</span>
        <span class="arrow"><span aria-hidden="true">→</span><span class="unseen">${numbers.to}</span></span>
        <strong>${after ? format.amount(after.unit, after.value) : '…'}</strong>
      </dd>
      <dd class="muted">${TEXT.lowerIsBetter}</dd>
    </div>
  `;
}

function footnote(report: Report, catalog: Catalog, { link, kept }: Pick<State, 'link' | 'kept'>): unknown {
  const { engine, model, data, recipe, before, after, calibration, compression } = report;
  const calibrated = findChain(catalog, recipe.method).some((method) => method.calibrated);
  const [first, second] = naming(report).words;
  const time = before.seconds + after.seconds + compression.seconds;
  return html`
    <footer>
      <div class="together">
        <button type="button" data-testid="download" @click=${() => downloadReport(report)}>${TEXT.download}</button>
        ${recipe.method === NO_METHOD ? nothing : html`<a href=${link} target="_blank" data-testid="repeat">${report.against ? TEXT.repeatRight : TEXT.repeat}</a>`}
        ${report.against ? nothing : html`<button type="button" data-testid="open-sharing" @click=${() => openSharing(report)}>${TEXT.share}</button>`}
        ${keptButton(kept)}
      </div>
      <p>
        <strong>${TEXT.aboutThatModel}</strong>
        ${TEXT.provenance({
          model: model.name,
          hash: short(model.hash),
          items: data.map(itemsText),
          calibration: calibrated ? TEXT.calibration({ text: calibration.text, hash: short(calibration.hash), settings: settingsText(catalog.calibration, recipe.calibration) }) : null,
          evaluation: settingsText(catalog.evaluation, recipe.evaluation),
          program: `${engine.name} ${engine.version}`,
          commit: engine.commit ? short(engine.commit) : null,
          backend: engine.backend,
          target: engine.target,
        })}
        ${TEXT.took({ time: format.seconds(time), before: Math.round(before.tokens_per_second), after: Math.round(after.tokens_per_second), first, second })}
      </p>
    </footer>
  `;
}

function itemsText({ name, source, hash }: Report['data'][number]): string {
  return TEXT.items({ source, name: name.replaceAll('_', ' '), hash: short(hash) });
}

/** The first characters of a hash, enough to tell two apart. */
function short(hash: string): string {
  return hash.slice(0, 8);
}

function downloadReport(report: Report): void {
  download(`${report.model.name}-${report.recipe.method}.json`, reportFile(report));
}

/** A report as it is dropped back onto the page. */
export function reportFile(report: Report): Blob {
  return new Blob([JSON.stringify(report, null, 2)], { type: 'application/json' });
}
