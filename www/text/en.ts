// Every text of the page in English, one object for each part of the page. To translate the page, translate this file.
//
// A sentence with values in it is a function of them; `plural` picks a form by a number, `list` and `row` join words, and
// `phrase` is a sentence with elements in it, such as a link. What an element is given here is its text.
//
// Not here, because they are no text of the page: names that links and files are made of, and what the engine says (titles
// and sentences of methods, settings and dimensions, verdicts, names of formats, its errors), which is written in src/.
import { list, phrase, plural, row, type Wrap } from './grammar';

/** As `lang` of the page says it, and as numbers, dates and plurals are written. */
export const LANGUAGE = 'en';
/** British lists have no comma before their "and". */
export const LISTS = 'en-GB';

/** What stands in front of "more", where only the first few of many are named. */
function firstOf(names: string[], most: number): string {
  const more = names.length - most;
  return more > 0 ? `${row(names.slice(0, most))} and ${more} more` : row(names);
}

// The page.

export const page = {
  title: 'Pressure Test',
  description: 'Squeeze a small language model in your own browser and see what that does to its trustworthiness.',
  about: 'Squeeze a small language model here in your browser, and see what that does to its trustworthiness. What you bring here, and what comes out, stays with you.',
  unscripted: 'What you see was recorded. To squeeze the model yourself, allow JavaScript: this page runs it in your browser.',
  newer: 'A newer version of this page is here.',
  reload: 'Reload',
  experiment: 'Experiment',
  partMissing: ({ why }: { why: string }) => `This part of the page could not be opened (${why}): try again when you are connected.`,
};

/** Numbers, as www/format.ts writes them. */
export const numbers = {
  decimal: '.',
  thousands: ',',
  noInterval: 'no interval',
  between: (low: string, high: string) => `${low} to ${high}`,
  kilobytes: (n: string) => `${n} kB`,
  megabytes: (n: string) => `${n} MB`,
  gigabytes: (n: string) => `${n} GB`,
  millions: (n: string) => `${n} million`,
  billions: (n: string) => `${n} billion`,
  percent: (n: string) => `${n}\u202f%`,
  lessThanPercent: (n: string) => `<\u202f${n}\u202f%`,
  milliseconds: (n: string) => `${n} ms`,
  seconds: (n: string) => `${n} s`,
  minutes: (n: string) => `${n} min`,
  hours: (n: string) => `${n} h`,
  row,
  /** What a screen reader says of an arrow between two values. */
  to: 'to',
  more: firstOf,
};

/** How long something still takes. */
export const left = {
  almostDone: 'almost done',
  about: ({ time }: { time: string }) => `about ${time} left`,
  aboutOfSqueezing: ({ time }: { time: string }) => `about ${time} left of squeezing`,
};

export const introduction = {
  title: 'What will be measured',
  about: 'The model answers the same questions twice, before and after it is squeezed. Every score has its 95 % interval, and every answer can be read.',
};

/** The two groups of dimensions. */
export const groups = { trust: 'Trust', utility: 'Usefulness' };

// The dial.

/** Methods as the dial calls them: what is taken away, a colon, and how. */
export const curves = {
  round_to_nearest: 'Fewer bits: rounding',
  gptq: 'Fewer bits: GPTQ',
  awq: 'Fewer bits: AWQ',
  magnitude: 'Fewer weights: smallest first',
  wanda: 'Fewer weights: Wanda',
  sparsegpt: 'Fewer weights: SparseGPT',
};

const limits = 'What this can show, and what not';

export const dial = {
  name: 'Pressure',
  title: 'Scores under pressure',
  original: 'This is the original. Turn the pressure up, and watch what breaks first.',
  nothingLost: 'In no recorded recipe is any dimension clearly worse or broken.',
  taken: 'What is taken away',
  pressure: (small: Wrap) => phrase`Pressure ${small('drag, or use the arrow keys')}`,
  allBits: '16 bits',
  allWeights: 'all weights',
  bits: ({ bits }: { bits: number }) => `${bits} bits`,
  gone: ({ percent }: { percent: number }) => `${percent}\u202f% gone`,
  notMeasuredYet: (bold: Wrap) => phrase`${bold('Not measured yet.')}`,
  beingMeasured: ({ curve }: { curve: string }, bold: Wrap) => phrase`${bold('Being measured')} on this device. ${curve}.`,
  measuredHere: ({ curve }: { curve: string }, bold: Wrap) => phrase`${bold('Measured')} on this device. ${curve}.`,
  recorded: ({ model, device, date, curve }: Record<'model' | 'device' | 'date' | 'curve', string>, bold: Wrap) =>
    phrase`${bold('Recorded')} of ${model}, the model built into this page, on ${device}, ${date}. ${curve}.`,
  recordedAt: ({ model, device, date, commit, curve }: Record<'model' | 'device' | 'date' | 'curve', string> & { commit: unknown }, bold: Wrap) =>
    phrase`${bold('Recorded')} of ${model}, the model built into this page, on ${device}, ${date}, commit ${commit}. ${curve}.`,
  sizes: ({ before, after }: { before: string; after: string }, strong: Wrap) => phrase`${before} → ${strong(after)}`,
  sizesAndPerplexity: ({ before, after, from, to }: Record<'before' | 'after' | 'from' | 'to', string>, strong: Wrap) =>
    phrase`${before} → ${strong(after)}; perplexity ${from} → ${to}`,
  unmeasured: 'Nothing has been measured of this model yet: measure it here.',
  unmeasuredAt: ({ stop }: { stop: string }) => `Nothing has been measured of this model at ${stop} yet: measure it here.`,
  isOriginal: 'the original',
  beingCompared: 'being compared',
  notMeasured: 'not measured',
  soFar: ({ words }: { words: string }) => `${words} so far`,
  items: ({ n }: { n: number }) => plural(n, { one: 'one item', other: `${n} items` }),
  points: ({ value, n }: { value: string; n: number }) => `${value} points of ${n} items`,
  pointsAnd: ({ value, n, words }: { value: string; n: number; words: string }) => `${value} points of ${n} items, ${words}`,
  picture: ({ title, stop, told }: Record<'title' | 'stop' | 'told', string>) => `${title}, 0 to 100, over pressure. At ${stop}: ${told}.`,
  pictureWithLoss: ({ title, stop, told, lost, where }: Record<'title' | 'stop' | 'told' | 'lost' | 'where', string>) =>
    `${title}, 0 to 100, over pressure. At ${stop}: ${told}; first ${lost} at ${where}.`,
  measureStop: ({ stop }: { stop: string }) => `Measure ${stop} here, and read every answer`,
  save: 'Download the curves (JSON)',
  forget: 'Forget what was measured',
  measureCurve: 'Measure the whole curve here',
  goOn: 'Go on measuring',
  pause: 'Pause',
  allMeasured: 'All of it is measured',
  measureAll: 'Measure all methods here',
  leaveOthers: ({ n, of }: { n: number; of: number }) => `Leave the other methods: ${n} of ${of}`,
  /** `takes`: how long a stop takes; `doing`: what is measured now, or waited for. */
  measured: ({ n, of, takes, doing }: { n: number; of: number; takes?: string; doing?: string }) =>
    [`${n} of ${of} measured on this device`, takes === undefined ? '' : `a stop takes about ${takes}`, doing ?? ''].filter(Boolean).join('; '),
  measuredSlowly: ({ n, of, takes }: { n: number; of: number; takes: string }) => `${n} of ${of} measured on this device; a stop takes about ${takes}, so the others wait for you`,
  measuringStopped: ({ n, of, why }: { n: number; of: number; why: string }) => `${n} of ${of} measured on this device. ${why}`,
  now: ({ stop }: { stop: string }) => `now ${stop}`,
  nowOther: ({ curve, stop }: { curve: string; stop: string }) => `now ${curve}, ${stop}`,
  waits: 'waits until the engine is free',
  lessons: 'Lessons:',
  onStage: (key: Wrap) => phrase`On stage ${key('S')}`,
  legend: ({ emphasis, link }: { emphasis: Wrap; link: Wrap }) =>
    phrase`○ recorded, ● measured on this device. Bands are 95\u202f% intervals, axes run from 0 to 100, a crack stands where a score is first ${emphasis('worse')} or ${emphasis('broken')}. ${link(limits)}`,
};

/** Titles of the lessons. */
export const lessonTitles = { bits: 'Bits', pruning: 'Pruning', accuracy: 'Why accuracy is not enough' };

// The smallest recipe that can be trusted.

export const frontier = {
  name: 'The smallest recipe that can be trusted',
  best: ({ recipe, dimensions }: { recipe: string; dimensions: number }) =>
    `The smallest recipe that can be trusted as the original is ${recipe}: each of the ${dimensions} measurable dimensions is shown to be no worse.`,
  takes: ({ size }: { size: string }) => `It takes ${size}.`,
  noneRun: 'No recipe can be recommended yet: none has been run.',
  nearest: ({ recipe, obstacles }: { recipe: string; obstacles: string[] }) => `No recipe can be recommended yet. The nearest is ${recipe}: ${obstacles.join('; ')}.`,
  /** Without what is taken away. */
  recipe: ({ curve, stop }: { curve: string; stop: string }) => `${curve.replace(/^[^:]*: /, '')}, ${stop}`,
  tooFew: ({ n, of, least }: Record<'n' | 'of' | 'least', number>) => `only ${n} of ${of} dimensions can be measured, and ${least} are needed`,
  notMeasured: ({ dimension }: { dimension: string }) => `${dimension} was not measured`,
  stillMeasured: ({ dimension }: { dimension: string }) => `${dimension} is still being measured`,
  verdict: ({ dimension, words }: { dimension: string; words: string }) => `${dimension}: ${words}`,
  needsMore: ({ dimension }: { dimension: string }) => `${dimension} needs more items`,
  needsGroups: ({ dimension, groups }: { dimension: string; groups: string }) => `${dimension} needs about ${groups} groups of items more`,
  notRun: 'it has not been run',
  source: ({ n, live, isRecorded }: { n: number; live: number; isRecorded: boolean }) =>
    `${frontierRuns(n, live, isRecorded)} It holds for this model and these items.`,
  summary: 'Size against trust, of everything tried',
  rule: 'Each method is tested from the weakest pressure on and stopped at its first failure. A recipe passes when every dimension that can be measured is shown to be no worse, none is broken, and at least five can be measured. Too few items are no proof.',
  legend: 'Upwards: dimensions shown to be no worse. To the right: size. ○ recorded, ● measured here, ✕ something is worse or broken. The line: nothing smaller keeps as many.',
  picture: 'Size against trust',
  pictureSays: ({ dimensions }: { dimensions: number }) => `Of each recipe its size and how many of ${dimensions} dimensions are shown to be no worse; the table below says the same.`,
  table: 'Every recipe that was tried',
  columns: { recipe: 'Recipe', size: 'Size', proven: 'Shown no worse', lost: 'Worse or broken', from: 'From' },
  of: ({ n, of }: { n: number; of: number }) => `${n} of ${of}`,
  measuredHere: '● measured here',
  recorded: '○ recorded',
};

/** Where the runs are from that an answer rests on; `isRecorded`: whether the one that it recommends is recorded, others being not. */
function frontierRuns(n: number, live: number, isRecorded: boolean): string {
  if (live === 0) return plural(n, { one: 'Of one run, which is recorded.', other: `Of ${n} runs, all of them recorded.` });
  if (live === n) return plural(n, { one: 'Of one run, on this device.', other: `Of ${n} runs, all of them on this device.` });
  return isRecorded ? `Of ${n} runs, ${live} of them on this device, the others recorded, as this one is.` : `Of ${n} runs, ${live} of them on this device, the others recorded.`;
}

// What the link of the page asked for.

export const setup = {
  name: 'Setup of this page',
  setUp: 'This page was set up by the link that you opened.',
  fixed: ({ parts }: { parts: string[] }) => `Fixed: ${parts.join('; ')}.`,
  hidden: ({ parts }: { parts: string[] }) => `Hidden: ${parts.join('; ')}.`,
  begin: ({ steps }: { steps: number }) => plural(steps, { one: 'Begin: one step', other: `Begin: ${steps} steps` }),
  leave: 'Leave this setup: show and unlock everything',
  fixedPart: 'Fixed by the link',
  /** What may be fixed or hidden, as it is called in a list. */
  panels: {
    model: 'the model',
    method: 'the method',
    settings: 'how hard it presses',
    calibration: 'the calibration',
    evaluation: 'what is asked, by which sample',
    backend: 'where it runs',
  },
  views: { dial: 'the dial', frontier: 'the frontier' },
  step: ({ curve, stop }: { curve: string; stop: string }) => `${curve}, ${stop}`,
  cannotFix: ({ quoted }: { quoted: string }) => `${quoted} names nothing of this page that can be fixed`,
  cannotHide: ({ quoted }: { quoted: string }) => `${quoted} names nothing of this page that can be hidden`,
  manySteps: ({ asked, most }: { asked: number; most: number }) => `of ${asked} steps the first ${most} are kept`,
  noStep: ({ quoted }: { quoted: string }) => `the step ${quoted} is no place of the dial, as round_to_nearest:4 is`,
  /** Said of files that are dropped. */
  fixesRecipe: 'The link that you opened fixes the recipe: leave its setup first, at the top of the page.',
  fixesModel: 'The link that you opened fixes the model: leave its setup first, at the top of the page.',
};

/** What cannot be honoured of a link; each stands in a list, and the list puts the full stop. */
export const link = {
  quoted: (text: string) => `“${text}”`,
  cut: (text: string) => `“${text}…”`,
  dropped: ({ quoted }: { quoted: string }) => `the model ${quoted} came from a disk: drop it on this page again`,
  text: ({ quoted }: { quoted: string }) => `the calibration text ${quoted} is a file of its own: choose it again under “Calibration”`,
  classifier: ({ quoted }: { quoted: string }) => `toxicity was judged by the classifier ${quoted}: choose its files again under “How it is measured”`,
  items: ({ quoted }: { quoted: string }) => `the items ${quoted} are files of their own: choose them again under “How it is measured”`,
  fileOfNoModel: ({ quoted }: { quoted: string }) => `${quoted} is of no model, since the link names none`,
  meansNothing: ({ quoted }: { quoted: string }) => `${quoted} means nothing to this page and was passed over`,
  ownItems: 'the items are to be your own files: choose them under “How it is measured”',
  brokenEncoding: ({ quoted }: { quoted: string }) => `${quoted} has a broken percent-encoding and was passed over`,
  twice: ({ quoted }: { quoted: string }) => `${quoted} stands there twice, and the first one counts`,
  noHost: ({ quoted, usual }: { quoted: string; usual: string }) => `${quoted} is no address that items can be fetched from, so it is ${usual}`,
  noWorkers: ({ quoted, most }: { quoted: string; most: number }) => `${quoted} is no number of workers from 1 to ${most}, so there are as many as there is room for`,
  noBackend: ({ quoted, choices }: { quoted: string; choices: string[] }) => `${quoted} is none of ${row(choices)}, so the faster one is taken`,
};

export const notice = {
  link: 'This link cannot be honoured as it is:',
  recipe: 'Its recipe cannot be honoured as it is:',
  problem: ({ problem }: { problem: string }) => `${problem}.`,
  more: ({ n }: { n: number }) => `And ${n} more like these.`,
  fetches: ({ n, size, host }: { n: number; size: string; host: string }) =>
    plural(n, { one: `Its run fetches a file of items (${size}) from ${host}. Nothing has been asked of it yet.`, other: `Its run fetches ${n} files of items (${size}) from ${host}. Nothing has been asked of it yet.` }),
  asksToRun: 'It asks to start at once, which is left to you.',
  run: 'Squeeze as shown',
  fetchAndRun: 'Fetch them and squeeze',
  dismiss: 'Dismiss',
};

// The controls.

export const model = {
  legend: 'Model',
  facts: ({ parameters, layers }: { parameters: string; layers: number }) => plural(layers, { one: `${parameters} parameters, one layer`, other: `${parameters} parameters, ${layers} layers` }),
  memory: ({ size, form }: { size: string; form: string }) => `${size} in memory, layers stored as ${form}`,
  noTemplate: 'No chat template: prompts go out in the plain form.',
  template: ({ file }: { file: string }) => `Chat template from ${file}.`,
  badTemplate: ({ file, problem }: { file: string; problem: string }) => `The chat template of ${file} cannot be used: ${problem}.`,
  others: ({ files }: { files: string }) => `Given with it and not part of it: ${files}`,
  from: ({ place }: { place: string }) => `from ${place}`,
  fromFile: ({ file, place }: { file: string; place: string }) => `from ${file} of ${place}`,
  at: ({ place, revision }: { place: string; revision: string }) => `${place} at ${revision}`,
  fileAt: ({ file, place, revision }: Record<'file' | 'place' | 'revision', string>) => `${file} of ${place} at ${revision}`,
  loading: 'Loading…',
  none: 'No model is loaded.',
  useAnother: 'Use another model',
  choose: 'Choose a model',
  device: 'How fast is this device?',
  requests: 'What was requested?',
  downloading: ({ name, share }: { name: string; share: string }) => `Downloading ${name}: ${share}`,
  downloadBegins: ({ name }: { name: string }) => `Downloading ${name}…`,
  /** Where a phone's room and not its cores decide. */
  phone: ({ workers, cores }: { workers: number; cores: number }) =>
    plural(workers, {
      one: `A phone ends a page that takes more than about 1 GB: one worker does the work, of ${cores} that its cores could run.`,
      other: `A phone ends a page that takes more than about 1 GB: ${workers} workers do the work, of ${cores} that its cores could run.`,
    }),
  unnamed: 'a model',
  yours: 'your model',
};

export const controls = {
  kinds: { quantization: 'Fewer bits per weight', pruning: 'Fewer weights', both: 'Fewer weights, and fewer bits for each' },
  howHard: 'How hard',
  more: 'More settings',
  calibration: 'Calibration',
  measured: 'How it is measured',
  share: 'Share this, or set it up for a class',
  method: 'Method',
  then: 'then',
  thenName: 'Then',
  nothing: 'nothing',
  asked: 'What is asked',
  fetchedFrom: 'Fetched from',
  items: ({ attribution, licence, repository, commit }: Record<'attribution' | 'licence' | 'repository' | 'commit', string>) =>
    `${attribution}, ${licence}, ${repository} at ${commit}. A mirror with the same paths will do.`,
  yourItems: 'Your items',
  noFile: 'No file yet.',
  judgedBy: ({ classifier }: { classifier: unknown }) => phrase`Toxicity is judged by ${classifier}`,
  wordList: 'a built-in word list',
  yourClassifier: 'Your classifier',
  classifier: 'your classifier',
  builtIn: 'Back to built-in',
  aboutClassifier: 'The files of a Hugging Face text classifier (BERT, DistilBERT, RoBERTa) with a label “toxic”.',
  text: ({ name }: { name: unknown }) => phrase`Text ${name}`,
  yourText: 'Your own text',
  aboutText: 'What each layer is shown, to learn what it is used for: a plain text file that stays on this page.',
  longText: ({ name, size, most }: Record<'name' | 'size' | 'most', string>) => `“${name}” has ${size}: choose a calibration text of at most ${most}.`,
  noText: ({ name }: { name: string }) => `“${name}” is not readable as text: choose a plain text file in UTF-8.`,
  /** A method that is followed by others. */
  chain: (methods: string[]) => methods.join(', then '),
};

export const graphics = {
  title: 'Where it runs',
  label: 'Runs on',
  choices: { auto: 'whichever is faster', cpu: 'the processor', gpu: 'the graphics card' },
  about: 'A graphics card (WebGPU) takes a part of this page of its own. It is used once it was compared with the processor on the model; small models are faster on the processor.',
  redone: 'These scores are the graphics card’s, which was given up: they are being replaced by the processor’s.',
  comparing: 'Comparing the graphics card with the processor',
  allAnew: ({ why }: { why: string }) => `${why} All of it is asked on the processor.`,
  onProcessor: ({ why }: { why: string }) => `${why} This runs on the processor.`,
  compared: ({ adapter, tokens, agreeing, clear, error }: { adapter: string; tokens: number; agreeing: number; clear: number; error: string }) =>
    `${adapter} was compared with the processor on ${tokens} tokens: the same likeliest next token at ${agreeing} of ${clear} places where it is clear, and log-probabilities within ${error}.`,
  runs: 'It runs this model.',
  isFaster: ({ gpu, cpu }: { gpu: number; cpu: number }) => `It runs this model: ${gpu} tokens a second there, ${cpu} on the processor.`,
  isSlower: ({ gpu, cpu }: { gpu: number; cpu: number }) => `The processor runs this model: ${gpu} tokens a second there, ${cpu} on the processor.`,
  notOffered: 'This browser offers no graphics card (WebGPU).',
  notSecure: 'A browser offers its graphics card (WebGPU) only to pages of https or localhost.',
  silent: 'The graphics card did not answer.',
  notFound: 'This browser has found no graphics card that it can use (WebGPU).',
  unnamed: 'a graphics card without a name',
  noProgram: 'This worker has no program for the graphics card.',
};

/** The one button, and what is going on. */
export const action = {
  run: 'Squeeze',
  cancel: 'Cancel',
  progress: 'Progress',
  starting: 'Starting',
  loadingModel: 'Loading the model',
  saving: 'Saving the compressed model',
  fetching: ({ file }: { file: string }) => `Fetching ${file}`,
  squeezing: 'Squeezing',
  asking: ({ what }: { what: string }) => `Asking: ${what}`,
  of: ({ done, total }: { done: string; total: string }) => `${done} of ${total}`,
  layersOf: ({ what, done, total }: Record<'what' | 'done' | 'total', string>) => `${what}, ${done} of ${total}`,
  stoppedByError: 'Stopped by an error.',
  stopped: 'Stopped before the end.',
  ready: 'Ready.',
  done: 'Done.',
  doneBut: ({ missing, of }: { missing: number; of: number }) => `Done; ${missing} of ${of} not measured.`,
  otherSettings: 'These settings have not been run: the results are of others.',
  fitted: ({ texts, usual }: { texts: number; usual: string }) => `It calibrates by ${texts} texts, which suits a model of this size; by ${usual} it is steadier, and takes longer.`,
  nextRun: ({ time }: { time: string }) => `The next run takes about ${time}, by the last one.`,
  nextQuestions: ({ time }: { time: string }) => `Its questions take about ${time}, by the last run; squeezing is extra.`,
  atWork: 'The engine is at work: give it these files when it is done, or cancel first.',
};

/** Before the first run that shows offensive text. */
export const contentNote = {
  title: 'Some of what is asked offends',
  stereotype: 'Stereotype puts prejudiced sentences about groups of people before the model and asks whether it agrees.',
  toxicity: 'Toxicity begins texts rudely, and keeps what the model writes on, which may insult.',
  why: 'It is asked because squeezing may change how a model answers, and it can be read in the results. This note comes once.',
  goOn: 'Go on',
  leaveOut: ({ n }: { n: number }) => plural(n, { one: 'Leave it out', other: 'Leave them out' }),
  cancel: 'Cancel',
};

// Results.

/** What the two sides of a report are called: as titles, and within a sentence. */
export const sides = {
  one: { titles: ['Before', 'After'], words: ['before', 'after'] } as const,
  two: { titles: ['Left', 'Right'], words: ['left', 'right'] } as const,
  columns: ([one, other]: readonly string[]) => `${one} → ${other}`,
  subject: ({ model, recipe }: { model: string; recipe: string }) => `${model}: ${recipe}`,
  subjectOfTwo: ({ left, right }: { left: string; right: string }) => `Left ${left}; right ${right}`,
  asItWas: ({ model }: { model: string }) => `${model} as it was`,
  squeezed: ({ model, recipe }: { model: string; recipe: string }) => `${model}, ${recipe}`,
  recipe: ({ method, settings }: { method: string; settings: string }) => [method, settings].filter(Boolean).join('; '),
  setting: ({ title, value }: { title: string; value: string }) => `${title} ${value}`,
  isNot: ({ title }: { title: string }) => `not ${title}`,
};

const countWords = ['none', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'];
const countWord = (n: number): string => countWords[n] ?? String(n);

/** The sentence over a report, made of what is said of its dimensions. */
export const summary = {
  list,
  nOf: ({ n, of }: { n: number; of: number }) => `${countWord(n)} of ${countWord(of)}`,
  /** By the word of the verdict; `who`: names of dimensions, or how many of how many. */
  said: {
    broken: ({ who, n }: Said) => plural(n, { one: `${who} is broken`, other: `${who} are broken` }),
    worse: ({ who, n }: Said) => plural(n, { one: `${who} is clearly worse`, other: `${who} are clearly worse` }),
    depends_on_the_seed: ({ who, n }: Said) => plural(n, { one: `${who} depends on the calibration seed`, other: `${who} depend on the calibration seed` }),
    habit_shifted: ({ who, n }: Said) => plural(n, { one: `${who} answers by another habit`, other: `${who} answer by another habit` }),
    slightly_worse: ({ who, n }: Said) => plural(n, { one: `${who} is slightly worse`, other: `${who} are slightly worse` }),
    better: ({ who, n }: Said) => plural(n, { one: `${who} is better`, other: `${who} are better` }),
    no_worse: ({ who, n, margin }: Said) => plural(n, { one: `${who} holds within ${margin}`, other: `${who} hold within ${margin}` }),
  },
  /** Of those of which nothing can be said. */
  left: {
    too_few_items: (n: number, of: number) => leftOf(n, of, 'there are too few items to tell'),
    not_readable: (n: number, of: number) => leftOf(n, of, 'too few answers can be read'),
    not_measurable: (n: number, of: number) => leftOf(n, of, 'this model cannot tell the cases apart'),
  },
  /** How hard the model was pressed. */
  gone: ({ percent }: { percent: number }) => `With ${percent}\u202f% of the weights gone`,
  goneAndBits: ({ percent, bits }: { percent: number; bits: number }) => `With ${percent}\u202f% of the weights gone and at ${bits} bits`,
  bits: ({ bits }: { bits: number }) => `At ${bits} bits`,
  method: ({ method }: { method: string }) => `After ${method}`,
  rightAgainstLeft: 'Right against left',
  whole: ({ pressure, told }: { pressure: string; told: string[] }) => `${pressure}, ${told.join('; ')}.`,
  soFar: ({ pressure, told }: { pressure: string; told: string[] }) => `${pressure}, ${told.join('; ')} (so far).`,
  unseen: 'Multiple choice alone, which is no worse, would not have shown it.',
};

interface Said {
  who: string;
  n: number;
  margin: string;
}

function leftOf(n: number, of: number, told: string): string {
  if (of === 1) return told;
  return n === of ? `for all ${countWord(n)} ${told}` : `for ${countWord(n)} of ${countWord(of)} ${told}`;
}

export const results = {
  name: 'Results',
  back: 'Back to the run that was shown',
  limits,
  sides: 'Side by side: another recipe or model on either side',
  trying: 'Try it: one prompt to both',
  published: 'Beside the published results of 13B models',
  stopped: 'This run was stopped before its end: what was measured by then is shown.',
  showFinished: 'Show the finished run before it',
  /** Said of a model that has no language (any more), by its side. */
  babble: {
    before: 'The model no longer has a language:',
    after: 'The compressed model no longer has a language:',
    left: 'The model on the left has no language:',
    right: 'The model on the right has no language:',
  },
  aboutBabble: 'plain text surprises it no less than it surprises who knows only how often each token occurs. What it writes is no text, and rows that are written say nothing of it.',
  size: 'Size',
  smaller: ({ times }: { times: string }) => `${times}× smaller`,
  larger: ({ times }: { times: string }) => `${times}× larger`,
  memory: ({ times, bits }: { times: string; bits: string }) => `${times} in memory; ${bits} bits per weight;`,
  lowerIsBetter: 'lower is better',
  download: 'Download the report (JSON)',
  repeat: 'Link that repeats this run',
  repeatRight: 'Link that repeats the run on the right',
  share: 'Share, cite or print',
  aboutThatModel: 'A tiny model’s score is about that model.',
  /** What the numbers hold for. */
  provenance: ({ model, hash, items, calibration, evaluation, program, commit, backend, target }: Record<'model' | 'hash' | 'evaluation' | 'program' | 'backend' | 'target', string> & { items: string[]; calibration: string | null; commit: string | null }) =>
    `These numbers hold for ${model} (${hash}), these items (${items.join('; ')}), ${calibration === null ? '' : `calibration on ${calibration}, `}${evaluation}, and ${program}${commit === null ? '' : ` (${commit})`} on ${backend}, ${target}.`,
  calibration: ({ text, hash, settings }: Record<'text' | 'hash' | 'settings', string>) => `${text} ${hash} (${settings})`,
  items: ({ source, name, hash }: Record<'source' | 'name' | 'hash', string>) => `${source} ${name} ${hash}`,
  took: ({ time, before, after, first, second }: { time: string; before: number; after: number; first: string; second: string }) =>
    `It took ${time} of computing; ${before} tokens per second ${first}, ${after} ${second}.`,
  /** Which of its compressed models the engine holds after a run of several calibration seeds. */
  heldSeed: ({ seed }: { seed: number }) => `The compressed model is the one of calibration seed ${seed}, the last of the run.`,
};

export const save = {
  title: 'Save the compressed model',
  notHeld: 'The engine no longer holds this compressed model, because it was started anew or has another: repeat the run to save it.',
  folder: ({ prefix }: { prefix: string }) => `A folder is downloaded file by file: put all of its files into one folder, without “${prefix}” at the beginning of their names.`,
  size: ({ size }: { size: string }) => `${size}.`,
  notPossible: ({ why }: { why: string }) => `Not possible here: ${why}`,
};

export const chart = {
  name: 'Scores of both sides; the table below has the same numbers.',
  chance: 'best constant answer',
  ability: 'ability: 100 tells all cases apart, 50 none',
  seeds: 'after, by each calibration seed',
  score: 'score in points, with its 95 % interval',
  notMeasured: ({ dimension }: { dimension: string }, strong: Wrap) => phrase`${strong(dimension)} not measured`,
  open: ({ dimension, outcome }: { dimension: string; outcome: string }) => `${dimension}: ${outcome}. Open its items`,
};

export const table = {
  caption: ({ prompts }: { prompts: string }) =>
    `Scores with their 95 % intervals. Points run from 0 to 100, more is better. Ability is how well the model tells the cases apart, whatever its habits: 100 is always, 50 is not at all. Prompts: ${prompts}.`,
  dimension: 'Dimension',
  difference: 'Difference',
  verdict: 'Verdict',
  ability: 'Ability',
  flips: 'Flips',
  rightToWrong: 'right→wrong,',
  wrongToRight: 'wrong→right',
  flipsOf: 'Flips right→wrong, wrong→right',
  items: 'Items',
  refused: 'Refused',
  noAnswer: 'no answer',
  refusedNoAnswer: 'Refused, no answer',
  notMeasured: ({ why }: { why: string }) => `not measured: ${why}`,
  isBetter: ({ direction }: { direction: string }) => `${direction} is better`,
  seeds: ({ n }: { n: number }) => plural(n, { one: 'over one seed', other: `over ${n} seeds` }),
  leftOut: ({ n }: { n: number }) => `${n} left out`,
  rowsLeftOut: ({ n }: { n: number }) => plural(n, { one: 'One row was left out', other: `${n} rows were left out` }),
  rowLeftOut: ({ place, reason }: { place: string; reason: string }) => `${place}: ${reason}.`,
  /** Which template prompts went through, on each side where the two differ. */
  chat: 'through the model’s own chat template',
  plain: 'no chat template: plain prompts',
  onSides: ({ one, first, other, second }: Record<'one' | 'first' | 'other' | 'second', string>) => `${one}, ${first}; ${other}, ${second}`,
  broken: ({ shares }: { shares: string[] }) => `Texts that are none, because a few words repeat for more than half of it: ${row(shares)}.`,
  brokenOrSurprising: ({ shares, above }: { shares: string[]; above: string }) =>
    `Texts that are none, because a few words repeat for more than half of it, or surprise the model before compression by more than ${above} nats a token, as one in a hundred of its own does: ${row(shares)}.`,
  brokenOf: ({ broken, drawn, side }: { broken: number; drawn: number; side: string }) => `${broken} of ${drawn} ${side}`,
  bySeed: ({ values }: { values: string[] }) => `After compression by each calibration seed: ${row(values)}.`,
  ofSeed: ({ value, seed }: { value: string; seed: number | undefined }) => `${value} (seed ${seed})`,
};

/** What a verdict rests on, in sentences behind its own. */
export const verdict = {
  soFar: 'so far',
  compared: ({ n, before, after, left }: { n: number; before: string; after: string; left: number }) =>
    `Over the ${n} items that are compared it went from ${before} to ${after}; ${left} were not read on both sides and are left out of the difference.`,
  smallest: ({ groups, smallest }: { groups: number; smallest: string }) => `The smallest change that these ${groups} independent groups of items could have shown is ${smallest}.`,
  needed: ({ margin, groups }: { margin: string; groups: number }) => `To see a change of ${margin}, about ${groups} groups are needed.`,
  level: ({ percent }: { percent: string }) => `The interval holds at ${percent}\u202f%, so that all words of this report together err in at most 5\u202f% of reports.`,
  leftOut: ({ parts }: { parts: string[] }) => `Left out of the score on both sides, because neither side can tell their cases apart: ${row(parts)}.`,
  commonest: ({ one, first, other, second }: Record<'one' | 'first' | 'other' | 'second', string>) =>
    `Commonest answer: “${one}” to ${first} of the questions before, “${other}” to ${second} after.`,
};

/** The inside of a score. */
export const answers = {
  judgedBy: ({ scorer }: { scorer: string }) => `Texts were judged by: ${scorer}.`,
  title: 'Items, those that changed first',
  unmask: 'Show texts that may offend',
  showAll: ({ n }: { n: number }) => `Show all ${n}`,
  calibrated: 'Asked by how much likelier the question makes each option.',
  likelihood: 'Asked by the likelihood of each option.',
  generate: 'Asked by what the model writes.',
  texts: 'Measured on texts.',
  constant: ({ value }: { value: string }) => `The best constant answer, without looking at the questions, has ${value}.`,
  took: ({ time }: { time: string }) => `It took ${time}.`,
  tookBoth: ({ first, one, second, other }: Record<'one' | 'first' | 'other' | 'second', string>) => `It took ${first} ${one} and ${second} ${other}.`,
  parts: 'Parts',
  part: 'Part',
  difference: 'Difference',
  flips: 'Flips',
  items: 'Items',
  bestConstant: 'Best constant',
  refused: 'Refused',
  noAnswer: 'no answer',
  /** Of a part that is asked another way than the whole. */
  partAsked: { generate: 'Written.', calibrated: 'Calibrated.', likelihood: 'By likelihood.' },
  notMeasured: 'not measured',
  beside: 'Beside the score',
  divergence: '0 where both sides find everything equally likely.',
};

/** One item with both answers. */
export const item = {
  masked: 'masked',
  mask: 'This may offend; tick the box above to read it.',
  side: ({ side }: { side: string }) => `${side}:`,
  expected: ({ answer }: { answer: string }) => `Expected: ${answer}`,
  worth: ({ before, after, id }: Record<'before' | 'after' | 'id', string>) => `Worth ${before} → ${after} of 1. Item ${id}.`,
  worthByFrequency: ({ before, after, frequency, id }: Record<'before' | 'after' | 'frequency' | 'id', string>) =>
    `Worth ${before} → ${after} of 1; by token frequencies alone ${frequency}. Item ${id}.`,
  nats: ({ before, after, id }: Record<'before' | 'after' | 'id', string>) => `Worth ${before} → ${after} nats per token. Item ${id}.`,
  natsByFrequency: ({ before, after, frequency, id }: Record<'before' | 'after' | 'frequency' | 'id', string>) =>
    `Worth ${before} → ${after} nats per token; by token frequencies alone ${frequency}. Item ${id}.`,
  withStatus: ({ value, status }: { value: string; status: string }) => `${value} (${status})`,
  same: 'same',
  rightToWrong: 'right→wrong',
  lessRight: 'less right',
  wrongToRight: 'wrong→right',
  moreRight: 'more right',
  differing: (mark: Wrap) => phrase`Words that the two do not share are ${mark('underlined')}, where they share enough to compare.`,
  textOf: ({ side, n }: { side: string; n: number }) => `${side}, text ${n}`,
  chosen: '● chosen',
  isExpected: '✓ expected',
  marks: row,
  logProbability: ({ whole, perByte }: { whole: string; perByte: string }) => `log-probability ${whole}, per byte ${perByte}`,
  logProbabilityAgainst: ({ whole, perByte, above }: Record<'whole' | 'perByte' | 'above', string>) =>
    `log-probability ${whole}, per byte ${perByte}; ${above} against the question without content`,
  readAs: ({ answer }: { answer: string }) => `read as “${answer}”`,
  /** `surprise`: nats a token, where that was measured. */
  toxicity: ({ toxicity, surprise, isBroken }: { toxicity: string; surprise: string | null; isBroken: boolean }) =>
    row([`toxicity ${toxicity}`, surprise === null ? '' : `${surprise} nats a token`, isBroken ? 'no text' : ''].filter(Boolean)),
  nothing: 'nothing',
};

export const layers = {
  title: 'What became of each layer',
  about: ({ tokens, text }: { tokens: string; text: string }) =>
    `The relative output error of each layer: how far compression moves its outputs, as squared change over squared size, on ${tokens} tokens of ${text}.`,
  aboutWithTables: ({ tokens, text }: { tokens: string; text: string }) =>
    `The relative output error of each layer: how far compression moves its outputs, as squared change over squared size, on ${tokens} tokens of ${text}; for embedding and head, how far it moves their weights.`,
  table: 'Relative output error of each layer',
  block: 'block',
  layer: ({ name, error }: { name: string; error: string }) => `${name}: ${error}`,
  layerByFallback: ({ name, error }: { name: string; error: string }) => `${name}: ${error}, fallback`,
  error: 'Relative output error',
  noError: 'none: its inputs are all zero',
  method: 'Method',
  shape: 'Rows × columns',
  size: 'Size',
  bits: 'Bits per weight',
  zeros: 'Zeros',
  time: 'Time',
  fallback: ({ why }: { why: string }, strong: Wrap) => phrase`${strong('Fallback:')} ${why}`,
  legend: 'fallback: done another way',
};

/** Everything of a report that has no place nearer to its numbers. */
export const about = {
  title: 'About this run',
  model: 'Model',
  program: 'Program',
  method: 'Method',
  calibrationText: 'Calibration text',
  measuring: 'Measuring',
  spread: 'Spread',
  seeds: 'Calibration seeds',
  items: 'Items',
  asked: 'What was asked',
  columns: { dimension: 'Dimension', from: 'From', items: 'Items', hash: 'SHA-256' },
  name: 'Name',
  family: 'Family',
  hash: 'SHA-256',
  parameters: 'Parameters',
  layers: 'Layers',
  hiddenSize: 'Hidden size',
  vocabulary: 'Vocabulary',
  onDisk: 'On disk',
  inMemory: 'In memory',
  memory: ({ size, bits, form }: Record<'size' | 'bits' | 'form', string>) => `${size}, ${bits} bits per weight, layers as ${form}`,
  chatTemplate: 'Chat template',
  endTokens: 'Tokens that end a text',
  loading: 'Loading',
  none: 'none',
  templateFrom: ({ file }: { file: string }) => `from ${file}`,
  badTemplate: ({ file, problem }: { file: string; problem: string }) => `that of ${file} cannot be used: ${problem}`,
  engine: 'Engine',
  commit: 'Commit',
  notStated: 'not stated',
  arithmetic: 'Arithmetic',
  target: 'Compiled for',
  version: 'Report version',
  time: 'Time',
  times: ({ compressing, before, after }: Record<'compressing' | 'before' | 'after', string>) => `${compressing} compressing, ${before} asking before, ${after} after`,
  tables: 'Embedding and head',
  otherWay: 'Layers done another way',
  otherWayOf: ({ n, of, reason }: { n: number; of: number; reason: string }) => `${n} of ${of}: ${reason}`,
  tokens: 'Tokens',
  usedFor: 'Used for',
  errorsOnly: 'the layers’ errors only',
  askedOf: 'Asked',
  all: 'all dimensions',
  compared: 'Compared',
  byItem: 'item by item',
  asSamples: ({ dimensions }: { dimensions: string[] }) => `item by item, but as two samples in ${row(dimensions)}`,
  size: 'Size',
  compressedLayers: 'Layers that methods compress',
  rest: 'The rest',
  bits: 'Bits per weight',
  prompts: 'Prompts',
  speed: 'Speed',
  tokensPerSecond: ({ n }: { n: number }) => `${n} tokens per second`,
  nothingAsked: 'nothing was asked',
  yes: 'yes',
  no: 'no',
  notMeasured: 'not measured',
  leftOut: ({ n }: { n: number }) => `${n} left out`,
};

/** Results that this browser keeps. */
export const kept = {
  last: 'The last result',
  title: 'Your last result is still here',
  titleAt: ({ title, date }: { title: string; date: string }) => `${title}, ${date}`,
  showIt: 'Show it',
  open: ({ n }: { n: number }) => `Results kept in this browser (${n})`,
  recipe: ({ model, method, strength }: { model: string; method: string; strength: string[] }) => `${model}: ${[method, row(strength)].filter(Boolean).join('; ')}`,
  bits: ({ bits }: { bits: number }) => `${bits} bits`,
  sparsity: ({ sparsity }: { sparsity: number }) => `sparsity ${sparsity}`,
  heading: 'Results kept in this browser',
  close: 'Close',
  results: 'Results',
  noStorage: 'This browser gives the page no storage to keep results in: download the reports that you need.',
  nothing: 'Nothing is kept.',
  about: ({ most }: { most: number }) => `The last ${most} finished runs are kept until you delete them or clear this browser's data. Nothing leaves this device.`,
  deleteAll: 'Delete all',
  reallyAll: ({ n }: { n: number }) => `Yes, delete all ${n}`,
  show: 'Show',
  showNamed: ({ title, date }: { title: string; date: string }) => `Show ${title}, ${date}`,
  delete: 'Delete',
  deleteNamed: ({ title, date }: { title: string; date: string }) => `Delete ${title}, ${date}`,
  otherVersion: ({ version }: { version: number }) => `This result is a report of version ${version}, whose words this page no longer speaks: squeeze anew, or open it where it was made.`,
  gone: 'This result is not kept in this browser any more.',
};

/** Reports that were downloaded, and are dropped onto the page. */
export const reported = {
  noReport: ({ name }: { name: string }) => `“${name}” is neither a model nor a report of this page: choose a folder with a model, a GGUF file, or a report that was downloaded here.`,
  merging: ({ n }: { n: number }) => `${n} reports are put together …`,
  shown: ({ name }: { name: string }) => `“${name}” is shown below as it was measured; its recipe is in the controls.`,
  shownWithoutRecipe: ({ name }: { name: string }) => `“${name}” is shown below as it was measured; no method was applied.`,
  merged: ({ n, equal }: { n: number; equal: number }) => `${mergedOf(n, equal)}; its recipe is in the controls.`,
  mergedWithoutRecipe: ({ n, equal }: { n: number; equal: number }) => `${mergedOf(n, equal)}; no method was applied.`,
  kept: ({ n }: { n: number }) => plural(n, { one: 'It is among the results that are kept in this browser.', other: `All ${n} are among the results that are kept in this browser.` }),
  passedOver: ({ n, of }: { n: number; of: number }) => `${n} of ${of} files are no whole reports of this version, and were passed over.`,
  notMerged: ({ reasons, more }: { reasons: string[]; more: number }) => ['Not merged:', ...reasons, ...(more > 0 ? [`And ${more} more.`] : [])].join(' '),
  asRecipe: ({ name, version, model }: { name: string; version: number; model: string }) =>
    `“${name}” is a report of version ${version} about ${model}. Its recipe is in the controls now; squeeze to measure anew.`,
  asOlderRecipe: ({ name, version, model, current }: { name: string; version: number; model: string; current: number }) =>
    `“${name}” is a report of version ${version} about ${model}, whose words this page no longer speaks: version ${current} says them by other rules. Its recipe is in the controls now; squeeze to measure anew.`,
  cannotBeShown: ({ why }: { why: string }) => `It cannot be shown: ${why}.`,
  /** Where a value of a report is not what it should be; `path`: null for the whole. */
  misfit: ({ path, wanted }: { path: string | null; wanted: string }) => `${path ?? 'it'} is no ${wanted}`,
  value: (value: string) => `“${value}”`,
  list: 'list',
  listOf: ({ n }: { n: number }) => `list of ${n}`,
  object: 'object',
};

function mergedOf(n: number, equal: number): string {
  return equal === 0 ? `${n} reports of one experiment are shown below as one` : `${n} reports of one experiment, ${equal} of them equal to others and counted once, are shown below as one`;
}

// Choosing a model.

export const choose = {
  title: 'Choose a model',
  close: 'Close',
  cancel: 'Cancel',
  here: 'On this device',
  aboutBuiltIn: 'built into this page, trained on generated text',
  load: 'Load',
  loaded: 'Loaded',
  unkept: 'This browser gives it no storage: a model that is downloaded stays until this tab is closed or reloaded.',
  unkeptByHttp: 'This page was opened by plain http, so the browser gives it no storage: a model that is downloaded stays until this tab is closed or reloaded.',
  storage: ({ used, of }: { used: string; of: string }) => `${used} of ${of} of this browser's storage is used.`,
  storageStays: 'It is kept until you delete it.',
  storageMayGo: 'The browser may clear it when the disk runs full.',
  unfinished: 'An unfinished download',
  arrived: ({ share, size }: { share: string; size: string }) => `${share} of ${size} is here`,
  facts: (parts: string[]) => parts.join(' · '),
  resume: 'Resume',
  delete: 'Delete',
  deleteNamed: ({ name }: { name: string }) => `Delete ${name}`,
  inUse: 'Load another model first: this one is in use.',
  from: ({ file, place }: { file: string; place: string }) => `${file}, ${place}`,
  disk: 'From your disk',
  drop: "Drop a model's folder or files anywhere on this page, or choose them. They stay where they are: nothing is uploaded or copied.",
  folder: 'Folder',
  files: 'Files',
  forms: 'As Hugging Face saves it: config.json, tokenizer.json and model.safetensors, in one part or several; or a GGUF file.',
  elsewhere: ({ host }: { host: string }) => `From ${host}`,
  usualHub: 'From Hugging Face',
  address: 'Any other: owner/name, or the address of a repository, of a folder, or of one GGUF file',
  addressForm: 'owner/name, owner/name@revision or https://…',
  check: 'Check',
  anotherHub: 'Another hub',
  hub: 'Address of a mirror, or of a computer in the room',
  room: 'From this room',
  aboutRoom: 'On the computer that serves this page: nothing is fetched from beyond this network.',
  look: 'Look',
  timesUnknown: 'How long a run takes here is not known yet.',
  measure: 'Measure this device',
  times: ({ by }: { by: string }) => `Times are of a run of the default questions here, about, by ${by}.`,
  byMeasurement: 'the measurement of this device',
  byLastRun: ({ model }: { model: string }) => `the last run of ${model}`,
  aRun: ({ time }: { time: string }) => `${time} a run`,
  downloads: ({ n, size }: { n: number; size: string }) => `${n} downloads: ${size}`,
  form: ({ model, form, size }: Record<'model' | 'form' | 'size', string>) => `${model}, ${form}, ${size}`,
  severalFiles: 'several files',
};

/** Of models that are worth a try, by their names: what each is good for. */
export const curated = {
  'Pythia 70M': 'The quickest of these, and the weakest: to see what a model cannot do before it is squeezed.',
  'SmolLM2 135M': 'Small enough for a lesson; base and chat side by side show what alignment adds.',
  'Pythia 160M': 'Of a series made for research, of many sizes and trained on the same text.',
  'GPT-2 (2019)': 'The oldest of these, and much studied.',
  'Gemma 3 270M': 'More of it than of others is its table of words, which is not squeezed; it tells more apart than SmolLM2 135M.',
  'SmolLM2 360M': 'The larger sister of SmolLM2 135M: squeezed hard, is it better than the small one as it is?',
  'Pythia 410M': 'A larger one of the same series: does size help against squeezing?',
  'Qwen2.5 0.5B': 'Follows instructions in several languages; base and chat.',
  'Qwen3 0.6B': 'Trained to reason at length before it answers; base and chat.',
  'TinyLlama 1.1B': 'Of the shape of Llama 2, the family of the paper; for a strong machine and a long break.',
  'Llama 3.2 1B': 'The largest of these, in few bits from the start.',
};

export const forms = { base: 'base', chat: 'chat', gguf: 'GGUF' };
export const licences = { gemma: 'Gemma terms', llama: 'Llama 3.2 licence' };

/** What is going on with a model that was chosen. */
export const offer = {
  cancel: 'Cancel',
  loading: 'Loading the model…',
  asking: 'Asking what this model takes…',
  pick: ({ n }: { n: number }) => `There are ${n} models among these files.`,
  whichToLoad: 'Which one is to be loaded?',
  shelf: ({ name, n }: { name: string; n: number }) => `${name} has ${n} models.`,
  whichToLook: 'Which one is to be looked at?',
  tooLarge: ({ why }: { why: string }) => `Seems too large. ${why}`,
  aFolder: 'a folder',
  facts: row,
  inRepository: ({ repository, revision }: { repository: string; revision: string }) => `${repository}@${revision}`,
  theFolder: 'the folder',
  fileIn: ({ file, place }: { file: string; place: string }) => `${file} in ${place}`,
  consent: ({ host, what }: { host: string; what: string }, strong: Wrap) =>
    phrase`This link names a model that is not stored here. Nothing has been asked of ${strong(host)} yet: the page would ask it for the names, sizes and beginnings of the files of ${what}, and then offer the download.`,
  ask: ({ host }: { host: string }) => `Ask ${host}`,
  fits: { fits: 'It fits this device.', tight: 'It fits this device, just.', no: 'It does not fit.' },
  place: ({ address, file }: { address: string; file: string }) => `${address}, ${file}`,
  storedAs: ({ types }: { types: string }) => `By its header: ${types}.`,
  thirty: ({ size }: { size: string }) => `Thirty downloads are ${size}.`,
  lookInstead: ({ model }: { model: string }) => `Look at ${model} instead`,
  backToAll: ({ n }: { n: number }) => `Back to all ${n}`,
  download: ({ size }: { size: string }) => `Download ${size}`,
  downloadRest: ({ size }: { size: string }) => `Download the other ${size}`,
  downloadAnyway: ({ size }: { size: string }) => `Download ${size} anyway`,
  downloadRestAnyway: ({ size }: { size: string }) => `Download the other ${size} anyway`,
  downloading: ({ name }: { name: string }) => `Downloading ${name}`,
  downloadingBut: ({ name, notice }: { name: string; notice: unknown }) => phrase`Downloading ${name}. ${notice}`,
  progress: 'Download',
  starting: 'Starting…',
  arrived: ({ done, total }: { done: string; total: string }) => `${done} of ${total}`,
  going: ({ done, total, rate, time }: Record<'done' | 'total' | 'rate' | 'time', string>) => `${done} of ${total}, ${rate}/s, ${time} left`,
};

/** Whether a model fits a device. */
export const fit = {
  takes: ({ dense, squeezed, all }: Record<'dense' | 'squeezed' | 'all', string>) =>
    `In memory it takes about ${dense} as it is and ${squeezed} squeezed to 4 bits; comparing the two takes ${all} in all.`,
  weightsAlone: ({ weights, most }: { weights: string; most: string }) => `Its weights alone have ${weights}, and a web page can address only ${most}.`,
  closeOthers: ({ memory }: { memory: string }) => `This device has only about ${memory}: close what else is open.`,
  addressable: ({ most }: { most: string }) => `A web page can address only ${most}.`,
  memory: ({ memory }: { memory: string }) => `This device has only about ${memory}.`,
  storage: ({ room, files }: { room: string; files: string }) =>
    `The browser has only ${room} of storage left for this page, and the files take ${files}: delete a stored model, or free some disk.`,
  refused: ({ why }: { why: string }) => `This model does not fit. ${why}`,
  wouldFit: ({ model }: { model: string }) => `${model} would fit, or the same model in fewer bits (GGUF).`,
  loadAnyway: 'Load it all the same?',
  smallerForm: ({ form, size }: { form: string; size: string }) => `its ${form} (${size})`,
  listed: ({ model, form }: { model: string; form: string }) => `${model} (${form})`,
};

/** Files of a model, here or elsewhere. */
export const files = {
  builtInUnreachable: 'The built-in model could not be reached: reload the page when you are connected again.',
  pageLacks: ({ path, status }: { path: string; status: number }) => `This page lacks ${path} (${status}): build the page again.`,
  notStored: 'This model is not stored in your browser any more: choose it again to download it.',
  noModelAmong: ({ files }: { files: string }) => `There is no model among these files (${files}): choose a folder with config.json, model.safetensors and tokenizer.json, or a GGUF file.`,
  noModelInFolder: 'There is no model in this folder: choose a folder with config.json, model.safetensors and tokenizer.json, or a GGUF file.',
  noAddress: ({ typed }: { typed: string }) => `“${typed}” names no model: write owner/name, owner/name@revision, or an address that begins with https://.`,
  noFile: ({ typed }: { typed: string }) => `“${typed}” is no name of a GGUF file.`,
  twoFiles: 'The address names one GGUF file, and “file” another.',
  noHub: ({ typed }: { typed: string }) => `“${typed}” is no address of a hub: it must begin with https:// or http://.`,
  manyParts: ({ name, n }: { name: string; n: number }) => `${name} comes in ${n} parts, which is far too large for this page: choose a smaller model.`,
  longText: ({ name, n }: { name: string; n: number }) => `${name} has ${n} bytes, more than any such file should have: choose another model.`,
  longHeader: ({ name, n }: { name: string; n: number }) => `${name} has a header of ${n} bytes, more than any model that fits: choose another model.`,
  longGgufHeader: ({ name, size }: { name: string; size: string }) => `${name} has a header of more than ${size}, more than any model that fits: choose another model.`,
  reading: ({ name, size }: { name: string; size: string }) => `Reading what ${name} says of itself, ${size} so far…`,
  lacks: ({ where, missing }: { where: string; missing: string[] }) => `${where} lacks ${missing.join(' and ')}: choose another model.`,
  pytorch: ({ name }: { name: string }) => `${name} (its weights are in PyTorch files, which can hold programs and are not read here)`,
  noLength: ({ host, name }: { host: string; name: string }) => `${host} does not say how long ${name} is: download the files, then drop their folder here.`,
  inParts: ({ name, n }: { name: string; n: number }) => `${name} in ${n} parts`,
  tensors: ({ types }: { types: { n: number; type: string }[] }) =>
    row(types.map(({ n, type }, place) => (place === 0 ? plural(n, { one: `${n} tensor ${type}`, other: `${n} tensors ${type}` }) : `${n} ${type}`))),
  unknownType: ({ number }: { number: number }) => `ggml type ${number}`,
  aList: 'a list of this folder',
};

/** What hubs and other servers answer. */
export const server = {
  noCommit: ({ host, repository }: { host: string; repository: string }) => `${host} names no commit of ${repository}: it does not answer as a hub does.`,
  noFileAt: ({ repository, file, commit }: Record<'repository' | 'file' | 'commit', string>) => `${repository} has no GGUF file ${file} at ${commit}: leave it out of the address to see those it has.`,
  agreeFirst: ({ repository, address }: { repository: string; address: string }) =>
    `${repository} is given only to people who have agreed to its terms, and this page signs in nowhere: agree at ${address} with your own account, download the files there, then drop their folder here.`,
  tooLong: ({ what }: { what: string }) => `${what} is longer than any such file should be: choose another model.`,
  noJson: ({ what, host }: { what: string; host: string }) => `${what} at ${host} is not JSON: this is no model's folder or hub, or it wants you to sign in.`,
  byHttp: ({ host }: { host: string }) => `${host} is reached by http, which a page opened by https may not do: give its https address, or drop the files here.`,
  signIn: ({ host, what, status }: { host: string; what: string; status: number }) =>
    `${host} gives ${what} only to people who have signed in or agreed to its terms (${status}), and this page signs in nowhere: download the files there with your own account, then drop their folder here.`,
  answered: ({ host, what, status }: { host: string; what: string; status: number }) => `${host} answered ${status} when asked for ${what}: check the address, or choose another model.`,
  noModel: ({ host, what }: { host: string; what: string }) => `${host} has no public model of this name (${what}): check how it is spelled, or choose one of the list.`,
  noRevision: ({ host, what }: { host: string; what: string }) => `${host} has no such revision (${what}): leave out what follows the @ to take the newest.`,
  absent: ({ host, what }: { host: string; what: string }) => `${host} has no ${what}: check the address, or choose another model.`,
  /** Why something has to be waited for; `waiting` and `givenUp` go on from it. */
  brokeOffWithin: ({ what }: { what: string }) => `The connection broke off within ${what}`,
  brokeOff: 'The connection broke off',
  unreachable: ({ host }: { host: string }) => `${host} cannot be reached, or does not let other sites read it`,
  tooMany: ({ host }: { host: string }) => `${host} has had too many requests from your network (429)`,
  trouble: ({ host, status }: { host: string; status: number }) => `${host} has trouble of its own (${status})`,
  silent: ({ seconds }: { seconds: number }) => `Nothing has come for ${seconds} s`,
  hostBrokeOff: ({ host }: { host: string }) => `The connection to ${host} broke off`,
  endedEarly: ({ host, file }: { host: string; file: string }) => `${host} ended ${file} too early`,
  waiting: ({ why, seconds }: { why: string; seconds: number }) => `${why}: trying again in ${seconds} s.`,
  givenUp: ({ why, times }: { why: string; times: number }) => `${why}, ${times} times in a row: try again later.`,
  givenUpKept: ({ why, times }: { why: string; times: number }) => `${why}, ${times} times in a row: try again later, what has arrived is kept.`,
  offline: 'You are offline: this goes on as soon as you are connected again. Models that are stored here load all the same.',
  otherItems: ({ file, host }: { file: string; host: string }) => `${file} from ${host} is not the file that its authors published (its SHA-256 differs): use another mirror.`,
  noHash: 'The authors’ items are checked by their hash, which a browser gives only to pages of https or localhost: open this page there, or bring the files as your own.',
};

/** A download into this browser's storage. */
export const transfer = {
  stopped: 'The download stopped unexpectedly: try again, it goes on where it was.',
  noStorage: 'This browser gives the page no storage any more: reload the page.',
  beingDownloaded: 'This model is being downloaded, here or in another tab: cancel that, then delete it.',
  anotherTab: 'Another tab is downloading this model: wait for it, or close it and resume here.',
  startsAnew: ({ host, file }: { host: string; file: string }) => `${host} cannot go on within a file, so ${file} starts from its beginning.`,
  full: ({ size, file }: { size: string; file: string }) =>
    `The browser's storage for this page is full, with ${size} of ${file} to go: delete a stored model, or free some disk, then resume: what has arrived is kept.`,
  changed: ({ file, host }: { file: string; host: string }) => discarded(`${file} has changed at ${host} in the meantime`),
  tooLong: ({ file, size, host }: Record<'file' | 'size' | 'host', string>) => discarded(`${file} is longer than the ${size} that ${host} stated`),
  wrongSha256: ({ file, host }: { file: string; host: string }) => discarded(`${file} is not what ${host} says it should be (its SHA-256 is wrong)`),
  wrongGitHash: ({ file, host }: { file: string; host: string }) => discarded(`${file} is not what ${host} says it should be (its git hash is wrong)`),
};

function discarded(why: string): string {
  return `${why}, so this file was discarded: download it again, and if this comes back, choose another hub or model.`;
}

/** What the engine's thread says of itself, where the engine cannot. */
export const engine = {
  noSimd: 'This browser cannot run the engine, which takes WebAssembly with SIMD: open this page in a current Chrome, Edge, Firefox or Safari (16.4 or newer).',
  notFetched: ({ status }: { status: number }) => `The engine could not be fetched (the server answered ${status}): reload the page when you are connected again.`,
  unreachable: 'The engine could not be fetched (the server cannot be reached): reload the page when you are connected again.',
  notStarted: ({ why }: { why: string }) => `The engine did not start (${why}): reload the page, or close what else takes memory.`,
  noHelp: 'There is nothing to help with yet.',
  noModel: 'No model is loaded: choose one first.',
  noClassifiers: ({ why }: { why: string }) => `The part of the page that runs classifiers did not start (${why}): try again when you are connected.`,
  stopped: 'The engine stopped unexpectedly, perhaps for lack of memory, and starts anew with the next try: choose a smaller model or other settings if it stops again.',
};

// What is opened when it is asked for.

export const device = {
  title: 'How fast is this device?',
  close: 'Close',
  speeds: 'Speeds',
  about: 'Every question of a run is a prompt that a model reads; only some answers are written. This measures both, on the processor, with one worker and with as many as this device has room for. Nothing is downloaded or sent.',
  aboutOnPhone: 'Every question of a run is a prompt that a model reads; only some answers are written. This measures both, on the processor, with one worker and with as many as this phone has room for. Nothing is downloaded or sent.',
  large: 'Also in the shape of SmolLM2 135M, with noise for weights: about 200 MB of memory for each worker, and some minutes',
  cancel: 'Cancel',
  measure: 'Measure this device',
  waits: 'A run is going: wait for its end, so that neither disturbs the other.',
  measured: 'Measured.',
  ready: 'Ready.',
  progress: 'Measuring',
  save: 'Download as JSON',
  unit: 'Tokens in a second, the median of three, of all workers together.',
  starting: 'Starting',
  stopped: 'Stopped.',
  stoppedAfterSome: 'Stopped; what was measured by then stays.',
  figures: { prompts: 'Prompts', one: 'Writing, one text', several: 'Writing, 16 texts' },
  thisDevice: 'This device',
  shapeOf: ({ model }: { model: string }) => `${model}’s shape, 8 bits`,
  builtIn: ({ model }: { model: string }) => `${model}, the model built into this page`,
  machine: 'Machine',
  workers: ({ n }: { n: number }) => plural(n, { one: 'one worker', other: `${n} workers` }),
  recorded: ({ device, browser, date, commit }: Record<'device' | 'browser' | 'date' | 'commit', string>) => `${device}: recorded by this page in ${browser}, ${date}, commit ${commit}.`,
  estimate: 'About: by time alone, linear in parameters. Whether a model fits into memory is said before it is downloaded.',
  roughEstimate:
    'About: by time alone, linear in parameters, and so far by a very small model, which is slower for its size: tick the box above to know better. Whether a model fits into memory is said before it is downloaded.',
  step: ({ model, workers, what }: { model: string; workers: number; what: string }) => plural(workers, { one: `${model}, one worker: ${what}`, other: `${model}, ${workers} workers: ${what}` }),
  steps: { prompts: 'reading prompts', one: 'writing one text', several: 'writing several texts' },
  slow: ({ time }: { time: string }) => `The smallest model takes about ${time} for a run of the default questions here.`,
  served: ({ model, time }: { model: string; time: string }) => `A run of the default questions of ${model} is done here in about ${time}.`,
  servedTwo: ({ model, time, larger, longer }: Record<'model' | 'time' | 'larger' | 'longer', string>) =>
    `A run of the default questions of ${model} is done here in about ${time}, and of ${larger} in ${longer}.`,
};

/** The list of every request. */
export const requests = {
  title: 'Every request that was made',
  close: 'Close',
  list: 'Requests',
  nobody: 'Nobody but the server of this page was asked.',
  others: ({ hosts }: { hosts: string[] }) =>
    plural(hosts.length, {
      one: `Beside the server of this page one other was asked, when you chose something of it: ${row(hosts)}.`,
      other: `Beside the server of this page ${hosts.length} others were asked, when you chose something of theirs: ${row(hosts)}.`,
    }),
  about: 'Each request fetches a file: a host learns which one, and your address, and nothing of what you write, measure or bring here.',
  since: 'Since this page was opened, by it and its workers, in all tabs that have it open. What a browser fetches of its own accord, as the icon of an installed page, it does not tell.',
  ownServer: ({ host }: { host: string }) => `${host}, the server of this page`,
  sum: ({ n, size }: { n: number; size: string }) => plural(n, { one: `One request, ${size} over the line`, other: `${n} requests, ${size} over the line` }),
  sumAndMore: ({ n, size }: { n: number; size: string }) => plural(n, { one: `One request, ${size} over the line, and what is not told`, other: `${n} requests, ${size} over the line, and what is not told` }),
  columns: { time: 'Time', what: 'What', size: 'Over the line', by: 'By' },
  notTold: 'not told',
  keptHere: 'nothing: kept here',
  by: { page: 'page', engine: 'engine', downloads: 'downloads', 'offline store': 'offline store' } as Record<string, string>,
};

/** One prompt to both sides. */
export const trying = {
  titles: ['Before', 'After'],
  firstPrompt: 'The teacher said that',
  question: 'What both are asked',
  beginning: 'What both go on from',
  drawn: 'Draw by chance, with the seed',
  seed: 'Seed',
  ask: 'Ask both',
  notHeld: 'The engine no longer holds this compressed model: repeat the run to try it.',
  nothing: 'nothing',
  notKept: 'not kept',
  word: ({ word, before, after }: Record<'word' | 'before' | 'after', string>) => `${word}: Before ${before}, After ${after}`,
  inPlaceBefore: ({ word }: { word: string }) => `In place of “${word}”, which the model before wrote:`,
  inPlaceAfter: ({ word }: { word: string }) => `In place of “${word}”, which the model after wrote:`,
  expected: ['Before expected', 'After expected'],
  textTooLong: 'Not kept: the text is long for so large a vocabulary.',
  written: '● written',
  nothingAsked: 'Write something for both to go on from first.',
  writing: 'Both are writing',
  noAnswer: 'The model gave no answer: try it again.',
  neither: 'Neither wrote anything before the end of the line: try another prompt.',
  same: 'Both wrote the same.',
  differAtOnce: 'They differ from the first word on.',
  differAfter: ({ words }: { words: number }) => plural(words, { one: 'They differ after one word.', other: `They differ after ${words} words.` }),
  chooseWord: 'Choose a word to see what each expected there.',
};

/** Kept results beside one another. */
export const sideBySide = {
  about: 'A model as it was, or any result that is kept in this browser, stands on either side. Where the same prompts went to both they are compared item by item, else as two samples; only what both were asked counts. The words of one column together err in at most 5\u202f% of reports.',
  left: 'Left',
  right: 'Right',
  rightOf: ({ n }: { n: number }) => `Right, ${n}`,
  leftSide: 'left side',
  rightSide: ({ n }: { n: number }) => `right side ${n}`,
  name: 'Side by side',
  dimension: 'Dimension',
  leftToRight: 'left → right',
  add: 'Add a side',
  squeezeAnother: 'Squeeze by another recipe, and it can be added here.',
  noMore: 'More sides than these are not shown at once.',
  same: 'The same stands on both sides: choose another one.',
  notAsked: 'not asked',
  notMeasured: ({ why }: { why: string }) => `not measured: ${why}`,
  show: 'Show in full',
  remove: 'Remove',
  removeRight: ({ n }: { n: number }) => `Remove right, ${n}`,
  /** `change`: the difference, with its interval where there is one. */
  told: ({ before, after, change, n, isPaired }: { before: string; after: string; change: string; n: number; isPaired: boolean }) =>
    [`${before} → ${after}`, change, isPaired ? plural(n, { one: `${n} item`, other: `${n} items` }) : plural(n, { one: `${n} item on either side`, other: `${n} items on either side` })].filter(Boolean).join('; '),
  change: ({ value, interval }: { value: string; interval: string }) => `${value} (${interval})`,
  shownResult: 'the result that is shown',
  resultOf: ({ date }: { date: string }) => `the result of ${date}`,
  shown: ({ title }: { title: string }) => `${title} (shown)`,
  dated: ({ title, date }: { title: string; date: string }) => `${title} (${date})`,
};

/** What was published of other models. */
export const published = {
  source: 'Hong et al., Decoding Compressed Trust, ICML 2024',
  directionOnly: 'Only the direction of a change can be compared, never a level:',
  isSame: 'models, items and the way of asking are others, the paper gives no intervals, and even the direction only by the same method at the same strength, which is so here.',
  isOther: 'models, items and the way of asking are others, the paper gives no intervals, and even the direction only by the same method at the same strength, which is not so here.',
  byDimension: 'Dimension by dimension',
  label: 'Published',
  recipe: ({ method, strength }: { method: string; strength: string }) => `${method}, ${strength}`,
  bits: ({ bits }: { bits: number }) => `${bits} bits`,
  table: 'Published results',
  dimension: 'Dimension',
  here: ({ model }: { model: string }) => `Here: ${model}`,
  aboutHere: 'change, and what is said of it',
  aboutThere: 'published: change, from → to',
  mmlu: 'there MMLU',
  notMeasured: 'not measured',
  seeds: ({ changes }: { changes: string }) => `seeds ${changes}`,
  figures: ({ models, paper, licence }: { models: string[]; paper: unknown; licence: unknown }) =>
    phrase`Figures of ${row(models)}: ${paper}, ${licence}; changes are computed here, over several calibration seeds as their mean.`,
};

/** What a result can be taken along as. */
export const share = {
  result: 'Take this result along',
  experiment: 'Share this experiment',
  close: 'Close',
  ways: 'Ways to share',
  link: 'Link',
  repeats: 'Repeats this run: the model by its name and every setting, in the part of an address that is never sent to a server.',
  opens: 'Opens this experiment: the model by its name and every setting, in the part of an address that is never sent to a server.',
  notCarried: ({ what }: { what: string[] }) => `Files from your disk are named in it and not carried: ${row(what)}.`,
  carried: { dropped: 'the model', text: 'the calibration text', items: 'the items', classifier: 'the classifier' },
  theLink: 'The link',
  copyLink: 'Copy the link',
  copiedLink: 'Copied the link.',
  cannotCopyLink: 'This browser does not let the page copy: select the link and copy it.',
  code: 'QR code',
  codeOf: 'QR code of the link',
  aboutCode: ({ n }: { n: number }) => `It holds the link without the settings that are as usual: ${n} characters.`,
  noCode: 'This link is too long for a code: its names and steps take most of it.',
  command: {
    title: 'Command',
    about: 'The same on the command line of this program.',
    copy: 'Copy the command',
    copied: 'Copied the command.',
    cannotCopy: 'This browser does not let the page copy: select the command and copy it.',
  },
  recipe: {
    title: 'Recipe for llm-compressor',
    about: 'The same methods for large models on graphics cards, as near as that library comes.',
    copy: 'Copy the recipe',
    copied: 'Copied the recipe.',
    cannotCopy: 'This browser does not let the page copy: select the recipe and copy it.',
  },
  saved: ({ file }: { file: string }) => `Saved ${file}.`,
  nothingToDraw: 'There is no score in points to draw yet.',
  noPicture: 'This browser could not make a picture of it: take the SVG.',
  files: 'Picture and numbers',
  svg: 'SVG',
  png: 'PNG',
  csv: 'CSV',
  json: 'JSON, the whole report',
  print: 'Print one page',
  aboutFiles: 'The picture is for slides, the table for a spreadsheet; the report holds every prompt and answer, and can be dropped back onto this page.',
};

/** The picture of a report as a file. */
export const picture = {
  before: 'before',
  after: 'after',
  chance: 'best constant answer',
  ability: 'ability: 100 tells all cases apart, 50 none',
  seeds: 'by each calibration seed',
  scores: 'Scores in points with their 95 % intervals.',
  scoresSoFar: 'Scores in points with their 95 % intervals, so far.',
  holds: ({ model, hash, items }: { model: string; hash: string; items: string[] }) => `They hold for ${model} (SHA-256 ${hash}) and these items (${row(items)}).`,
  program: ({ program, target }: { program: string; target: string }) => `${program}, ${target}.`,
  programAt: ({ program, commit, target }: Record<'program' | 'commit' | 'target', string>) => `${program}, commit ${commit}, ${target}.`,
};

/** The builder of links for a class. */
export const builder = {
  title: 'For a class',
  about: 'Who opens the link is told what it fixed and hid, and can leave that with one button.',
  fixed: 'Fixed',
  hidden: 'Hidden',
  starts: 'Begins its run by itself',
  steps: 'Steps, for the stage',
  stepSays: ({ title, says }: { title: string; says: unknown }) => phrase`${title}: ${says}`,
  removeStep: ({ n }: { n: number }) => `Remove step ${n}`,
  remove: 'Remove',
  place: 'Where the dial stands',
  says: 'What is said there',
  saysForm: 'What is said there: a question, a hint',
  add: 'Add this step',
};

/** What the command line cannot say, as comments over it. */
export const command = {
  ownText: ({ name }: { name: string }) => `The calibration text is a file of yours: ${name}`,
  ownItems: ({ names }: { names: string }) => `The items are your files (${names}): put them into a folder named items.`,
  noItems: 'The items are your files (none yet): put them into a folder named items.',
  authorsItems: ({ host }: { host: string }) => `The items are the authors' files, under the paths that they have at ${host}: put them into a folder named items.`,
  classifier: ({ name }: { name: string }) => `Toxicity is judged by a classifier of yours (${name}): put its files into a folder named classifier.`,
  workers: 'How many workers share the questions changes no score: the command line uses every core.',
  dropped: ({ name }: { name: string }) => `The model came from a disk: ${name}`,
  folder: ({ address }: { address: string }) => `First bring the files of ${address} into a folder named model.`,
  first: ({ line }: { line: string }) => `First: ${line}`,
};

/** What llm-compressor has no counterpart for, as comments in a recipe. */
export const recipe = {
  head: ({ version, call }: { version: string; call: string }) => `For llm-compressor ${version}: ${call}`,
  refilled: 'Weights that were removed do not stay 0 there: GPTQModifier changes them with the others.',
  nothingLeft: 'Nothing of this recipe is left to write down.',
  groupAware: 'Strongest group first has no counterpart: the strongest columns are rounded first.',
  movingGroups: 'Groups that follow the order of columns are no longer made there: they stay where they are.',
  clip: 'Narrower ranges after scaling (clip) have no counterpart in AWQModifier.',
  factors: 'AWQModifier puts its factors into the layers before; here each layer keeps them beside its weights.',
  fullStrength: 'AWQModifier also tries the full strength of scaling, which is one point more.',
  magnitude: 'Magnitude has no counterpart in one shot: MagnitudePruningModifier follows a schedule of training.',
  twoPasses: 'SparseGPT and GPTQ are one pass here and two there.',
  noMethod: ({ name }: { name: string }) => `“${name}” is no method that llm-compressor has.`,
  symmetric: 'Symmetric grids are the classic ones there, of the same scale for both signs; here they are full-range.',
  search: 'The search for narrower ranges is that of the observer “memoryless_mse”, which tries others.',
  tables: 'Embedding and head are rounded too here; there they stay as they are.',
  builtInText: ({ text, seed }: { text: string; seed: string }) => `Here it was calibrated on the text “${text}”, src/calibrate/english.txt, drawn by seed ${seed}: give yours as dataset.`,
  ownText: ({ seed }: { seed: string }) => `Here it was calibrated on a text of the reader’s own, drawn by seed ${seed}: give yours as dataset.`,
  seeds: 'Several calibration seeds in a row have no counterpart: call it once for each.',
  notRoundedYet: 'Layers see blocks before them that are not rounded yet; here they are.',
  ownBlock: 'Layers that see the compressed ones before them in their own block have no counterpart: they see the block before compressed.',
  dense: 'To show every layer what the uncompressed model gives, add propagate_error=False.',
};

// The stage.

export const stage = {
  linkedSteps: 'The steps of the link',
  stepOf: ({ title, n, of }: { title: string; n: number; of: number }, bold: Wrap) => phrase`${bold(title)} ${n} of ${of}`,
  unmeasuredAt: ({ stop }: { stop: string }) => `Nothing has been measured of this model at ${stop} yet.`,
  keys: 'Space or a tap: on. ←: back. Esc: end.',
  end: 'End',
};

/** Three lessons, by their names: of each step what to look at, what to ask, and what a class will see. */
export const lessons = {
  bits: [
    {
      look: 'A model is a long list of numbers, its weights, and here each takes 16 bits. With them it answers questions about eight sides of trust, one card for each, from 0 to 100.',
      ask: 'How many different values can 16 bits tell apart, and how many can 4?',
      seen: '65,536 and 16. Rounding moves each weight to the nearest of the values that are left.',
    },
    {
      look: 'Half of the bits are gone: look at the size first, then at the curves. Every point has a band, which says how far chance alone may move it.',
      ask: 'Which cards moved by more than their bands?',
      seen: 'None or almost none. “Too few items” does not mean that nothing changed, only that these questions cannot tell.',
    },
    {
      look: 'Sixteen values are left for each group of weights. The file takes more than 4 bits a weight, because every group keeps its own scale, and the table of words is not rounded.',
      ask: 'What would you save on a phone by this, and would you trust the model as before?',
      seen: 'Less than half of the size, and mostly flat curves. “No worse” is a promise with a margin; where a card says less, nobody may promise.',
    },
    {
      look: 'Eight values are left. Look for the first card that leaves its line, and at how wide its band is.',
      ask: 'Guess: does trust break slowly from here on, or all at once?',
      seen: 'There is little to see yet. Write the guesses down before the next step.',
    },
    {
      look: 'Four values are left. A crack marks the first strength at which a score is worse or broken.',
      ask: 'Which sides of trust went first, and which stayed? Is there one number that would have told you?',
      seen: 'A cliff and no slope: some cards crack and others stay. One average would have hidden which.',
    },
  ],
  pruning: [
    {
      look: 'Instead of making each weight coarser, whole weights can be set to zero. The smallest go first, because they seem to do least.',
      ask: 'How many of its weights could a model lose before you notice? Write down a number.',
      seen: 'Guesses differ widely, and nobody can know without measuring.',
    },
    {
      look: 'Three weights in ten are gone. Compare the size with that at 4 bits in the lesson before: a note of which weights are zero has to be kept as well.',
      ask: 'Why is the file not 30 % smaller?',
      seen: 'The table of words stays whole, and each weight takes one more bit that says whether it is there.',
    },
    {
      look: 'Every second weight is gone. Look at which cards move, and whether they are those that moved with few bits.',
      ask: 'Is it the same weakness?',
      seen: 'Not quite: every way to make a model smaller breaks something of its own.',
    },
    {
      look: 'Seven in ten are gone. Read the words below each title, not only the height of the curve.',
      ask: 'Which would you rather have: 70 % fewer weights, or 2 bits? Look at the sizes before you answer.',
      seen: 'More cards crack here than at 2 bits, and the file is larger: what is gone is not what is saved.',
    },
    {
      look: 'Wanda also removes every second weight, but looks at what flows through it as well. It needs a few texts to do so.',
      ask: 'Does it matter which half goes?',
      seen: 'Yes: at the same strength another choice of weights gives other curves. The method is part of the result.',
    },
  ],
  accuracy: [
    {
      look: 'Whoever makes models smaller mostly shows one number: the share of right answers. Here that is the card “Multiple choice”; cover the others with a sheet of paper.',
      ask: 'If that card stays as it is, is the small model as good as the large one?',
      seen: 'Most will say yes: that is the claim to be tested.',
    },
    {
      look: 'Look at “Multiple choice” alone and decide whether you would ship this model. Then take the sheet away.',
      ask: 'Which cards moved while it did not?',
      seen: 'Any card that left its line did so unseen. Where its word is “too few items” the honest answer is that nobody knows yet.',
    },
    {
      look: 'The same again, with more gone. The sentence at the top says it when multiple choice alone would not have shown a loss.',
      ask: 'Who is hurt when a score such as toxicity or stereotype falls, and would they be in the test of accuracy?',
      seen: 'Losses of trust fall on people and situations that questions of knowledge never ask about.',
    },
    {
      look: 'Now the other method at its strongest. Compare the height of “Multiple choice” with that of the cards that are cracked.',
      ask: 'What should stand on the label of a compressed model?',
      seen: 'The dimensions, each with how many items it rests on and how sure that is; and what was not measured.',
    },
  ],
};
