// Whether files that are here already fit this device, told before they are loaded.
import type { Engine, ModelFiles } from './engine';
import { ADDRESSABLE, device, judge, judgeSize, needs, refusal } from './hub/fit';
import { fit as TEXT } from './text';

const WEIGHTS = /\.(safetensors|gguf)$/i;

/** Refuses what cannot be loaded and compared, and asks the reader about what this device seems too small for. */
export async function checkFit(engine: Engine, { files }: ModelFiles): Promise<void> {
  const here = { ...(await device()), storage: null }; // nothing is stored
  const weights = files.filter(({ name }) => WEIGHTS.test(name)).reduce((sum, { blob }) => sum + blob.size, 0);
  const tooLarge = judgeSize(weights, here);
  if (tooLarge) throw new Error(refusal(tooLarge));
  const needed = needs(0, await engine.fit(files.map(({ name, blob }) => ({ name, blob, size: blob.size }))));
  const fit = judge(needed, here);
  if (fit.verdict !== 'no') return;
  const anyway = needed.memory <= ADDRESSABLE && confirm(`${refusal(fit)} ${TEXT.loadAnyway}`);
  if (!anyway) throw new Error(refusal(fit));
}
