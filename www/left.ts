// How long something still takes, from what was measured so far.
import { left as TEXT, numbers } from './text';
import type { EngineEvent } from './types';

/** Before that much of the work is done, and that many seconds are over, nothing is said. */
const FIRST = { share: 0.04, seconds: 1 };
/** How much of what was said of the end stays when something newer is known. */
const INERTIA = 0.7;

/** Seconds as people say them. */
export function roughly(seconds: number): string {
  if (seconds < 10) return numbers.seconds(String(Math.max(1, Math.ceil(seconds))));
  if (seconds < 90) return numbers.seconds(String(5 * Math.ceil(seconds / 5)));
  const minutes = Math.ceil(seconds / 60);
  return minutes < 90 ? numbers.minutes(String(minutes)) : numbers.hours(String(Math.ceil(seconds / 3600)));
}

/** Foresees an end; times are in seconds. */
export class TimeLeft {
  #end: number | null = null;

  constructor(readonly began: number) {}

  /** Told that this share of all work, 0 to 1, is done at this time. */
  see(share: number, now: number): void {
    const passed = now - this.began;
    if (share < FIRST.share || passed < FIRST.seconds) return;
    this.foresee(passed / Math.min(1, share) - passed, now);
  }

  /** Told how many seconds seem to be left. */
  foresee(seconds: number, now: number): void {
    const end = now + seconds;
    this.#end = this.#end === null ? end : INERTIA * this.#end + (1 - INERTIA) * end;
  }

  /** "about 20 s left"; empty before there is something to go by. `say`: what is said of the time. */
  text(now: number, say = TEXT.about): string {
    if (this.#end === null) return '';
    const left = this.#end - now;
    return left < 1 ? TEXT.almostDone : say({ time: roughly(left) });
  }
}

/** What a run took, in seconds. */
export interface Pace {
  squeezing: number;
  /** Each look at a dimension, by what the engine calls it. */
  asking: Record<string, number>;
}

type Progress = Pick<Extract<EngineEvent, { kind: 'progress' }>, 'stage' | 'label' | 'done' | 'total'>;

/** A dimension is looked at with a quarter of its sample, then with a half, then whole: what a look takes in times of the one before. */
const LOOKS = ['25', '50', '100'] as const;
const GROWS = { '25': 1, '50': 0.9, '100': 2 };

/** Watches a run with one calibration seed, and foresees its end: by the pace of one like it, else by its own first look. */
export class RunClock {
  readonly pace: Pace = { squeezing: 0, asking: {} };
  #left: TimeLeft;
  #squeezing: TimeLeft;
  #label: string | null = null;
  #since: number;

  constructor(began: number, readonly like: Pace | null) {
    this.#left = new TimeLeft(began);
    this.#squeezing = new TimeLeft(began);
    this.#since = began;
  }

  /** What is left, as text. */
  see({ stage, label, done, total }: Progress, now: number): string {
    const share = total > 0 ? done / total : 0;
    if (stage === 'compress') {
      this.pace.squeezing = now - this.#since;
      this.#squeezing.see(share, now);
      if (this.like === null) return this.#squeezing.text(now, TEXT.aboutOfSqueezing);
    } else if (label !== this.#label) {
      this.#close(now);
      [this.#label, this.#since] = [label, now];
    }
    const left = this.#foreseen(stage, share, now);
    if (left !== null) this.#left.foresee(left, now);
    return this.#left.text(now);
  }

  /** What it took, when it is over. */
  end(now: number): Pace {
    this.#close(now);
    return this.pace;
  }

  #close(now: number): void {
    if (this.#label === null) this.pace.squeezing = now - this.#since;
    else this.pace.asking[this.#label] = now - this.#since;
  }

  #foreseen(stage: Progress['stage'], share: number, now: number): number | null {
    const { asking } = this.pace;
    const known = this.like?.asking ?? planned(asking, this.#label);
    if (known === null) return null;
    const seen = Object.keys(asking).filter((label) => known[label] !== undefined);
    const sum = (labels: string[], of: Record<string, number>): number => labels.reduce((all, label) => all + (of[label] ?? 0), 0);
    // This run may go faster or slower than the one before.
    const before = sum(seen, known);
    const factor = this.like && before > 0 ? sum(seen, asking) / before : 1;
    const rest = sum(Object.keys(known).filter((label) => asking[label] === undefined && label !== this.#label), known);
    const current = stage === 'score' && this.#label !== null ? (known[this.#label] ?? now - this.#since) * (1 - share) : 0;
    const squeezing = stage === 'compress' && this.like ? this.like.squeezing * (1 - share) : 0;
    return factor * (rest + current) + squeezing;
  }
}

/** What each look will take by what was seen of the dimension; null before the first look at all of them is over. */
function planned(asking: Record<string, number>, current: string | null): Record<string, number> | null {
  const parts = (label: string): [string, (typeof LOOKS)[number] | null] => {
    const found = /^(.*), the first (\d+) %$/.exec(label);
    return found ? [found[1]!, found[2] as '25' | '50'] : [label, null];
  };
  const first = Object.keys(asking).filter((label) => parts(label)[1] === '25');
  const isOver = current !== null && first.some((label) => current.startsWith(parts(label)[0]) && current !== label);
  if (!isOver) return null;
  const plan: Record<string, number> = {};
  for (const label of first) {
    const [name] = parts(label);
    let seconds = 0;
    for (const look of LOOKS) {
      const title = look === '100' ? name : `${name}, the first ${look} %`;
      seconds = asking[title] ?? seconds * GROWS[look];
      plan[title] = seconds;
    }
  }
  return plan;
}
