// What a language asks of its sentences: forms of plurals, and lists.
import { LANGUAGE, LISTS } from '../text';

/** Forms by the number that they are for; `other` where a language has no form of its own. */
export type Forms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };

let rules: Intl.PluralRules | null = null;
let joined: Intl.ListFormat | null = null;
let inRow: Intl.ListFormat | null = null;

/** The form for so many. */
export function plural(count: number, forms: Forms): string {
  rules ??= new Intl.PluralRules(LANGUAGE);
  return forms[rules.select(count)] ?? forms.other;
}

/** "one, two and three". */
export function list(parts: string[]): string {
  joined ??= new Intl.ListFormat(LISTS, { type: 'conjunction' });
  return joined.format(parts);
}

/** "one, two, three". */
export function row(parts: string[]): string {
  inRow ??= new Intl.ListFormat(LISTS, { type: 'unit' });
  return inRow.format(parts);
}

/** Puts a piece of a sentence into an element. */
export type Wrap = (text: string) => unknown;

/** A sentence with elements in it, as a template takes it: its pieces in order. */
export function phrase(words: TemplateStringsArray, ...pieces: unknown[]): unknown[] {
  return words.flatMap((word, i) => (i < pieces.length ? [word, pieces[i]] : [word]));
}
