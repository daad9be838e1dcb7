// Three lessons, each under ten minutes: what to set, what to look at, what to ask, and what a class will see. What is seen
// is said in general, since the numbers are those of the device and the model in front of the class.
import { lessons as TEXT, lessonTitles } from '../text';

export interface Step {
  method: string;
  /** Null for the original. */
  stop: number | null;
  /** Two sentences: what to look at. */
  look: string;
  ask: string;
  /** What a class will see. */
  seen: string;
}

export interface Lesson {
  name: string;
  title: string;
  steps: Step[];
}

/** Where the dial stands at each step of a lesson. */
const PLACES: Record<keyof typeof TEXT, [method: string, stop: number | null][]> = {
  bits: [['round_to_nearest', null], ['round_to_nearest', 8], ['round_to_nearest', 4], ['round_to_nearest', 3], ['round_to_nearest', 2]],
  pruning: [['magnitude', null], ['magnitude', 0.3], ['magnitude', 0.5], ['magnitude', 0.7], ['wanda', 0.5]],
  accuracy: [['round_to_nearest', null], ['magnitude', 0.4], ['magnitude', 0.6], ['round_to_nearest', 2]],
};

export const LESSONS: Lesson[] = (['bits', 'pruning', 'accuracy'] as const).map((name) => ({
  name,
  title: lessonTitles[name],
  steps: TEXT[name].map((said, i) => {
    const [method, stop] = PLACES[name][i]!;
    return { method, stop, ...said };
  }),
}));
