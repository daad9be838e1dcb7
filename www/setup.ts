// What a link says of the page itself: what of it is fixed or hidden, and the steps of a lesson. The reader can leave it all.
import { setup as TEXT } from './text';
import { CURVES, stopText, type Curve } from './dial/curves';

/** What may be fixed or hidden, and what it is called in a sentence. */
export const PANELS = TEXT.panels;
/** What may be hidden alone. */
export const VIEWS = TEXT.views;

export type Panel = keyof typeof PANELS;
export type View = Panel | keyof typeof VIEWS;

/** A place of the dial, and what is said there; `stop`: null for the original. */
export interface LinkedStep {
  method: string;
  stop: number | null;
  says: string;
}

export interface Setup {
  fixed: Panel[];
  hidden: View[];
  steps: LinkedStep[];
}

export const NO_SETUP: Setup = { fixed: [], hidden: [], steps: [] };

export const MOST_STEPS = 20;
/** Characters of what a step says. */
export const LONGEST_STEP = 200;
/** What stands for the model as it was. */
const ORIGINAL = 'original';

const TITLES: Record<View, string> = { ...PANELS, ...VIEWS };

export function isSetUp({ fixed, hidden, steps }: Setup): boolean {
  return fixed.length + hidden.length + steps.length > 0;
}

/** Whether the reader cannot change it; of several, any of them. */
export function isFixed({ fixed, hidden }: Setup, ...panels: Panel[]): boolean {
  return panels.some((panel) => fixed.includes(panel) || hidden.includes(panel));
}

/** The keys and values of a setup in a link. */
export function setupKeys({ fixed, hidden, steps }: Setup): [string, string][] {
  const said = steps.map(({ method, stop, says }) => [method, stop ?? ORIGINAL, ...(says === '' ? [] : [says.replaceAll(';', ',')])].join(':'));
  const all: [string, string][] = [['fix', fixed.join(',')], ['hide', hidden.join(',')], ['steps', said.join(';')]];
  return all.filter(([, value]) => value !== '');
}

/** What a link says of it; `problems` is told what cannot be. */
export function readSetup(values: Map<string, string>, problems: string[], quoted: (text: string) => string): Setup {
  const names = <T extends View>(key: string, known: Partial<Record<View, string>>): T[] => {
    const asked = [...new Set(values.get(key)?.split(','))];
    for (const name of asked.filter((each) => !Object.hasOwn(known, each))) problems.push((key === 'fix' ? TEXT.cannotFix : TEXT.cannotHide)({ quoted: quoted(`${key}=${name}`) }));
    return asked.filter((name): name is T => Object.hasOwn(known, name));
  };
  const asked = values.get('steps')?.split(';') ?? [];
  if (asked.length > MOST_STEPS) problems.push(TEXT.manySteps({ asked: asked.length, most: MOST_STEPS }));
  const steps = asked.slice(0, MOST_STEPS).flatMap((text) => {
    const step = readStep(text);
    if (step === null) problems.push(TEXT.noStep({ quoted: quoted(text) }));
    return step ?? [];
  });
  return { fixed: names('fix', PANELS), hidden: names('hide', TITLES), steps };
}

function readStep(text: string): LinkedStep | null {
  const [method, place, ...says] = text.split(':');
  const curve = CURVES.find((each) => each.method === method);
  const stop = place === ORIGINAL ? null : curve?.stops.find((each) => String(each) === place);
  return curve && stop !== undefined ? { method: curve.method, stop, says: says.join(':').slice(0, LONGEST_STEP) } : null;
}

/** "Fewer bits: rounding, 4 bits". */
export function stepTitle({ method, stop }: LinkedStep): string {
  const curve = CURVES.find((each) => each.method === method) as Curve;
  return TEXT.step({ curve: curve.title, stop: stopText(curve, stop) });
}

/** What a setup does, in a sentence for each. */
export function told({ fixed, hidden }: Setup): string {
  const list = (names: View[]): { parts: string[] } => ({ parts: names.map((name) => TITLES[name]) });
  return [fixed.length > 0 ? TEXT.fixed(list(fixed)) : '', hidden.length > 0 ? TEXT.hidden(list(hidden)) : ''].filter(Boolean).join(' ');
}
