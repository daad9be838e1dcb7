// What the two sides of a report are called: a model before and after, or two runs beside one another.
import { chainParameters, chainTitle, findChain } from '../store';
import type { Catalog, ModelSummary, Parameter, Recipe, Report, Settings } from '../types';
import { SHOWN_AT_ONCE } from './controls';

export type Titles = readonly [string, string];

const ONE_MODEL: Titles = ['Before', 'After'];
const TWO: Titles = ['Left', 'Right'];

export function titles({ against }: Report): Titles {
  return against ? TWO : ONE_MODEL;
}

/** The recipe of a model that is as it was. */
export const NO_METHOD = 'none';

/** What a report is about. */
export function subject(report: Report, catalog: Catalog): string {
  const { model, recipe, against, against_recipe } = report;
  if (!against) return `${model.name}: ${recipeText(recipe, catalog)}`;
  return `Left ${sideName(against, against_recipe, catalog)}; right ${sideName(model, recipe, catalog)}`;
}

export function sideName(model: Pick<ModelSummary, 'name'>, recipe: Recipe | undefined, catalog: Catalog): string {
  return !recipe || recipe.method === NO_METHOD ? `${model.name} as it was` : `${model.name}, ${recipeText(recipe, catalog)}`;
}

/** Method and strength in words. */
export function recipeText(recipe: Recipe, catalog: Catalog): string {
  const parameters = chainParameters(findChain(catalog, recipe.method));
  const told = parameters.filter(({ name, default: usual }, place) => place < SHOWN_AT_ONCE || recipe.settings[name] !== usual);
  return [chainTitle(catalog, recipe.method), settingsText(told, recipe.settings)].filter(Boolean).join('; ');
}

export function settingsText(parameters: Parameter[], settings: Settings): string {
  return parameters
    .filter(({ name }) => settings[name] !== undefined)
    .map((parameter) => {
      const value = settings[parameter.name];
      const title = parameter.title.toLowerCase();
      if (parameter.kind === 'toggle') return value === true ? title : `not ${title}`;
      if (parameter.kind !== 'choice') return `${title} ${value}`;
      return `${title} ${parameter.options.find((option) => option.value === value)?.title ?? value}`;
    })
    .join(', ');
}
