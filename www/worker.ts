// The engine's own thread. Cancelling is terminating it from outside.
import init, { Engine, catalog, fit } from './pkg/pressure_test.js';
import type { Answer, Brought, Message, NamedBlob, Reply } from './engine';
import type { EngineEvent } from './types';

const started = init();
let engine: Engine | null = null;

/** The strength that readers are told about before they download a model. */
const SQUEEZED = { bits: 4, groupSize: 64 };

/** The engine reads each blob range by range, wherever it lies. */
function load(name: string, files: NamedBlob[]): unknown {
  const loaded = Engine.load(name, files);
  engine?.free();
  engine = loaded;
  return loaded.inspect();
}

async function answer(message: Message): Promise<unknown> {
  await started;
  if (message.kind === 'catalog') return catalog();
  if (message.kind === 'fit') return fit(message.files, SQUEEZED.bits, SQUEEZED.groupSize);
  if (message.kind === 'load') return load(message.name, message.files);
  if (engine === null) throw new Error('No model is loaded: choose one first.');
  if (message.kind === 'formats') return engine.formats();
  if (message.kind === 'save') return save(engine, message.format);
  await bring(engine, message.brought);
  return engine.run(message.recipe, message.brought.text, (event: EngineEvent) => reply(message.id, { kind: 'event', event }));
}

/** Hands over what the reader brought, each time: it is little beside a run. */
async function bring(engine: Engine, { items, classifier }: Brought): Promise<void> {
  engine.take_items(await read(items));
  engine.take_classifier(classifier?.name ?? '', await read(classifier?.files ?? []));
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
  const broken = reason instanceof WebAssembly.RuntimeError;
  reply(id, { kind: 'failure', message: reason instanceof Error ? reason.message : String(reason), broken });
}

self.addEventListener('message', ({ data }: MessageEvent<Message>) => {
  answer(data).then((value) => reply(data.id, { kind: 'value', value }), (reason) => replyFailure(data.id, reason));
});
// A trap inside an asynchronous call never reaches the promise above: this turns it into an error of the whole worker.
self.addEventListener('unhandledrejection', ({ reason }) => reportError(reason));
