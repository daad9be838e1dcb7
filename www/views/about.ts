// What ran, on what, and how: everything of a report that has no place nearer to its numbers.
import { html, nothing, type TemplateResult } from 'lit';
import * as format from '../format';
import { chainParameters, chainTitle, findChain } from '../store';
import { about as TEXT, numbers, table } from '../text';
import { titles } from './titles';
import type { Catalog, ItemSet, Measurement, Parameter, Report, Settings, TemplateUsed } from '../types';

type Line = [title: string, value: unknown];

export function about(report: Report, catalog: Catalog): TemplateResult {
  const { spread, data } = report;
  const [first, second] = titles(report);
  return html`
    <details class="about" data-testid="about">
      <summary>${TEXT.title}</summary>
      <div class="facts">
        ${facts(TEXT.model, modelLines(report))} ${facts(TEXT.program, programLines(report))} ${facts(TEXT.method, methodLines(report, catalog))}
        ${facts(TEXT.calibrationText, calibrationLines(report, catalog))} ${facts(first, sideLines(report.before))}
        ${facts(second, sideLines(report.after))} ${facts(TEXT.measuring, measuringLines(report, catalog))}
        ${spread ? facts(TEXT.spread, [[TEXT.seeds, numbers.row(spread.seeds.map(String))]]) : nothing}
      </div>
      <h3>${TEXT.items}</h3>
      <div class="wide" tabindex="0" role="group" aria-label=${TEXT.asked}><table class="parts">
        <thead>
          <tr>${Object.values(TEXT.columns).map((title) => html`<th scope="col">${title}</th>`)}</tr>
        </thead>
        <tbody>${data.map((set) => itemsRow(set, catalog))}</tbody>
      </table></div>
    </details>
  `;
}

function facts(title: string, lines: Line[]): TemplateResult {
  return html`
    <section>
      <h3>${title}</h3>
      <dl>${lines.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
    </section>
  `;
}

function modelLines({ model }: Report): Line[] {
  return [
    [TEXT.name, model.name],
    [TEXT.family, model.family],
    [TEXT.hash, hash(model.hash)],
    [TEXT.parameters, format.whole(model.parameters)],
    [TEXT.layers, model.layers],
    [TEXT.hiddenSize, model.hidden_size],
    [TEXT.vocabulary, format.whole(model.vocab_size)],
    [TEXT.onDisk, model.on_disk],
    [TEXT.inMemory, TEXT.memory({ size: format.bytes(model.bytes), bits: format.fixed(model.bits_per_weight, 3), form: model.storage })],
    [TEXT.chatTemplate, templateOf(model)],
    [TEXT.endTokens, numbers.row(model.eos_token_ids.map(String)) || TEXT.none],
    ...(model.notes.length > 0 ? ([[TEXT.loading, model.notes.join(' ')]] satisfies Line[]) : []),
  ];
}

function templateOf({ chat_template }: Report['model']): string {
  if (chat_template === null) return TEXT.none;
  const { file, problem } = chat_template;
  return problem === null ? TEXT.templateFrom({ file }) : TEXT.badTemplate({ file, problem });
}

function programLines({ engine, version, compression, before, after }: Report): Line[] {
  return [
    [TEXT.engine, `${engine.name} ${engine.version}`],
    [TEXT.commit, engine.commit ? hash(engine.commit) : TEXT.notStated],
    [TEXT.arithmetic, engine.backend],
    [TEXT.target, engine.target],
    [TEXT.version, version],
    [TEXT.time, TEXT.times({ compressing: format.seconds(compression.seconds), before: format.seconds(before.seconds), after: format.seconds(after.seconds) })],
  ];
}

function methodLines({ recipe, compression }: Report, catalog: Catalog): Line[] {
  const { layers } = compression;
  const reasons = [...new Set(layers.flatMap(({ fallback }) => fallback ?? []))];
  const marked = reasons.map((reason) => html`<small>${TEXT.otherWayOf({ n: layers.filter(({ fallback }) => fallback === reason).length, of: layers.length, reason })}</small>`);
  return [
    [TEXT.method, chainTitle(catalog, recipe.method)],
    ...settings(chainParameters(findChain(catalog, recipe.method)), recipe.settings),
    [TEXT.tables, compression.tables],
    [TEXT.otherWay, reasons.length === 0 ? TEXT.none : marked],
  ];
}

function calibrationLines({ recipe, calibration }: Report, catalog: Catalog): Line[] {
  const used = findChain(catalog, recipe.method).some((method) => method.calibrated);
  const { text, hash: sum, tokens } = calibration;
  return [
    [TEXT.name, text],
    [TEXT.hash, hash(sum)],
    [TEXT.tokens, format.whole(tokens)],
    // A method that looks at no text has the errors of its layers measured on a little of it.
    ...(used ? [] : ([[TEXT.usedFor, TEXT.errorsOnly]] satisfies Line[])),
    ...settings(catalog.calibration.filter(({ name }) => used || name in calibration), { ...recipe.calibration, ...calibration }),
  ];
}

function measuringLines({ recipe, comparisons }: Report, catalog: Catalog): Line[] {
  const apart = comparisons.filter(({ pairing }) => pairing === 'unpaired').map(({ name }) => dimension(name, catalog));
  const asked = recipe.probes?.length ? numbers.row(recipe.probes.map((name) => dimension(name, catalog))) : TEXT.all;
  return [[TEXT.askedOf, asked], [TEXT.compared, apart.length > 0 ? TEXT.asSamples({ dimensions: apart }) : TEXT.byItem], ...settings(catalog.evaluation, recipe.evaluation)];
}

function sideLines({ size, template, seconds, tokens_per_second }: Measurement): Line[] {
  return [
    [TEXT.size, format.bytes(size.bytes)],
    [TEXT.compressedLayers, format.bytes(size.compressed_layers_bytes)],
    [TEXT.tables, format.bytes(size.table_bytes)],
    [TEXT.rest, format.bytes(size.other_bytes)],
    [TEXT.bits, format.fixed(size.bits_per_weight, 3)],
    [TEXT.prompts, templateText(template)],
    [TEXT.speed, seconds > 0 ? TEXT.tokensPerSecond({ n: Math.round(tokens_per_second) }) : TEXT.nothingAsked],
  ];
}

/** Which template prompts went through. */
export function templateText(template: TemplateUsed): string {
  return template === 'chat' ? table.chat : table.plain;
}

function settings(parameters: Parameter[], chosen: Settings): Line[] {
  return parameters.map((parameter) => {
    const value = chosen[parameter.name];
    const option = parameter.kind === 'choice' ? parameter.options.find((each) => each.value === value)?.title : undefined;
    return [parameter.title, option ?? (value === true ? TEXT.yes : value === false ? TEXT.no : (value ?? TEXT.notStated))];
  });
}

function itemsRow({ name, source, hash: sum, items, files, unavailable, left_out }: ItemSet, catalog: Catalog): TemplateResult {
  return html`<tr>
    <th scope="row">${dimension(name, catalog)}</th>
    <td>
      ${source}
      ${files.map(
        (file) => html`<small>
          ${numbers.row([file.name, file.attribution ?? '', file.licence ?? ''].filter(Boolean))} ${hash(file.sha256)}
        </small>`,
      )}
    </td>
    <td>
      ${unavailable === null ? items : html`${TEXT.notMeasured}<small>${unavailable}</small>`}
      ${left_out.length > 0 ? html`<small>${TEXT.leftOut({ n: left_out.length })}</small>` : nothing}
    </td>
    <td>${sum === '' ? '–' : hash(sum)}</td>
  </tr>`;
}

function dimension(name: string, { probes }: Catalog): string {
  return probes.find((probe) => probe.name === name)?.title ?? name;
}

/** A hash in short; whole where it is pointed at. */
function hash(value: string): TemplateResult {
  return html`<code title=${value}>${value.slice(0, 12)}</code>`;
}
