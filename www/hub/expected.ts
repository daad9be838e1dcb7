// How long a run of a model takes here, before it was ever run: by what was measured of this device, else by the last run.
import { secondsPerParameter } from '../device/machines';
import type { State } from '../store';
import { choose as TEXT } from '../text';

export interface Expected {
  /** What it is known by, in a few words. */
  by: string;
  /** Of a run of the default questions, for a model of so many parameters. */
  seconds(parameters: number): number;
}

/** Null where nothing was measured here. Linear in parameters. */
export function expected({ speeds, kept, catalog }: Pick<State, 'speeds' | 'kept' | 'catalog'>): Expected | null {
  const measured = secondsPerParameter(speeds);
  if (measured !== null) return { by: TEXT.byMeasurement, seconds: (parameters) => measured * parameters };
  const asks = catalog && JSON.stringify(Object.fromEntries(catalog.evaluation.map(({ name, default: usual }) => [name, usual]).sort()));
  const isUsual = ({ evaluation, probes }: NonNullable<State['kept']>[number]['recipe']): boolean =>
    !probes?.length && JSON.stringify(Object.fromEntries(Object.entries(evaluation).sort())) === asks;
  const last = kept?.find(({ pace, parameters, recipe }) => pace !== null && parameters !== undefined && isUsual(recipe));
  if (!last?.pace || !last.parameters) return null;
  const seconds = last.pace.squeezing + Object.values(last.pace.asking).reduce((sum, each) => sum + each, 0);
  const each = seconds / last.parameters;
  return { by: TEXT.byLastRun({ model: last.name }), seconds: (parameters) => each * parameters };
}
