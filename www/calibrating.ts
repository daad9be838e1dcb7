// How many texts a model is calibrated by, where the reader has not said: what a small one does in seconds takes a large one
// minutes. A link that does not say it means the engine's default, whatever the model.
import { isFixed } from './setup';
import type { State } from './store';
import { action as TEXT } from './text';
import type { ModelSummary, Recipe } from './types';

/** Sequences for models of fewer parameters. */
const SIZES: [number, number][] = [
  [3e7, 64],
  [2e8, 16],
  [Infinity, 8],
];

const common = ({ catalog }: State): unknown => catalog?.calibration.find(({ name }) => name === 'sequences')?.default;
const fitting = ({ parameters }: ModelSummary): number => SIZES.find(([below]) => parameters < below)?.[1] ?? 8;

/** The recipe as a model that the reader has just chosen suits it: what the page chose for the one before is chosen anew. */
export function fitted(state: State, model: ModelSummary): Recipe {
  const { recipe, setup } = state;
  if (isFixed(setup, 'calibration')) return recipe;
  const before = recipe.calibration['sequences'];
  const isOurs = before === common(state) || (state.model !== null && before === fitting(state.model));
  return isOurs ? { ...recipe, calibration: { ...recipe.calibration, sequences: fitting(model) } } : recipe;
}

/** A sentence where fewer are used than usual, because of the model's size. */
export function fittedBy(state: State): string {
  const sequences = state.recipe.calibration['sequences'];
  if (typeof sequences !== 'number' || state.model === null || sequences === common(state) || sequences !== fitting(state.model)) return '';
  return TEXT.fitted({ texts: sequences, usual: String(common(state)) });
}
