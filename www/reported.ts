// A report that was downloaded before: its recipe is taken up, to be measured anew.
import { engine, writeLink } from './actions';
import { store } from './store';
import type { Settings, UncheckedRecipe } from './types';

/** What is read of a report; of any version, since recipes have kept their form. */
interface Reported {
  version: number;
  model: { name: string };
  recipe: { method: string; settings: Settings; calibration: Settings; evaluation: Settings; probes?: string[] };
}

/** Sets the controls to the recipe of a report, and says what of it cannot be. */
export async function takeUp(file: File): Promise<void> {
  const reported = read(file.name, await file.text());
  const { recipe, problems } = await engine.settle(unchecked(reported));
  const { catalog } = store.state;
  const older = catalog !== null && reported.version < catalog.version;
  const words = older ? `, whose words this page no longer speaks: version ${catalog.version} says them by other rules` : '';
  const says = `“${file.name}” is a report of version ${reported.version} about ${reported.model.name}${words}. Its recipe is in the controls now; squeeze to measure anew.`;
  store.update({ recipe, notice: { says, problems, fetches: null, run: false }, error: null });
  writeLink();
}

function read(name: string, text: string): Reported {
  const refused = new Error(`“${name}” is neither a model nor a report of this page: choose a folder with a model, a GGUF file, or a report that was downloaded here.`);
  let found: Partial<Reported> | null;
  try {
    found = JSON.parse(text) as Partial<Reported> | null;
  } catch {
    throw refused;
  }
  const { version, model, recipe } = found ?? {};
  if (typeof version !== 'number' || typeof recipe?.method !== 'string') throw refused;
  return { version, model: { name: String(model?.name ?? 'a model') }, recipe };
}

/** A recipe as a link would say it. */
function unchecked({ recipe }: Reported): UncheckedRecipe {
  const part = (name: 'settings' | 'calibration' | 'evaluation'): [string, string][] =>
    Object.entries(recipe[name] ?? {}).map(([key, value]) => [`${name}.${key}`, String(value)]);
  const probes = Array.isArray(recipe.probes) && recipe.probes.length > 0 ? recipe.probes.join(',') : null;
  return { method: recipe.method, settings: [...part('settings'), ...part('calibration'), ...part('evaluation')], probes };
}
