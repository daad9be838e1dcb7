// Shares out what an experiment asks over this worker and its helpers, each a worker of its own with the same model. A
// helper that dies is replaced, and what it was asked is asked again.
import type { ModelFiles } from './engine';

/** Answers requests about a side of a comparison; they are objects that cross to another worker as they are. */
export type Ask = (side: number, requests: unknown) => Promise<unknown>;

/** What a helper is told. */
export type Help =
  /** Comes first. */
  | ({ kind: 'help'; program: WebAssembly.Module; asking: unknown } & ModelFiles)
  /** The compressed model, as the worker that compressed it has written it. */
  | { kind: 'take'; compressed: Blob }
  | { kind: 'answer'; side: number; requests: unknown };

export type HelpMessage = Help & { id: number };
/** `message`: null where the engine trapped. */
export type HelpReply = { id: number } & ({ kind: 'value'; value: unknown } | { kind: 'failure'; message: string | null; broken: boolean });

/** So many chunks a helper has before it, so that it need not wait for the next one. */
const AHEAD = 2;
/** So often a helper is started again. */
const LIVES = 3;

interface Chunk {
  side: number;
  requests: unknown;
  /** Neighbours begin alike: who answers one goes on with the next. */
  place: number;
  resolve: (answer: unknown) => void;
  reject: (reason: unknown) => void;
}

/** Someone who answers one chunk after the other. */
interface Member {
  ask: Ask;
  ahead: number;
  ready: boolean;
  /** What it has been asked and has not answered. */
  open: Set<Chunk>;
  last: number;
}

/** Settles when work may go on. */
let resting: Promise<void> = Promise.resolve();
let goOn = (): void => {};

/** Lets all pools of this worker wait before they give out more, or go on. */
export function rest(rests: boolean): void {
  goOn();
  if (rests) resting = new Promise((resolve) => (goOn = resolve));
}

export class Pool {
  readonly #members: Member[] = [];
  #queue: Chunk[] = [];
  #places = 0;
  #fed: Promise<void> | null = null;
  #ended = false;
  #compressed: Blob | null = null;
  readonly #own: Member;

  /** `own`: how this worker answers, once it has joined in. */
  constructor(own: Ask) {
    this.#own = { ask: own, ahead: 1, ready: false, open: new Set(), last: -1 };
    this.#members.push(this.#own);
  }

  /** Starts helpers, who answer as soon as they have the model. */
  start(count: number, begin: Extract<Help, { kind: 'help' }>): void {
    for (let i = 0; i < count; i += 1) this.#hire(begin, LIVES);
  }

  /** Gives the helpers the compressed model; before this nobody may ask about it. */
  take(compressed: Blob): void {
    this.#compressed = compressed;
    for (const member of this.#members) if (member instanceof Helper && member.ready) member.take(compressed);
  }

  /** From now on this worker answers too. */
  join(): void {
    this.#own.ready = true;
    this.#feedSoon();
  }

  readonly ask: Ask = (side, requests) =>
    new Promise((resolve, reject) => {
      this.#queue.push({ side, requests, place: (this.#places += 1), resolve, reject });
      this.#feedSoon();
    });

  end(): void {
    this.#ended = true;
    for (const member of this.#members) if (member instanceof Helper) member.end();
  }

  #hire(begin: Extract<Help, { kind: 'help' }>, lives: number): void {
    const helper = new Helper(() => {
      // Its place is taken by another, and its share goes back to where it was.
      this.#members.splice(this.#members.indexOf(helper), 1);
      this.#queue.push(...helper.open);
      this.#queue.sort((one, other) => one.place - other.place);
      if (this.#ended) return;
      if (lives > 1) this.#hire(begin, lives - 1);
      this.#feedSoon();
    });
    this.#members.push(helper);
    helper.put(begin).then(
      () => {
        // Messages arrive in their order: what it is asked next comes behind it.
        if (this.#compressed) helper.take(this.#compressed);
        helper.ready = true;
        this.#feedSoon();
      },
      () => helper.lose(),
    );
  }

  /** Later, so that all that is asked at once is there, and this worker hears of its helpers between two chunks of its own. */
  #feedSoon(): void {
    this.#fed ??= breath().then(() => resting).then(() => {
      this.#fed = null;
      this.#feed();
    });
  }

  #feed(): void {
    const ready = this.#members.filter((member) => member.ready);
    for (let ahead = 0; ahead < AHEAD; ahead += 1) {
      for (const member of ready) {
        const waits = member.open.size === ahead && ahead < member.ahead;
        // What is left is for those who have nothing.
        if (waits && (ahead === 0 || this.#queue.length >= ready.length)) this.#give(member);
      }
    }
  }

  #give(member: Member): void {
    const chunk = this.#take(member);
    if (!chunk) return;
    member.last = chunk.place;
    member.open.add(chunk);
    member.ask(chunk.side, chunk.requests).then(
      (answer) => {
        member.open.delete(chunk);
        chunk.resolve(answer);
        this.#feedSoon();
      },
      (reason) => {
        if (reason instanceof Lost) return; // asked again by then
        member.open.delete(chunk);
        chunk.reject(reason);
      },
    );
  }

  /** The chunk behind the one that a member had last, or the middle of the longest run that someone else is at. */
  #take(member: Member): Chunk | undefined {
    const next = this.#queue.findIndex((chunk) => chunk.place === member.last + 1);
    return this.#queue.splice(next >= 0 ? next : this.#middle(), 1)[0];
  }

  #middle(): number {
    let [first, longest, begun] = [0, 0, 0];
    this.#queue.forEach(({ place }, at) => {
      if (at > 0 && this.#queue[at - 1]?.place !== place - 1) begun = at;
      if (at - begun + 1 > longest) [first, longest] = [begun, at - begun + 1];
    });
    const before = (this.#queue[first]?.place ?? 0) - 1;
    return this.#members.some(({ last, open }) => last === before && open.size > 0) ? first + Math.floor(longest / 2) : first;
  }
}

/** Said of what a helper was asked when it is no more. */
class Lost extends Error {}

class Helper implements Member {
  readonly ahead = AHEAD;
  readonly open = new Set<Chunk>();
  ready = false;
  last = -1;
  // The same script again; its name is for those who look at what runs.
  readonly #worker = new Worker(self.location.href, { type: 'module', name: 'helper' });
  readonly #asked = new Map<number, { resolve: (value: unknown) => void; reject: (reason: unknown) => void }>();
  #count = 0;
  #lost = false;

  constructor(readonly onLoss: () => void) {
    this.#worker.addEventListener('error', (event) => {
      event.preventDefault();
      this.lose();
    });
    this.#worker.addEventListener('messageerror', () => this.lose());
    this.#worker.addEventListener('message', ({ data }: MessageEvent<HelpReply>) => {
      if (data.kind === 'failure' && (data.broken || data.message === null)) return this.lose();
      const asked = this.#asked.get(data.id);
      this.#asked.delete(data.id);
      if (data.kind === 'failure') asked?.reject(new Error(data.message ?? ''));
      else asked?.resolve(data.value);
    });
  }

  readonly ask: Ask = (side, requests) => this.put({ kind: 'answer', side, requests });

  take(compressed: Blob): void {
    this.put({ kind: 'take', compressed }).catch(() => this.lose());
  }

  put(help: Help): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const id = (this.#count += 1);
      this.#asked.set(id, { resolve, reject });
      this.#worker.postMessage({ ...help, id } satisfies HelpMessage);
    });
  }

  /** It answers no more. */
  lose(): void {
    if (this.#lost) return;
    this.#lost = true;
    this.end();
    for (const { reject } of this.#asked.values()) reject(new Lost());
    this.onLoss();
  }

  end(): void {
    this.#worker.terminate();
  }
}

/** After the messages that are there already; a timer would wait for milliseconds. */
export function breath(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
