// A link as a recipe of llm-compressor, the library that vLLM's makers use: https://github.com/vllm-project/llm-compressor.
import { BUILT_IN_TEXT } from '../store';
import { readLink } from '../link';
import { recipe as TEXT } from '../text';

/** The version whose modifiers are named here. */
const VERSION = '0.14';

type Settings = (name: string) => string | undefined;

interface Stage {
  /** Lines of YAML. */
  modifiers: string[];
  /** What has no counterpart there. */
  notes: string[];
}

/** YAML for `oneshot`; what llm-compressor has nothing for is named in comments. */
export function toRecipe(link: string): string {
  const { values } = readLink(link);
  const settings: Settings = (name) => values.get(`settings.${name}`);
  const methods = (values.get('method') ?? '').split('+');
  const stages = methods.map((method) => ({ method, ...(STAGES[method]?.(settings) ?? nothing(method)) }));
  const calibrated = methods.some((method) => method !== 'round_to_nearest' && method !== 'magnitude');
  const isRoundedLast = stages.some(({ modifiers }) => modifiers.includes('QuantizationModifier:'));
  const fillsUp = stages.some(({ modifiers }) => modifiers.includes('GPTQModifier:')) && stages.some(({ modifiers }) => modifiers.some((line) => line.includes('mask_structure')));
  const notes = [...new Set([...stages.flatMap((stage) => stage.notes), ...(calibrated ? calibrationNotes(values, isRoundedLast) : []), ...(fillsUp ? [TEXT.refilled] : [])])];
  const made = stages.filter(({ modifiers }) => modifiers.length > 0);
  const call = calibrated
    ? `oneshot(model=…, recipe="recipe.yaml", dataset=…, num_calibration_samples=${values.get('calibration.sequences') ?? 64}, max_seq_length=${values.get('calibration.length') ?? 256})`
    : 'oneshot(model=…, recipe="recipe.yaml")';
  return [
    `# ${TEXT.head({ version: VERSION, call })}`,
    ...notes.map((note) => `# ${note}`),
    ...(made.length > 0 ? ['pressure_stage:'] : [`# ${TEXT.nothingLeft}`]),
    ...made.flatMap(({ method, modifiers }) => [`  ${method}_modifiers:`, ...modifiers.map((line) => `    ${line}`)]),
    '',
  ].join('\n');
}

const STAGES: Record<string, (settings: Settings) => Stage> = {
  round_to_nearest: (settings) => {
    const { lines, notes } = grid(settings);
    return { modifiers: ['QuantizationModifier:', ...lines], notes };
  },
  gptq: (settings) => {
    const { lines, notes } = grid(settings);
    const order = settings('column_order');
    if (order === 'group-aware') notes.push(TEXT.groupAware);
    if (order !== 'stored' && settings('static_groups') === 'false') notes.push(TEXT.movingGroups);
    return { modifiers: ['GPTQModifier:', `  dampening_frac: ${settings('damping') ?? 0.01}`, `  actorder: ${order === 'stored' ? 'null' : 'static'}`, ...lines], notes };
  },
  awq: (settings) => {
    const { lines, notes } = grid(settings);
    if (settings('clip') !== 'false') notes.push(TEXT.clip);
    notes.push(TEXT.factors);
    notes.push(TEXT.fullStrength);
    return { modifiers: ['AWQModifier:', '  duo_scaling: false', `  n_grid: ${Number(settings('scale_points') ?? 20) + 1}`, 'QuantizationModifier:', ...lines], notes };
  },
  magnitude: () => ({ modifiers: [], notes: [TEXT.magnitude] }),
  wanda: (settings) => ({ modifiers: ['WandaPruningModifier:', ...removal(settings)], notes: [] }),
  sparsegpt: (settings) => ({ modifiers: sparseGpt(settings), notes: [] }),
  sparsegpt_gptq: (settings) => {
    const { lines, notes } = grid(settings);
    notes.push(TEXT.twoPasses);
    return { modifiers: [...sparseGpt(settings), 'GPTQModifier:', `  dampening_frac: ${settings('damping') ?? 0.01}`, '  actorder: null', ...lines], notes };
  },
};

function nothing(method: string): Stage {
  return { modifiers: [], notes: [TEXT.noMethod({ name: method.replace(/[^\w-]+/g, ' ').slice(0, 60) })] };
}

function sparseGpt(settings: Settings): string[] {
  return ['SparseGPTModifier:', ...removal(settings), `  block_size: ${settings('block_size') ?? 128}`, `  dampening_frac: ${settings('damping') ?? 0.01}`];
}

/** What is removed of a weight. */
function removal(settings: Settings): string[] {
  const pattern = settings('pattern') ?? 'unstructured';
  const isFree = pattern === 'unstructured';
  return [`  sparsity: ${isFree ? (settings('sparsity') ?? 0.5) : 0.5}`, `  mask_structure: "${isFree ? '0:0' : pattern}"`, '  targets: ["Linear"]', '  ignore: ["re:.*lm_head"]'];
}

/** How weights are rounded. */
function grid(settings: Settings): { lines: string[]; notes: string[] } {
  const notes: string[] = [];
  const [size, symmetric, search] = [settings('group_size') ?? '64', settings('symmetric') === 'true', settings('range_search') === 'true'];
  if (symmetric && settings('grid') !== 'classic') notes.push(TEXT.symmetric);
  if (search) notes.push(TEXT.search);
  if (settings('embedding_and_head') === 'true') notes.push(TEXT.tables);
  const lines = [
    '  ignore: ["re:.*lm_head"]',
    '  config_groups:',
    '    group_0:',
    '      targets: ["Linear"]',
    '      weights:',
    `        num_bits: ${settings('bits') ?? 4}`,
    '        type: int',
    `        symmetric: ${symmetric}`,
    ...(size === 'row' ? ['        strategy: channel'] : ['        strategy: group', `        group_size: ${size}`]),
    `        observer: memoryless_${search ? 'mse' : 'minmax'}`,
  ];
  return { lines, notes };
}

/** `isRoundedLast`: its QuantizationModifier finds grids as it goes, and rounds when all is done. */
function calibrationNotes(values: Map<string, string>, isRoundedLast: boolean): string[] {
  const text = values.get('text');
  const seed = values.get('calibration.seed') ?? '0';
  const notes = [text === undefined ? TEXT.builtInText({ text: BUILT_IN_TEXT, seed }) : TEXT.ownText({ seed })];
  if (Number(values.get('calibration.seeds') ?? 1) > 1) notes.push(TEXT.seeds);
  const sees = values.get('calibration.propagation');
  if (isRoundedLast && sees !== 'dense') notes.push(TEXT.notRoundedYet);
  else if (sees === 'layer') notes.push(TEXT.ownBlock);
  if (sees === 'dense') notes.push(TEXT.dense);
  return notes;
}
