// What ran, on what, and how: everything of a report that has no place nearer to its numbers.
import { html, nothing, type TemplateResult } from 'lit';
import * as format from '../format';
import { chainParameters, chainTitle, findChain } from '../store';
import { titles } from './titles';
import type { Catalog, ItemSet, Measurement, Parameter, Report, Settings, TemplateUsed } from '../types';

type Line = [title: string, value: unknown];

export function about(report: Report, catalog: Catalog): TemplateResult {
  const { spread, data } = report;
  const [first, second] = titles(report);
  return html`
    <details class="about" data-testid="about">
      <summary>About this run</summary>
      <div class="facts">
        ${facts('Model', modelLines(report))} ${facts('Program', programLines(report))} ${facts('Method', methodLines(report, catalog))}
        ${facts('Calibration text', calibrationLines(report, catalog))} ${facts(first, sideLines(report.before))}
        ${facts(second, sideLines(report.after))} ${facts('Measuring', measuringLines(report, catalog))}
        ${spread ? facts('Spread', [['Calibration seeds', spread.seeds.join(', ')]]) : nothing}
      </div>
      <h3>Items</h3>
      <div class="wide" tabindex="0" role="group" aria-label="What was asked"><table class="parts">
        <thead>
          <tr><th scope="col">Dimension</th><th scope="col">From</th><th scope="col">Items</th><th scope="col">SHA-256</th></tr>
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
    ['Name', model.name],
    ['Family', model.family],
    ['SHA-256', hash(model.hash)],
    ['Parameters', model.parameters.toLocaleString('en')],
    ['Layers', model.layers],
    ['Hidden size', model.hidden_size],
    ['Vocabulary', model.vocab_size.toLocaleString('en')],
    ['On disk', model.on_disk],
    ['In memory', `${format.bytes(model.bytes)}, ${model.bits_per_weight.toFixed(3)} bits per weight, layers as ${model.storage}`],
    ['Chat template', templateOf(model)],
    ['Tokens that end a text', model.eos_token_ids.join(', ') || 'none'],
    ...(model.notes.length > 0 ? ([['Loading', model.notes.join(' ')]] satisfies Line[]) : []),
  ];
}

function templateOf({ chat_template }: Report['model']): string {
  if (chat_template === null) return 'none';
  const { file, problem } = chat_template;
  return problem === null ? `from ${file}` : `that of ${file} cannot be used: ${problem}`;
}

function programLines({ engine, version, compression, before, after }: Report): Line[] {
  return [
    ['Engine', `${engine.name} ${engine.version}`],
    ['Commit', engine.commit ? hash(engine.commit) : 'not stated'],
    ['Arithmetic', engine.backend],
    ['Compiled for', engine.target],
    ['Report version', version],
    ['Time', `${format.seconds(compression.seconds)} compressing, ${format.seconds(before.seconds)} asking before, ${format.seconds(after.seconds)} after`],
  ];
}

function methodLines({ recipe, compression }: Report, catalog: Catalog): Line[] {
  const { layers } = compression;
  const reasons = [...new Set(layers.flatMap(({ fallback }) => fallback ?? []))];
  const marked = reasons.map((reason) => html`<small>${layers.filter(({ fallback }) => fallback === reason).length} of ${layers.length}: ${reason}</small>`);
  return [
    ['Method', chainTitle(catalog, recipe.method)],
    ...settings(chainParameters(findChain(catalog, recipe.method)), recipe.settings),
    ['Embedding and head', compression.tables],
    ['Layers done another way', reasons.length === 0 ? 'none' : marked],
  ];
}

function calibrationLines({ recipe, calibration }: Report, catalog: Catalog): Line[] {
  const used = findChain(catalog, recipe.method).some((method) => method.calibrated);
  const { text, hash: sum, tokens } = calibration;
  return [
    ['Name', text],
    ['SHA-256', hash(sum)],
    ['Tokens', tokens.toLocaleString('en')],
    // A method that looks at no text has the errors of its layers measured on a little of it.
    ...(used ? [] : ([['Used for', 'the layers’ errors only']] satisfies Line[])),
    ...settings(catalog.calibration.filter(({ name }) => used || name in calibration), { ...recipe.calibration, ...calibration }),
  ];
}

function measuringLines({ recipe, comparisons }: Report, catalog: Catalog): Line[] {
  const apart = comparisons.filter(({ pairing }) => pairing === 'unpaired').map(({ name }) => dimension(name, catalog));
  const asked = recipe.probes?.length ? recipe.probes.map((name) => dimension(name, catalog)).join(', ') : 'all dimensions';
  return [['Asked', asked], ['Compared', apart.length > 0 ? `item by item, but as two samples in ${apart.join(', ')}` : 'item by item'], ...settings(catalog.evaluation, recipe.evaluation)];
}

function sideLines({ size, template, seconds, tokens_per_second }: Measurement): Line[] {
  return [
    ['Size', format.bytes(size.bytes)],
    ['Layers that methods compress', format.bytes(size.compressed_layers_bytes)],
    ['Embedding and head', format.bytes(size.table_bytes)],
    ['The rest', format.bytes(size.other_bytes)],
    ['Bits per weight', size.bits_per_weight.toFixed(3)],
    ['Prompts', templateText(template)],
    ['Speed', seconds > 0 ? `${Math.round(tokens_per_second)} tokens per second` : 'nothing was asked'],
  ];
}

/** Which template prompts went through. */
export function templateText(template: TemplateUsed): string {
  return template === 'chat' ? 'through the model’s own chat template' : 'no chat template: plain prompts';
}

function settings(parameters: Parameter[], chosen: Settings): Line[] {
  return parameters.map((parameter) => {
    const value = chosen[parameter.name];
    const option = parameter.kind === 'choice' ? parameter.options.find((each) => each.value === value)?.title : undefined;
    return [parameter.title, option ?? (value === true ? 'yes' : value === false ? 'no' : (value ?? 'not stated'))];
  });
}

function itemsRow({ name, source, hash: sum, items, files, unavailable, left_out }: ItemSet, catalog: Catalog): TemplateResult {
  return html`<tr>
    <th scope="row">${dimension(name, catalog)}</th>
    <td>
      ${source}
      ${files.map(
        (file) => html`<small>
          ${file.name}${file.attribution ? `, ${file.attribution}` : ''}${file.licence ? `, ${file.licence}` : ''} ${hash(file.sha256)}
        </small>`,
      )}
    </td>
    <td>
      ${unavailable === null ? items : html`not measured<small>${unavailable}</small>`}
      ${left_out.length > 0 ? html`<small>${left_out.length} left out</small>` : nothing}
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
