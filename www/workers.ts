// How many workers share what an experiment asks: results are the same by any number.
import { model as TEXT } from './text';

/** More find nothing left to do in a sample of this size. */
export const MOST_WORKERS = 16;
/** What all of them may take together on a phone, which ends a tab at more whatever it says of its memory, and where a browser says nothing. */
const SMALL_ROOM = 1e9;
/** The program, and a chunk of prompts on its way, beside the models. */
const BESIDE = 120e6;
/** The shorter side of a screen that is held in a hand, in CSS pixels. */
const HELD = 600;

/** Phones say so, or have a small screen that fingers touch. */
export function isPhone(): boolean {
  const { userAgentData } = navigator as { userAgentData?: { mobile: boolean } };
  return userAgentData?.mobile === true || (matchMedia('(pointer: coarse)').matches && Math.min(screen.width, screen.height) < HELD);
}

/** One for each core, as far as there is room for a model of so many bytes and its compressed twin in each. */
export function workersFor(bytes: number): number {
  const memory = (navigator as { deviceMemory?: number }).deviceMemory;
  const room = memory === undefined || isPhone() ? SMALL_ROOM : (memory * 1e9) / 4;
  const fitting = Math.floor(room / (2 * bytes + BESIDE));
  return Math.max(1, Math.min(navigator.hardwareConcurrency || 1, fitting, MOST_WORKERS / 2));
}

/** What is said where a phone's room and not its cores decide; null elsewhere. */
export function phoneSentence(bytes: number): string | null {
  const [workers, cores] = [workersFor(bytes), Math.min(navigator.hardwareConcurrency || 1, MOST_WORKERS / 2)];
  if (!isPhone() || workers >= cores) return null;
  return TEXT.phone({ workers, cores });
}
