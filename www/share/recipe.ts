// A link as a recipe of llm-compressor, the library that vLLM's makers use: https://github.com/vllm-project/llm-compressor.
import { BUILT_IN_TEXT } from '../store';
import { readLink } from '../link';

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
  const notes = [...new Set([...stages.flatMap((stage) => stage.notes), ...(calibrated ? calibrationNotes(values, isRoundedLast) : []), ...(fillsUp ? ['Weights that were removed do not stay 0 there: GPTQModifier changes them with the others.'] : [])])];
  const made = stages.filter(({ modifiers }) => modifiers.length > 0);
  const call = calibrated
    ? `oneshot(model=…, recipe="recipe.yaml", dataset=…, num_calibration_samples=${values.get('calibration.sequences') ?? 64}, max_seq_length=${values.get('calibration.length') ?? 256})`
    : 'oneshot(model=…, recipe="recipe.yaml")';
  return [
    `# For llm-compressor ${VERSION}: ${call}`,
    ...notes.map((note) => `# ${note}`),
    ...(made.length > 0 ? ['pressure_stage:'] : ['# Nothing of this recipe is left to write down.']),
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
    if (order === 'group-aware') notes.push('Strongest group first has no counterpart: the strongest columns are rounded first.');
    if (order !== 'stored' && settings('static_groups') === 'false') notes.push('Groups that follow the order of columns are no longer made there: they stay where they are.');
    return { modifiers: ['GPTQModifier:', `  dampening_frac: ${settings('damping') ?? 0.01}`, `  actorder: ${order === 'stored' ? 'null' : 'static'}`, ...lines], notes };
  },
  awq: (settings) => {
    const { lines, notes } = grid(settings);
    if (settings('clip') !== 'false') notes.push('Narrower ranges after scaling (clip) have no counterpart in AWQModifier.');
    notes.push('AWQModifier puts its factors into the layers before; here each layer keeps them beside its weights.');
    notes.push('AWQModifier also tries the full strength of scaling, which is one point more.');
    return { modifiers: ['AWQModifier:', '  duo_scaling: false', `  n_grid: ${Number(settings('scale_points') ?? 20) + 1}`, 'QuantizationModifier:', ...lines], notes };
  },
  magnitude: () => ({ modifiers: [], notes: ['Magnitude has no counterpart in one shot: MagnitudePruningModifier follows a schedule of training.'] }),
  wanda: (settings) => ({ modifiers: ['WandaPruningModifier:', ...removal(settings)], notes: [] }),
  sparsegpt: (settings) => ({ modifiers: sparseGpt(settings), notes: [] }),
  sparsegpt_gptq: (settings) => {
    const { lines, notes } = grid(settings);
    notes.push('SparseGPT and GPTQ are one pass here and two there.');
    return { modifiers: [...sparseGpt(settings), 'GPTQModifier:', `  dampening_frac: ${settings('damping') ?? 0.01}`, '  actorder: null', ...lines], notes };
  },
};

function nothing(method: string): Stage {
  return { modifiers: [], notes: [`“${method.replace(/[^\w-]+/g, ' ').slice(0, 60)}” is no method that llm-compressor has.`] };
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
  if (symmetric && settings('grid') !== 'classic') notes.push('Symmetric grids are the classic ones there, of the same scale for both signs; here they are full-range.');
  if (search) notes.push('The search for narrower ranges is that of the observer “memoryless_mse”, which tries others.');
  if (settings('embedding_and_head') === 'true') notes.push('Embedding and head are rounded too here; there they stay as they are.');
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
  const notes = [`Here it was calibrated on ${text === undefined ? `the text “${BUILT_IN_TEXT}”, src/calibrate/english.txt` : 'a text of the reader’s own'}, drawn by seed ${values.get('calibration.seed') ?? 0}: give yours as dataset.`];
  if (Number(values.get('calibration.seeds') ?? 1) > 1) notes.push('Several calibration seeds in a row have no counterpart: call it once for each.');
  const sees = values.get('calibration.propagation');
  if (isRoundedLast && sees !== 'dense') notes.push('Layers see blocks before them that are not rounded yet; here they are.');
  else if (sees === 'layer') notes.push('Layers that see the compressed ones before them in their own block have no counterpart: they see the block before compressed.');
  if (sees === 'dense') notes.push('To show every layer what the uncompressed model gives, add propagate_error=False.');
  return notes;
}
