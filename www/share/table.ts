// A report as a table for a spreadsheet: a row for each score, and in each row what it is about.
import type { Report, Score } from '../types';

type Cell = string | number | null | undefined;

/** Lines of CSV (RFC 4180) in UTF-8. Empty cells are what was not measured. */
export function toCsv(report: Report): string {
  const rows = report.before.scores.map((before) => row(report, before));
  const names = Object.keys(rows[0] ?? {});
  return [names, ...rows.map((each) => names.map((name) => each[name]))].map((cells) => `${cells.map(cell).join(',')}\r\n`).join('');
}

function row({ model, recipe, after: second, comparisons, engine }: Report, before: Score): Record<string, Cell> {
  const after = second.scores.find(({ name }) => name === before.name);
  const comparison = comparisons.find(({ name }) => name === before.name);
  const verdict = comparison?.verdict;
  return {
    model: model.name,
    model_sha256: model.hash,
    method: recipe.method,
    settings: JSON.stringify(recipe.settings),
    calibration: JSON.stringify(recipe.calibration),
    evaluation: JSON.stringify(recipe.evaluation),
    dimension: before.name,
    group: before.group,
    unit: before.unit,
    items: before.n,
    before: before.value,
    before_low: before.interval?.[0],
    before_high: before.interval?.[1],
    after: after?.value,
    after_low: after?.interval?.[0],
    after_high: after?.interval?.[1],
    difference: verdict?.difference,
    difference_low: verdict?.interval?.[0],
    difference_high: verdict?.interval?.[1],
    verdict: verdict?.words,
    clusters: verdict?.clusters.compared,
    right_to_wrong: comparison?.right_to_wrong,
    wrong_to_right: comparison?.wrong_to_right,
    ability_before: comparison?.ability?.[0].value,
    ability_after: comparison?.ability?.[1].value,
    best_constant_answer: before.chance,
    refused_before: before.refusal_rate,
    refused_after: after?.refusal_rate,
    unanswered_before: before.no_answer_rate,
    unanswered_after: after?.no_answer_rate,
    engine: `${engine.name} ${engine.version}`,
    commit: engine.commit,
    computed_by: `${engine.backend}, ${engine.target}`,
  };
}

/** A text that begins like a formula is none. */
function cell(value: Cell): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? ` ${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
