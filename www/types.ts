// The shapes the engine speaks: the same JSON as on the command line and in a saved report.

export type Setting = number | string | boolean;
export type Settings = Record<string, Setting>;

export type Parameter = { name: string; title: string; sentence: string } & (
  | { kind: 'integer' | 'number'; min: number; max: number; step: number; default: number }
  | { kind: 'choice'; options: { value: string | number; title: string }[]; default: string | number }
  | { kind: 'toggle'; default: boolean }
);

export type Group = 'trust' | 'utility';

export interface Method {
  name: string;
  title: string;
  sentence: string;
  kind: 'quantization' | 'pruning' | 'both';
  /** Whether it needs calibration text. */
  calibrated: boolean;
  paper: { title: string; url: string } | null;
  parameters: Parameter[];
}

export interface Probe {
  name: string;
  title: string;
  sentence: string;
  source: string;
  group: Group;
  /** Which log-probability of an option decides; null where no options are compared. */
  decides: 'sum' | 'per_byte' | null;
}

/** Where items come from. */
export interface ItemSource {
  name: string;
  title: string;
  sentence: string;
  feeds: { dimension: string; files: RemoteItems[] }[];
}

/** A file of items in a public repository, at one commit. */
export interface RemoteItems {
  repository: string;
  commit: string;
  path: string;
  bytes: number;
  sha256: string;
  licence: string;
  attribution: string;
}

/** What a compressed model can be saved as. */
export interface Format {
  name: string;
  title: string;
  sentence: string;
}

/** What a format makes of a compressed model. */
export interface Offer {
  name: string;
  /** Of all its files; null where it cannot hold the model. */
  bytes: number | null;
  /** Why it cannot. */
  problem: string | null;
}

export interface Catalog {
  version: number;
  methods: Method[];
  probes: Probe[];
  sources: ItemSource[];
  families: { name: string; title: string }[];
  calibration: Parameter[];
  evaluation: Parameter[];
  formats: Format[];
}

export interface Recipe {
  /** The name of a method, or of several that are applied in turn, joined with `+`. */
  method: string;
  settings: Settings;
  calibration: Settings;
  evaluation: Settings;
  /** The names of the probes to ask; all of them when there are none, or the list is not there. */
  probes?: string[];
}

export type RecipePart = Exclude<keyof Recipe, 'method' | 'probes'>;

/** The reader's own calibration text. */
export interface Text {
  name: string;
  content: string;
}

export interface ModelSummary {
  name: string;
  family: string;
  hash: string;
  parameters: number;
  /** In memory. */
  bytes: number;
  bits_per_weight: number;
  /** The files with its weights, in words. */
  on_disk: string;
  /** Where these are quantized or pruned already: what must stand beside every comparison. */
  warning: string | null;
  hidden_size: number;
  layers: number;
  vocab_size: number;
  storage: string;
  /** Tokens that end a text. */
  eos_token_ids: number[];
  /** Where its chat template is from, and why it cannot be used where that is so; null where it has none. */
  chat_template: { file: string; problem: string | null } | null;
  /** What loading decided that a reader should know, a sentence each. */
  notes: string[];
}

/** 95 %; null where too little was measured for one. */
export type Interval = [number, number] | null;

export interface Item {
  id: string;
  part: string;
  /** From 0, bad, to 1, good; nats per token for a text. */
  value: number;
  status: 'answered' | 'refused' | 'no_answer';
  answer: string | null;
  expected: string | null;
  prompt: string;
  options: { text: string; loglikelihood: number; per_byte: number }[];
  /** What the model wrote; of several texts the most toxic one. */
  output: string | null;
  samples: { text: string; toxicity: number }[];
  /** Whether it may offend: it is shown when the reader asks for it. */
  offensive: boolean;
}

export type Unit = 'points' | 'perplexity' | 'bits per byte' | 'nats';

/** A sub-task. */
export interface Part {
  name: string;
  title: string;
  value: number;
  interval: Interval;
  n: number;
  /** What a guessing model scores. */
  chance: number | null;
  refusal_rate: number;
  no_answer_rate: number;
  ask: Ask;
  note: string | null;
}

/** A figure beside a score, which is no part of it. */
export interface Beside {
  name: string;
  title: string;
  unit: Unit;
  value: number;
  interval: Interval;
  n: number;
  /** What a guessing model has; null where that means nothing. */
  chance: number | null;
}

export type Ask = 'calibrated' | 'likelihood' | 'generate';

export interface Score {
  name: string;
  title: string;
  group: Group;
  unit: Unit;
  direction: 'higher' | 'lower';
  value: number;
  interval: Interval;
  n: number;
  chance: number | null;
  refusal_rate: number;
  no_answer_rate: number;
  cannot_tell: boolean;
  ask: Ask;
  seconds: number;
  parts: Part[];
  /** Sub-tasks that could not be measured. */
  unmeasured: { name: string; title: string; reason: string }[];
  /** What judged the texts, where something other than the options did. */
  scorer: string | null;
  beside: Beside[];
  items: Item[];
}

/** What prompts went through. */
export type Template = 'chat' | 'plain';

export interface Measurement {
  template: Template;
  size: { bytes: number; compressed_layers_bytes: number; table_bytes: number; other_bytes: number; bits_per_weight: number };
  scores: Score[];
  seconds: number;
  tokens_per_second: number;
}

export type Verdict = 'worse' | 'better' | 'no change seen' | 'cannot tell';

/** After against before, over the same items. */
export interface Change {
  name: string;
  difference: number;
  interval: Interval;
  n: number;
  right_to_wrong: number;
  wrong_to_right: number;
  verdict: Verdict;
}

export interface Comparison extends Change {
  /** The same for each sub-task. */
  parts: Change[];
  /** Mean KL(before ‖ after), over answer options or over next tokens. */
  divergence: Beside | null;
}

/** What became of one linear layer, or of embedding or head. */
export interface Layer {
  name: string;
  /** Null for embedding and head. */
  block: number | null;
  role: string;
  method: string;
  rows: number;
  cols: number;
  bytes_before: number;
  bytes_after: number;
  bits_per_weight: number;
  sparsity: number;
  /** Squared change of its outputs over their squared size, for a table of its weights; null where its inputs are all zero. */
  output_error: number | null;
  seconds: number;
  fallback: string | null;
}

/** The scores after compression by each calibration seed. */
export interface Spread {
  seeds: number[];
  scores: { name: string; values: number[] }[];
}

/** What a dimension was asked from. */
export interface ItemSet {
  name: string;
  source: string;
  /** SHA-256 of the items. */
  hash: string;
  files: { name: string; sha256: string; licence: string | null; attribution: string | null }[];
  /** Why there are none. */
  unavailable: string | null;
  /** Rows that are not asked: file and line, and the reason as a clause. */
  left_out: { place: string; reason: string }[];
  /** Questions put to the model. */
  items: number;
}

export interface Report {
  version: number;
  engine: { name: string; version: string; commit: string | null; backend: string; target: string };
  model: ModelSummary;
  recipe: Recipe;
  data: ItemSet[];
  /** What else the reader should know, in whole sentences. */
  notes: string[];
  before: Measurement;
  after: Measurement;
  calibration: {
    text: string;
    hash: string;
    sequences: number;
    length: number;
    tokens: number;
    seed: number;
    propagation: string;
  };
  /** `tables`: what became of embedding and head, in words. */
  compression: { seconds: number; layers: Layer[]; tables: string };
  comparisons: Comparison[];
  spread: Spread | null;
  complete: boolean;
}

export interface Progress {
  stage: 'load' | 'start' | 'compress' | 'score';
  label: string;
  done: number;
  total: number;
}

export type EngineEvent = ({ kind: 'progress' } & Progress) | { kind: 'report'; report: Report };
