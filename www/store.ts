// What the page knows, and its place in the address: every experiment is a link.
import type { Source } from './source';
import type { Catalog, Method, ModelSummary, Parameter, Progress, Recipe, Report, Setting, Settings } from './types';

export interface State {
  phase: 'loading' | 'idle' | 'running' | 'done' | 'error';
  catalog: Catalog | null;
  /** The model that is loaded, and where it came from. */
  source: Source;
  model: ModelSummary | null;
  /** What the controls show. A report on the page keeps its own recipe. */
  recipe: Recipe;
  progress: Progress | null;
  report: Report | null;
  error: string | null;
}

class Store extends EventTarget {
  state: State = {
    phase: 'loading',
    catalog: null,
    source: { kind: 'builtin' },
    model: null,
    recipe: { method: '', settings: {}, evaluation: {} },
    progress: null,
    report: null,
    error: null,
  };

  update(change: Partial<State>): void {
    this.state = { ...this.state, ...change };
    this.dispatchEvent(new Event('change'));
  }
}

export const store = new Store();

export function findMethod(catalog: Catalog, name: string): Method | undefined {
  return catalog.methods.find((method) => method.name === name);
}

export function defaults(parameters: Parameter[]): Settings {
  return Object.fromEntries(parameters.map((parameter) => [parameter.name, parameter.default]));
}

/** The state as the text after the # of an address. */
export function toLink(source: Source, recipe: Recipe): string {
  const link = new URLSearchParams();
  if (source.kind === 'url') link.set('model', source.url);
  if (source.kind === 'dropped') link.set('dropped', source.name);
  link.set('method', recipe.method);
  for (const part of ['settings', 'evaluation'] as const) {
    for (const [name, value] of Object.entries(recipe[part])) link.set(`${part}.${name}`, String(value));
  }
  return `#${link}`;
}

export function linkedSource(hash: string): Source {
  const url = readLink(hash).get('model');
  return url === null ? { kind: 'builtin' } : { kind: 'url', url };
}

export interface Linked {
  recipe: Recipe;
  run: boolean;
  /** What of the link could not be honoured, in one sentence. */
  problem: string | null;
}

/** The recipe that the text after the # describes; what it leaves out is the default. */
export function fromLink(hash: string, catalog: Catalog): Linked {
  const link = readLink(hash);
  const problems: string[] = [];
  const asked = link.get('method');
  const method = findMethod(catalog, asked ?? '') ?? catalog.methods[0];
  if (!method) throw new Error('The engine offers no method: build the page again.');
  if (asked !== null && asked !== method.name) problems.push(`the method “${asked}” (${method.title} is shown instead)`);

  const read = (part: 'settings' | 'evaluation', parameters: Parameter[]): Settings =>
    Object.fromEntries(
      parameters.map((parameter) => {
        const text = link.get(`${part}.${parameter.name}`);
        const value = text === null ? parameter.default : parse(parameter, text);
        if (value === null) problems.push(`${parameter.title.toLowerCase()} “${text}” (${parameter.default} is shown instead)`);
        return [parameter.name, value ?? parameter.default];
      }),
    );
  const recipe = {
    method: method.name,
    settings: read('settings', method.parameters),
    evaluation: read('evaluation', catalog.evaluation),
  };
  const dropped = link.get('dropped');
  if (dropped !== null) problems.push(`the dropped model “${dropped}” (drop it again to repeat that run)`);
  return {
    recipe,
    run: link.get('run') === '1' && dropped === null,
    problem: problems.length > 0 ? `This link asks for something this page does not have: ${problems.join('; ')}.` : null,
  };
}

function readLink(hash: string): URLSearchParams {
  return new URLSearchParams(hash.replace(/^#/, ''));
}

/** A value from a link, or null when the parameter does not allow it. */
function parse(parameter: Parameter, text: string): Setting | null {
  switch (parameter.kind) {
    case 'choice':
      return parameter.options.find((option) => String(option.value) === text)?.value ?? null;
    case 'toggle':
      return text === 'true' ? true : text === 'false' ? false : null;
    default: {
      const value = text.trim() === '' ? NaN : Number(text);
      const inside = value >= parameter.min && value <= parameter.max;
      return inside && (parameter.kind === 'number' || Number.isInteger(value)) ? value : null;
    }
  }
}
