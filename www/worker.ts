// The engine's own thread. Cancelling is terminating it from outside.
import * as plain from './pkg/pressure_test.js';
import type { Answerer, Engine, Experiment, SpeedModel } from './pkg/pressure_test.js';
import type { TextClassifier } from './pkg/classifier.js';
import classifiers from './pkg/classifier_bg.wasm?url';
import plainAddress from './pkg/pressure_test_bg.wasm?url';
import type * as Graphics from './pkg/pressure_test_gpu.js';
import graphicsAddress from './pkg/pressure_test_gpu_bg.wasm?url';
import { GRAPHICS, type Answer, type Given, type Measured, type Message, type ModelFiles, type NamedBlob, type Reply } from './engine';
import type { Proved } from './graphics';
import { breath, type HelpMessage, Pool, rest } from './pool';
import { inTime, sentence } from './promised';
import { tellRequests } from './requests/telling';
import { engine as TEXT, graphics as graphicsText, trying } from './text';
import type { EngineEvent, Load, Recipe, Report, Speed, Text } from './types';

/** What both programs can do. */
type Api = Omit<typeof plain, 'default' | 'initSync'> & { default(given: { module_or_path: WebAssembly.Module }): Promise<unknown> };

/** The program of this worker: that of the graphics card where its name says so. */
let api: Api = plain;
let graphics: typeof Graphics | null = null;
let engine: Engine | null = null;
/** What the engine was loaded from, for those who help. */
let model: ModelFiles | null = null;
/** The last run that came to its end, whose sides can be asked more. */
let last: Experiment | null = null;
/** Of a worker that helps another. */
let answerer: Answerer | null = null;
let program: WebAssembly.Module | null = null;

/** What was timed last. */
let timed: { name: string; model: SpeedModel } | null = null;

/** The strength that readers are told about before they download a model. */
const SQUEEZED = { bits: 4, groupSize: 64 };
/** Milliseconds in which the graphics card must answer. */
const PATIENCE = 10_000;
/** What both are timed on. */
const SHORT = { prompt: 64, written: 0 };

/** A start that failed; the next worker may have better luck. */
class NotStarted extends Error {}

/** A module with one SIMD instruction in it. */
const SIMD = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11]);

/** At the first question, which like each of the others is answered with what went wrong. Some are given the program instead. */
let started: Promise<void> | null = null;

async function start(): Promise<void> {
  if (typeof WebAssembly === 'undefined' || !WebAssembly.validate(SIMD)) {
    throw new NotStarted(TEXT.noSimd);
  }
  const isGraphics = self.name === GRAPHICS;
  const response = await fetch(isGraphics ? graphicsAddress : plainAddress).catch(() => null);
  if (!response?.ok) {
    throw new NotStarted(response ? TEXT.notFetched(response) : TEXT.unreachable);
  }
  const begun = async (): Promise<void> => {
    if (isGraphics) api = graphics = await import('./pkg/pressure_test_gpu.js');
    await begin(compile(response));
  };
  await begun().catch((reason: unknown) => {
    throw new NotStarted(TEXT.notStarted({ why: sentence(reason) }));
  });
}

/** While it arrives, where the server says what it is. */
async function compile(response: Response): Promise<WebAssembly.Module> {
  const isNamed = response.headers.get('content-type')?.startsWith('application/wasm');
  return isNamed ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer());
}

async function begin(compiled: Promise<WebAssembly.Module> | WebAssembly.Module): Promise<void> {
  program = await compiled;
  await api.default({ module_or_path: program });
}

/** The engine reads each blob range by range, wherever it lies. */
function load(name: string, files: NamedBlob[]): unknown {
  const loaded = api.Engine.load(name, files);
  forget();
  engine?.free();
  engine = loaded;
  model = { name, files };
  return loaded.inspect();
}

/** The memory of the last run is free again. */
function forget(): void {
  last?.free();
  last = null;
}

async function help(message: HelpMessage): Promise<unknown> {
  if (message.kind === 'help') {
    await (started = begin(message.program));
    load(message.name, message.files);
    answerer = engine?.answerer(message.asking) ?? null;
    return null;
  }
  if (answerer === null) throw new Error(TEXT.noHelp);
  return message.kind === 'take' ? answerer.take({ name: 'compressed', blob: message.compressed }) : answerer.answer(message.side, message.requests);
}

async function answer(message: Message | HelpMessage): Promise<unknown> {
  if (message.kind === 'help' || message.kind === 'take' || message.kind === 'answer') return help(message);
  if (message.kind === 'begin') return (started = begin(message.program));
  if (message.kind === 'rest') return rest(message.rests);
  await (started ??= start());
  if (message.kind === 'program') return graphics ? null : program;
  if (message.kind === 'catalog') return api.catalog();
  if (message.kind === 'settle') return api.settle(message.recipe.method, message.recipe.settings, message.recipe.probes);
  if (message.kind === 'merge') return api.merge(message.files);
  if (message.kind === 'compare') return api.compare(message.left, message.right);
  if (message.kind === 'fit') return api.fit(message.files, SQUEEZED.bits, SQUEEZED.groupSize);
  if (message.kind === 'load') return load(message.name, message.files);
  if (engine === null) throw new Error(TEXT.noModel);
  if (message.kind === 'formats') return engine.formats();
  if (message.kind === 'try') return tried(message.side, message.requests);
  if (message.kind === 'token_texts') return engine.token_texts(message.tokens);
  if (message.kind === 'save') return save(engine, message.format);
  if (message.kind === 'prove') return prove(engine as Graphics.Engine, message.adapter, message.measures);
  if (message.kind === 'measure') return measure(engine, message, message.load);
  if (message.brought) await give(engine, message.brought);
  return run(engine, message, (event) => reply(message.id, { kind: 'event', event }));
}

/** Compares the graphics card with the processor on the model, from where on that engine runs there; and times both on a short text. */
async function prove(engine: Graphics.Engine, adapter: string, measures: boolean): Promise<Proved> {
  if (graphics === null) throw new Error(graphicsText.noProgram);
  await inTime(graphics.open_graphics(adapter), PATIENCE, graphicsText.silent);
  const proof = await engine.prove();
  if (!measures) return { adapter, proof, speeds: null };
  const model = graphics.SpeedModel.new(engine, undefined, undefined);
  const rate = ({ prompt_tokens, prompt_seconds }: Speed): number => prompt_tokens / prompt_seconds;
  try {
    const gpu = rate(await model.measure_on_graphics({ texts: 8, ...SHORT }));
    return { adapter, proof, speeds: { gpu, cpu: rate(await model.measure({ texts: 1, ...SHORT })) } };
  } finally {
    model.free();
  }
}

/** By each calibration seed in turn, the model is compressed and scored. While this worker compresses, others answer for the model as it
    is; then all of them answer what scoring asks. */
async function run(engine: Engine, { recipe, text, workers }: { recipe: Recipe; text: Text | null; workers: number }, tell: (event: EngineEvent) => void): Promise<Report> {
  forget();
  const experiment = engine.experiment(recipe, text);
  const pool = new Pool((side, requests) => experiment.answer(side, requests));
  const told = (event: EngineEvent): void => {
    if (event.kind === 'progress' && event.stage === 'compress' && event.done === event.total) pool.join();
    tell(event);
  };
  try {
    const helped = workers > 1 && model !== null && program !== null;
    if (helped) pool.start(workers - 1, { kind: 'help', program: program!, asking: experiment.asking(), ...model! });
    let ask = helped ? pool.ask : undefined;
    for (const seed of experiment.seeds()) {
      await experiment.compress(seed, ask, breath, told);
      ask = undefined; // what is asked of the model as it is has been answered with the first seed
      if (helped) pool.take(handedOver(experiment));
      await experiment.score(seed, pool.ask, tell);
    }
    const report = experiment.report() as Report;
    last = experiment;
    return report;
  } finally {
    pool.end();
    if (last !== experiment) experiment.free();
  }
}

function tried(side: number, requests: unknown[]): Promise<unknown> {
  if (last === null) throw new Error(trying.notHeld);
  return last.answer(side, requests);
}

/** The compressed model for other workers; its pieces lie outside this memory. */
function handedOver(experiment: Experiment): Blob {
  const pieces: Blob[] = [];
  experiment.hand_over((bytes: Uint8Array<ArrayBuffer>) => pieces.push(new Blob([bytes])));
  return new Blob(pieces);
}

/** A model of noise is made once, however often it is timed. */
async function measure(engine: Engine, { shape, stored }: Measured, load: Load): Promise<Speed> {
  const name = `${shape} ${stored}`;
  if (timed?.name !== name) {
    timed?.model.free();
    timed = null;
    timed = { name, model: api.SpeedModel.new(engine, shape, stored) };
  }
  return (await timed.model.measure(load)) as Speed;
}

/** Hands over what the reader brought, which the engine keeps. */
async function give(engine: Engine, { items, classifier }: Given): Promise<void> {
  engine.take_items(await read(items));
  if (!classifier?.files.length) {
    engine.take_scorer('', undefined);
    return;
  }
  const scorer = await readClassifier(classifier.name, classifier.files);
  engine.take_scorer(scorer.name(), (text: string) => scorer.toxicity(text));
}

/** Classifiers are a module of their own, which few readers need. */
async function readClassifier(name: string, files: NamedBlob[]): Promise<TextClassifier> {
  const module = await import('./pkg/classifier.js')
    .then(async (module) => (await module.default({ module_or_path: classifiers }), module))
    .catch((reason: unknown) => {
      throw new Error(TEXT.noClassifiers({ why: sentence(reason) }));
    });
  const given = new module.ClassifierFiles();
  for (const file of await read(files)) given.take(file.name, file.bytes);
  return given.read(name);
}

function read(files: NamedBlob[]): Promise<{ name: string; bytes: Uint8Array }[]> {
  return Promise.all(files.map(async ({ name, blob }) => ({ name, bytes: new Uint8Array(await blob.arrayBuffer()) })));
}

/** Pieces go into blobs, which the browser keeps outside this memory and which cross to the page without a copy. */
function save(engine: Engine, format: string): NamedBlob[] {
  const files: { name: string; pieces: Blob[] }[] = [];
  engine.save(
    format,
    (name: string) => files.push({ name, pieces: [] }),
    (bytes: Uint8Array<ArrayBuffer>) => files.at(-1)?.pieces.push(new Blob([bytes])),
  );
  return files.map(({ name, pieces }) => ({ name, blob: new Blob(pieces) }));
}

function reply(id: number, answer: Answer): void {
  self.postMessage({ id, ...answer } satisfies Reply);
}

/** A WebAssembly trap leaves the engine in an unknown state, so the worker must not be asked again. */
function replyFailure(id: number, reason: unknown): void {
  const trapped = !(reason instanceof NotStarted) && reason instanceof WebAssembly.RuntimeError;
  reply(id, { kind: 'failure', message: trapped ? null : sentence(reason), broken: trapped || reason instanceof NotStarted });
}

tellRequests('engine');
self.addEventListener('message', ({ data }: MessageEvent<Message | HelpMessage>) => {
  answer(data).then((value) => reply(data.id, { kind: 'value', value }), (reason) => replyFailure(data.id, reason));
});
// A trap inside an asynchronous call never reaches the promise above: this turns it into an error of the whole worker.
self.addEventListener('unhandledrejection', ({ reason }) => reportError(reason));
