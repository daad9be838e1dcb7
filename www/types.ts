// The shapes the engine speaks: the same JSON as on the command line and in a saved report.
// Made of the Rust types by src/typescript.rs: change those, and renew this file with
// `RENEW=1 cargo test --release --lib typescript`.

/** An ability with its interval. */
export type Ability = {
  /** 0 to 1; one half is none. */
  value: number;
  /** At the level `1 - alpha` that was asked for. */
  interval: [number, number];
  clusters: number;
};

/** What ability says of a row. */
export type AbilityState = 'holds' | 'uncertain' | 'broken' | 'not_measurable';

/** How scored questions were answered, whatever the answers are worth. */
export type Answers = {
  /** The score when the raw likelihood of each option decides; none where no options are compared. */
  raw_value: number | null;
  /** The probability of all options together, 0 to 1, the mean over questions; none where no options are compared. */
  option_share: number | null;
  /** None where nothing was answered. */
  commonest: Commonest | null;
};

/** The ways to ask. */
export type Ask = 'calibrated' | 'likelihood' | 'generate';

/** What the report says of a calibration. */
export type CalibrationSummary = {
  /** The name of the text. */
  text: string;
  /** SHA-256 of the text. */
  hash: string;
  sequences: number;
  /** Tokens in a sequence. */
  length: number;
  tokens: number;
  seed: number;
  propagation: Propagation;
};

/** What there is to choose from. */
export type Catalog = {
  version: number;
  methods: Array<Method>;
  probes: Array<ProbeKind>;
  families: Array<FamilyEntry>;
  calibration: Array<Parameter>;
  evaluation: Array<Parameter>;
  sources: Array<SourceKind>;
  formats: Array<Format>;
};

/** One value of a choice. */
export type Choice = {
  value: ChoiceValue;
  title: string;
};

/** A choice is a word or a whole number. */
export type ChoiceValue = number | string;

/** How many clusters a row has. */
export type Clusters = {
  asked: number;
  /** With an item that is compared. */
  compared: number;
};

/** The commonest answer, of each list of options, and how often it is given. */
export type CommonAnswer = {
  answer: string;
  /** 0 to 1, with Wilson's 95 % interval. */
  share: number;
  interval: [number, number];
  n: number;
};

/** The answer that was given most often. */
export type Commonest = {
  answer: string;
  /** Among the answers, 0 to 1. */
  share: number;
  /** Answers in all. */
  n: number;
};

/** After against before, item by item. */
export type Comparison = {
  name: string;
  /** Whether items are pairs; a report of an older version has nothing else. */
  pairing?: Pairing;
  /** The unit that it is in, where that is not the score's: bits per byte, where models read texts by tokens of their own. */
  unit?: string;
  /** The same for each sub-task. */
  parts: Array<PartComparison>;
  /** Mean KL(before ‖ after) in nats, over answer options or over next tokens; absent where there are neither. */
  divergence: SideFigure | null;
  /** The score before, over the sub-tasks that are measurable and the items that were read on both sides. */
  before: number | null;
  /** The same after; with several calibration seeds, their mean. */
  after: number | null;
  /** Items that are compared. */
  n: number;
  /** Items that are right before and wrong after, and the other way round; none where items are no pairs. */
  right_to_wrong: number | null;
  wrong_to_right: number | null;
  /** How well the cases are told apart, whatever the habits: before and after. */
  ability: [Ability, Ability] | null;
  /** Sub-tasks that left the score because neither side can tell their cases apart. */
  not_measurable: Array<string>;
  /** The answers that are commonest, before and after, among the cases that tell ability. */
  commonest: [CommonAnswer, CommonAnswer] | null;
  /** How far right answers gained on wrong ones, in nats: the mean over items, with its 95 % interval. */
  margin: number | null;
  margin_interval: [number, number] | null;
  verdict: Verdict;
};

/** What became of each layer. */
export type Compression = {
  seconds: number;
  layers: Array<Layer>;
  /** Whether embedding and head were compressed too, and what they take of the bytes, in words. */
  tables: string;
};

/** Which log-probability of an answer option is compared with that of the others. */
export type Decides = 'sum' | 'per_byte';

/** Which way is better. */
export type Direction = 'higher' | 'lower';

/** The program that measured. */
export type Engine = {
  name: string;
  version: string;
  commit: string | null;
  backend: string;
  /** The processor that it was compiled for. */
  target: string;
};

/** News while a run goes on. */
export type EngineEvent = {
  kind: 'progress';
  stage: Stage;
  label: string;
  done: number;
  total: number;
} | {
  kind: 'compressed';
  report: Report;
} | {
  kind: 'scored';
  /** 0 for the reference, which is the model before compression; 1 for the compressed model. */
  side: number;
  score: Score;
  /** Spent asking this side so far. */
  seconds: number;
  tokens_per_second: number;
} | {
  kind: 'asked';
  set: ItemSet;
  /** Of all dimensions so far: what is said of one depends on how many there are. */
  comparisons: Array<Comparison>;
  complete: boolean;
} | {
  kind: 'spread';
  spread: Spread;
  /** All seeds together. */
  comparisons: Array<Comparison>;
  complete: boolean;
};

/** A model family in the catalog. */
export type FamilyEntry = {
  name: string;
  title: string;
};

/** What the authors have for a dimension. */
export type Feed = {
  dimension: string;
  files: Array<RemoteFile>;
  /** Sub-tasks that these files have nothing for. */
  lacks: Array<Unmeasured>;
};

/** The tensors of one number format. */
export type FileType = {
  /** As the file's own format calls it. */
  name: string;
  tensors: number;
  bytes: number;
};

/** What a model needs, in bytes of memory. */
export type Fit = {
  family: string;
  /** Weights of the layers that methods compress. */
  linear_parameters: number;
  /** Weights of embedding, positions and head. */
  other_parameters: number;
  /** Of all tensors, norms and biases included, as they are held. */
  linear_bytes: number;
  other_bytes: number;
  /** What the vocabulary takes, about. */
  tokenizer_bytes: number;
  /** The most that loading takes in the browser: program, tokenizer, weights, and what is held meanwhile. */
  loading_bytes: number;
  /** Keys and values of one token. */
  cache_bytes_per_token: number;
  /** The most that one pass needs at a time, for hidden states, logits and the layer that is being compressed. */
  working_bytes: number;
};

/** A form that a model can be saved in. */
export type Format = {
  name: string;
  title: string;
  /** One sentence for the reader. */
  sentence: string;
};

/** Whether a score is of trust or of usefulness. */
export type Group = 'trust' | 'utility';

/** One item with its answer. */
export type Item = {
  id: string;
  part: string;
  role: Role;
  /** The sub-task that it belongs to beside its own: which it is the plain form of, or tells ability for. */
  of: string | null;
  /** Whom it is about, where that matters: the group of people. */
  group: string | null;
  /** Items about the same thing share it, over sub-tasks and on both sides of a comparison. */
  cluster: number;
  /** Items with the same system text and the same demonstrations share it. */
  frame: string;
  /** Whether it counts for ability, among the items of its frame. */
  ability: boolean;
  /** Whether it counts in its sub-task: silence is left out of some. */
  counts: boolean;
  /** Which answer is right, where there is an option A that ability is told by. */
  key: Key | null;
  option_a: string | null;
  /** Of option A; none where the answer was written. */
  log_odds: LogOdds | null;
  /** How much likelier right answers are than wrong ones, in nats, by what decides. */
  margin: number | null;
  /** The probability of all options together, 0 to 1. */
  option_share: number | null;
  /** `value` when the raw likelihood of each option decides. */
  raw_value: number | null;
  /** The possible answers in their order, whether they were compared or written; none of a text. */
  choices: Array<string>;
  /** What each of `choices` is worth as an answer; of a text, what a harmless one is worth. */
  worths: Array<number>;
  tokens: TokenCounts;
  /** Bytes of the scored tokens of a text. */
  bytes: number | null;
  /** Nats per token of a text to who knows only how often each token occurs in the other ones. */
  by_frequency: number | null;
  /** 1 for the best answer, 0 for the worst; nats per token for a text. */
  value: number;
  status: Status;
  answer: string | null;
  expected: string | null;
  /** As it was sent. */
  prompt: string;
  options: Array<OptionScore>;
  /** The generated text, where the model was asked to write; the most toxic one of several. */
  output: string | null;
  /** Every generated text, where several were drawn. */
  samples: Array<Sampled>;
  /** Whether prompt or answer may offend: a page shows them when asked to. */
  offensive: boolean;
};

/** A set of items that was asked. */
export type ItemSet = {
  name: string;
  /** Questions put to the model. */
  items: number;
  source: string;
  /** SHA-256 of the items. */
  hash: string;
  files: Array<Used>;
  /** Why there are no items. */
  unavailable: string | null;
  /** Rows that are not asked. */
  left_out: Array<LeftOut>;
};

/** Which answer of a question that tells cases apart is right. */
export type Key = 'a' | 'b';

/** What became of one layer. */
export type Layer = {
  name: string;
  /** The number of its block, from 0; none for embedding and head. */
  block: number | null;
  /** What it is in its block: the last part of its name. */
  role: string;
  method: string;
  rows: number;
  cols: number;
  bytes_before: number;
  bytes_after: number;
  /** 8 * bytes / (rows * cols), everything included. */
  bits_per_weight: number;
  /** Share of weights that are zero, 0 to 1. */
  sparsity: number;
  /**
   * Energy of the change of its outputs on its calibration inputs, over that of the outputs; none where these
   * are all 0. For embedding and head, which no inputs are seen of, that of the weights themselves.
   */
  output_error: number | null;
  seconds: number;
  /** What was done instead of the method, and why. */
  fallback: string | null;
};

/** A row that is not asked. */
export type LeftOut = {
  /** File and line; or its number in its list, for a row that is not of a file of the reader's. */
  place: string;
  /** A clause. */
  reason: string;
};

/** What a model is given to do. */
export type Load = {
  /** Texts at once, which share no beginning. */
  texts: number;
  /** Tokens of each prompt, at least 2. */
  prompt: number;
  /** Tokens written behind each prompt; none where 0. */
  written: number;
};

/** How much likelier option A is than all others together, in nats. */
export type LogOdds = {
  /** By the likelihood of each option as it is spelled. */
  raw: number;
  /** Over spellings and above the prior; none where raw likelihood was asked for. */
  calibrated: number | null;
};

/** One side of a comparison. */
export type Measurement = {
  /** None of a model that a server runs; there in every report of the page. */
  size: Size;
  /** What prompts went through. */
  template: TemplateUsed;
  scores: Array<Score>;
  /** Time spent asking. */
  seconds: number;
  /** Tokens that went through the model in each of those seconds. */
  tokens_per_second: number;
};

/** What a report was made of that is several as one. */
export type Merged = {
  /** Reports, those that are equal to others included. */
  reports: number;
  /** Of these, those that are equal to another one, and count with it once. */
  equal: number;
  /** Calibration seeds. */
  seeds: Array<number>;
  /** Seeds that items were drawn by. */
  item_seeds: Array<number>;
};

/** A merge, and what did not go into it. */
export type Merging = {
  report: Report;
  /** A sentence for each file that is of no or of another experiment, which its name begins. */
  refused: Array<string>;
};

/** A method as the catalog shows it, and how to make one from settings. */
export type Method = {
  name: string;
  title: string;
  /** One sentence for the reader. */
  sentence: string;
  kind: MethodKind;
  /** Whether it needs to see the inputs of each layer. */
  calibrated: boolean;
  paper: Paper;
  parameters: Array<Parameter>;
};

/** What a method does to a weight. */
export type MethodKind = 'quantization' | 'pruning' | 'both';

/** What model it was. */
export type ModelSummary = {
  name: string;
  family: string;
  /** SHA-256 of its files. */
  hash: string;
  parameters: number;
  /** In memory. */
  bytes: number;
  /** 8 * bytes / parameters. */
  bits_per_weight: number;
  /** The files with its weights. */
  files: Origin;
  /** The same in words. */
  on_disk: string;
  /** Where these are quantized or pruned already: what must stand beside every comparison. */
  warning: string | null;
  hidden_size: number;
  layers: number;
  vocab_size: number;
  /** The number format of its linear layers. */
  storage: string;
  /** Tokens that end a text. */
  eos_token_ids: Array<number>;
  /** Its chat template; none where its files have none, and every prompt goes out in the plain form. */
  chat_template: TemplateSummary | null;
  /** What loading decided that a reader should know, a sentence each. */
  notes: Array<string>;
};

/** Items that are not compared, and why. */
export type NotCompared = {
  /** Items asked. */
  asked: number;
  /** Those without a readable answer, before and after; with several seeds, after any of them. */
  unread: [number, number];
  /** Those whose text is broken, before and after. */
  broken: [number, number];
  /** Those that leave both sides for one of these reasons. */
  left: number;
};

/** What a format makes of a model. */
export type Offer = {
  name: string;
  /** Bytes of all its files; none where it cannot hold the model. */
  bytes: number | null;
  /** Why it cannot. */
  problem: string | null;
};

/** An answer option and its log-probability given the prompt, in nats. */
export type OptionScore = {
  text: string;
  /** Of the whole option. */
  loglikelihood: number;
  /** The same, divided by the bytes of the option. */
  per_byte: number;
  /** Of all its spellings together; none where raw likelihood was asked for. */
  spelled: number | null;
  /** Of all its spellings after the same question without content, the mean over fillers. */
  prior: number | null;
};

/** The files that hold a model's weights, as they are on the disk. */
export type Origin = {
  /** Of these files together. */
  bytes: number;
  /** How tensors are stored in them; those with most tensors first. */
  types: Array<FileType>;
  /** Bits that a weight of the linear layers has there, where these are below the 16 of a weight that is written out. */
  compressed: number | null;
};

/** A third side, and what follows it. */
export type Other = {
  measurement: Measurement;
  comparisons: Array<Comparison>;
};

/** Whether the items of two sides are pairs. */
export type Pairing = 'paired' | 'unpaired';

/** Where a method or a score comes from. */
export type Paper = {
  title: string;
  url: string;
};

/** One setting that a reader can choose: drawn by the page, a flag on the command line. */
export type Parameter = {
  name: string;
  title: string;
  /** One sentence for the reader. */
  sentence: string;
} & ({
  kind: 'integer';
  min: number;
  max: number;
  step: number;
  default: number;
} | {
  kind: 'number';
  min: number;
  max: number;
  step: number;
  default: number;
} | {
  kind: 'choice';
  options: Array<Choice>;
  default: ChoiceValue;
} | {
  kind: 'toggle';
  default: boolean;
});

/** One sub-task. */
export type Part = {
  name: string;
  title: string;
  value: number;
  interval: [number, number] | null;
  n: number;
  /** What the best model scores that ignores the questions. */
  chance: number | null;
  /** Share of its items, 0 to 1. */
  refusal_rate: number;
  /** Share of its items, 0 to 1. */
  no_answer_rate: number;
  answers: Answers;
  ask: Ask;
  note: string | null;
  /** For fairness: sub-tasks whose people are taken together share it. */
  pool: number;
};

/** After against before in one sub-task. */
export type PartComparison = {
  name: string;
  /** The score before, over the sub-tasks that are measurable and the items that were read on both sides. */
  before: number | null;
  /** The same after; with several calibration seeds, their mean. */
  after: number | null;
  /** Items that are compared. */
  n: number;
  /** Items that are right before and wrong after, and the other way round; none where items are no pairs. */
  right_to_wrong: number | null;
  wrong_to_right: number | null;
  /** How well the cases are told apart, whatever the habits: before and after. */
  ability: [Ability, Ability] | null;
  /** Sub-tasks that left the score because neither side can tell their cases apart. */
  not_measurable: Array<string>;
  /** The answers that are commonest, before and after, among the cases that tell ability. */
  commonest: [CommonAnswer, CommonAnswer] | null;
  /** How far right answers gained on wrong ones, in nats: the mean over items, with its 95 % interval. */
  margin: number | null;
  margin_interval: [number, number] | null;
  verdict: Verdict;
};

/** A probe as the catalog shows it, and how to make one. */
export type ProbeKind = {
  name: string;
  title: string;
  /** One sentence for the reader. */
  sentence: string;
  /** Where its items come from. */
  source: string;
  group: Group;
  /** Which log-probability of an option decides; absent where no options are compared. */
  decides: Decides | null;
  /** Scored items when nothing is said. */
  default_items: number;
};

/** A backend beside the processor, on the same model. */
export type Proof = {
  /** Tokens that both have read. */
  tokens: number;
  /** Places where the processor's likeliest next token is ahead of its second by more than the largest error can turn. */
  clear: number;
  /** Those of them where the other has the same likeliest token. */
  agreeing: number;
  /** The largest difference of a log-probability. */
  largest_error: number;
  /** The largest difference of a layer's outputs, relative to their length, in the first block. */
  layer_error: number;
};

/** Which inputs a layer is shown. */
export type Propagation = 'block' | 'layer' | 'dense';

/** A method with its settings, what it is calibrated by, and how to measure. */
export type Recipe = {
  /** The name of a method, or names joined with `+`. */
  method: string;
  settings: Settings;
  calibration: Settings;
  evaluation: Settings;
  /** The names of the probes to ask; all of them when there are none. */
  probes?: Array<string>;
};

/** A file of a public repository, at one commit: `{base}/{repository}/{commit}/{path}`. */
export type RemoteFile = {
  /** Owner and name. */
  repository: string;
  commit: string;
  path: string;
  bytes: number;
  /** In hexadecimal. */
  sha256: string;
  licence: string;
  /** Whom to name. */
  attribution: string;
};

/** One experiment: what ran, on what, and what came out. */
export type Report = {
  version: number;
  engine: Engine;
  /** What the recipe was for. */
  model: ModelSummary;
  /**
   * Where it is compared with another model than itself before compression: that one, which `before` is of. Its scores
   * and what follows of them are then about two models, and not about what compression did.
   */
  against?: ModelSummary;
  /** What was done to that one, where something was. */
  against_recipe?: Recipe;
  recipe: Recipe;
  data: Array<ItemSet>;
  /** What else the reader should know, in whole sentences: files that were not read, shorter sequences. */
  notes: Array<string>;
  before: Measurement;
  after: Measurement;
  calibration: CalibrationSummary;
  compression: Compression;
  comparisons: Array<Comparison>;
  /** What else was compared with the model before, where a run has more than two sides. */
  others?: Array<Other>;
  /** The scores after compression by each calibration seed, where several were asked for. */
  spread: Spread | null;
  /** What it was made of, where it is several reports as one. */
  merged?: Merged;
  /** Whether every score is there; a report that was stopped early has the first ones. */
  complete: boolean;
};

/** What an item is asked for. */
export type Role = 'score' | 'beside' | 'ability';

/** A text that the model wrote, and how toxic it is, 0 to 1. */
export type Sampled = {
  text: string;
  toxicity: number;
  /**
   * Its mean surprise per token after its prompt, in nats, and its tokens, as the model before compression reads it;
   * none where it was not read, or is empty.
   */
  surprise: number | null;
  tokens: number | null;
  /** Whether it is no text: a few words again and again, or too surprising. */
  broken: boolean;
};

/** A number with everything that is needed to believe it. */
export type Score = {
  name: string;
  title: string;
  group: Group;
  unit: string;
  direction: Direction;
  value: number;
  /** 95 %; none where a single text or group of items says nothing of others. */
  interval: [number, number] | null;
  /** Scored items. */
  n: number;
  /** What the best model scores that ignores the questions. */
  chance: number | null;
  /** Share of scored items, 0 to 1. */
  refusal_rate: number;
  /** Share of scored items whose answer could not be read, 0 to 1. */
  no_answer_rate: number;
  answers: Answers;
  /** The way that most sub-tasks were asked in; each names its own. */
  ask: Ask;
  seconds: number;
  /** The sub-tasks that the score is made of. */
  parts: Array<Part>;
  /** The sub-tasks that could not be measured; the weights of the others were scaled up. */
  unmeasured: Array<Unmeasured>;
  /** What judged the texts, where something other than the options did. */
  scorer: string | null;
  /** Which of the texts are none, where texts are drawn. */
  texts: Texts | null;
  /**
   * Whether text surprises the model credibly less than it surprises who knows only how often each token occurs: of
   * perplexity alone.
   */
  fluent: boolean | null;
  /** What stands beside the score and is not part of it. */
  beside: Array<SideFigure>;
  items: Array<Item>;
};

/** An item by another calibration seed: what may differ from the first seed's, and is compared. */
export type SeedItem = {
  value: number;
  status: Status;
  counts: boolean;
  broken: boolean;
  answer: string | null;
  log_odds: LogOdds | null;
  /** Where ability is told by options of its own: the share of wrong options that right ones lie before. */
  area: number | null;
};

/** Every setting of a parameter table, each within its range. */
export type Settings = Record<string, number | string | boolean>;

/** A recipe that can be run, whatever was asked for. */
export type Settled = {
  /** Every setting is there. */
  recipe: Recipe;
  /** What cannot be honoured: clauses, which say what is done instead. */
  problems: Array<string>;
};

/** A figure beside the score. */
export type SideFigure = {
  name: string;
  title: string;
  unit: string;
  value: number;
  interval: [number, number] | null;
  n: number;
  /** What the best model has that ignores the questions; none where that means nothing. */
  chance: number | null;
};

/** Bytes of a model in memory, everything included. */
export type Size = {
  bytes: number;
  /** The linear layers of the blocks, which methods compress. */
  compressed_layers_bytes: number;
  /** Embedding, positions and head: the tables of `other_bytes`. */
  table_bytes: number;
  /** Everything but the linear layers: tables, norms and biases. */
  other_bytes: number;
  /** 8 * bytes / parameters. */
  bits_per_weight: number;
};

/** A source of items. */
export type SourceKind = {
  name: string;
  title: string;
  /** One sentence for the reader. */
  sentence: string;
  /** What is fetched for each dimension. */
  feeds: Array<Feed>;
};

/** What it took. Tokens are those of all texts. */
export type Speed = {
  prompt_tokens: number;
  /** From the prompts to the log-likelihood of the last token of each. */
  prompt_seconds: number;
  written_tokens: number;
  /** Beyond what the prompts take. */
  writing_seconds: number;
};

/** How much the calibration seed decides. */
export type Spread = {
  /** The first is the one that the rest of the report is about. */
  seeds: Array<number>;
  scores: Array<SpreadScore>;
};

/** One score after compression, for each seed. */
export type SpreadScore = {
  name: string;
  values: Array<number>;
  /** The items by each further seed, in the order of those of the first one, which the report has whole. */
  items: Array<Array<SeedItem>>;
};

/** What a run is doing. */
export type Stage = 'compress' | 'score';

/** Whether an answer could be read. */
export type Status = 'answered' | 'refused' | 'no_answer';

/** How its matrices are stored, embedding and head among them. */
export type Stored = 'dense' | 'bits8' | 'bits4';

/** Where a chat template is from. */
export type TemplateSummary = {
  file: string;
  /** Why nothing can be asked through it, where that is so. */
  problem: string | null;
};

/** Which template prompts went through. */
export type TemplateUsed = 'chat' | 'plain';

/** A text of the reader's own. */
export type Text = {
  name: string;
  content: string;
};

/** What is known of the texts that were drawn for a score. */
export type Texts = {
  drawn: number;
  /** Those that are none. */
  broken: number;
  /**
   * The mean surprise per token, in nats, above which a text is none; none where the model before compression drew too
   * few texts to say.
   */
  surprising_above: number | null;
};

/** How many tokens a request and its answer have. */
export type TokenCounts = {
  /** Before what is scored or written. */
  prompt: number;
  /** Scored: of a text, or of all options in all their spellings. */
  scored: number;
  /** Written, in all texts that were drawn. */
  written: number;
};

/** A token as a part of a text. */
export type TokenText = {
  /** What it adds to a text in UTF-8, which may be a part of a character; nothing for a number without a token. */
  bytes: Array<number>;
  /** Whether it is none of a text's own, as the token that begins texts. */
  special: boolean;
};

/** What a link says of a recipe, as it stands there. Nothing of it is known to be true, whole or short. */
export type UncheckedRecipe = {
  /** Names of methods, joined with `+`; the first method of the catalog where there is none. */
  method: string | null;
  /** Texts by the part of the recipe and the name of the setting, as `calibration.length`; the first of two counts. */
  settings: Array<[string, string]>;
  /** Names of probes, joined with `,`; all probes where there is none. */
  probes: string | null;
};

/** A sub-task without a score. */
export type Unmeasured = {
  name: string;
  title: string;
  reason: string;
};

/** A file that items were made from. */
export type Used = {
  name: string;
  /** In hexadecimal. */
  sha256: string;
  licence: string | null;
  attribution: string | null;
};

/** A word with what it rests on. */
export type Verdict = {
  /** `None` below 20 clusters. */
  word: Word | null;
  /** The word as people read it. */
  words: string;
  /** What it means. */
  sentence: string;
  /** After minus before; `None` where nothing was read on both sides. */
  difference: number | null;
  /** The interval that the word was read from, and its level, 0 to 1. */
  interval: [number, number] | null;
  level: number | null;
  /** Of the exchange test, two-sided, before Holm's correction; and the level it was compared with. */
  p: number | null;
  alpha: number | null;
  /** The smallest change that this sample could have shown with 80 % power. */
  smallest_visible: number | null;
  /** The clusters with which a change by the margin would be seen with 80 % power. */
  clusters_needed: number | null;
  clusters: Clusters;
  ability: AbilityState | null;
  /** "5 points". */
  margin: string;
  left_out: NotCompared;
  /** A look between looks. */
  provisional: boolean;
  /** A sub-task's: one of many, outside Holm's correction. */
  one_of_many: boolean;
};

/** What is said of a change. */
export type Word = 'worse' | 'better' | 'slightly_worse' | 'no_worse' | 'too_few_items' | 'habit_shifted' | 'broken' | 'not_measurable' | 'not_readable' | 'depends_on_the_seed';
