// What the two sides of a report are called: a model before and after, or two runs beside one another.
import { chainParameters, chainTitle, findChain } from '../store';
import { numbers, sides as TEXT } from '../text';
import type { Catalog, ModelSummary, Parameter, Recipe, Report, Settings } from '../types';
import { SHOWN_AT_ONCE } from './controls';

export type Titles = readonly [string, string];

/** How the sides are called: as titles, and within a sentence. */
export interface Naming {
  titles: Titles;
  words: Titles;
}

export function naming({ against }: Report): Naming {
  return against ? TEXT.two : TEXT.one;
}

export function titles(report: Report): Titles {
  return naming(report).titles;
}

/** The recipe of a model that is as it was. */
export const NO_METHOD = 'none';

/** What a report is about. */
export function subject(report: Report, catalog: Catalog): string {
  const { model, recipe, against, against_recipe } = report;
  if (!against) return TEXT.subject({ model: model.name, recipe: recipeText(recipe, catalog) });
  return TEXT.subjectOfTwo({ left: sideName(against, against_recipe, catalog), right: sideName(model, recipe, catalog) });
}

export function sideName(model: Pick<ModelSummary, 'name'>, recipe: Recipe | undefined, catalog: Catalog): string {
  return !recipe || recipe.method === NO_METHOD ? TEXT.asItWas({ model: model.name }) : TEXT.squeezed({ model: model.name, recipe: recipeText(recipe, catalog) });
}

/** Method and strength in words. */
export function recipeText(recipe: Recipe, catalog: Catalog): string {
  const parameters = chainParameters(findChain(catalog, recipe.method));
  const told = parameters.filter(({ name, default: usual }, place) => place < SHOWN_AT_ONCE || recipe.settings[name] !== usual);
  return TEXT.recipe({ method: chainTitle(catalog, recipe.method), settings: settingsText(told, recipe.settings) });
}

export function settingsText(parameters: Parameter[], settings: Settings): string {
  const told = parameters
    .filter(({ name }) => settings[name] !== undefined)
    .map((parameter) => {
      const value = settings[parameter.name];
      const title = parameter.title.toLowerCase();
      if (parameter.kind === 'toggle') return value === true ? title : TEXT.isNot({ title });
      const option = parameter.kind === 'choice' ? parameter.options.find((each) => each.value === value)?.title : undefined;
      return TEXT.setting({ title, value: option ?? String(value) });
    });
  return numbers.row(told);
}
