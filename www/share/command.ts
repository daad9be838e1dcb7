// A link as the line of the command line that does the same.
import { HUB, parseAddress } from '../hub/address';
import { RAW_HOST } from '../items';
import { readLink } from '../link';
import { PARTS, tablesOf } from '../store';
import { command as TEXT } from '../text';
import type { Catalog, Parameter } from '../types';

/** The parts of a recipe whose flags have more than their names before them. */
const PREFIX: Record<(typeof PARTS)[number], string> = { settings: '', calibration: 'calibration-', evaluation: '' };

/** `ranOn`: where the run computed that the link repeats, where there was one. What the line cannot say stands over it as comments. */
export function toCommand(link: string, catalog: Catalog, ranOn: 'cpu' | 'gpu' | null): string {
  const { values } = readLink(link);
  const method = values.get('method') ?? '';
  const { model, comments } = modelOf(values);
  const lines = [`pressure-test run --model ${quote(model)} --method ${quote(method)}`];
  const tables = tablesOf(catalog, method);
  for (const part of PARTS) {
    const flags = tables[part].flatMap((parameter) => flag(`${PREFIX[part]}${parameter.name}`, parameter, values.get(`${part}.${parameter.name}`)));
    if (flags.length > 0) lines.push(flags.join(' '));
  }
  const more: string[] = [];
  const probes = values.get('probes');
  if (probes) more.push(`--probes ${quote(probes)}`);
  if ((ranOn ?? values.get('backend')) === 'gpu') more.push('--backend gpu');
  const text = values.get('text');
  if (text !== undefined) {
    comments.push(TEXT.ownText({ name: text }));
    more.push(`--calibration ${quote(text)}`);
  }
  const source = values.get('evaluation.source');
  if (source === 'own' || source === 'decodingtrust') {
    const names = values.get('items');
    if (source === 'decodingtrust') comments.push(TEXT.authorsItems({ host: values.get('items_host') ?? RAW_HOST }));
    else comments.push(names === undefined ? TEXT.noItems : TEXT.ownItems({ names }));
    more.push('--data items');
  }
  const classifier = values.get('classifier');
  if (classifier !== undefined) {
    comments.push(TEXT.classifier({ name: classifier }));
    more.push('--classifier classifier');
  }
  if (values.has('workers')) comments.push(TEXT.workers);
  more.push('--json report.json');
  return [...comments.map(comment), [...lines, more.join(' ')].join(' \\\n  ')].join('\n');
}

/** Where the command line finds the model, and how it comes there. */
function modelOf(values: Map<string, string>): { model: string; comments: string[] } {
  const dropped = values.get('dropped');
  if (dropped !== undefined) return { model: asPath(dropped), comments: [TEXT.dropped({ name: dropped })] };
  const named = values.get('model');
  if (named === undefined) return { model: 'builtin', comments: [] };
  const hub = values.get('hub') ?? HUB;
  const address = parseAddress(named, hub);
  if (address.kind === 'folder') return { model: 'model', comments: [TEXT.folder({ address: address.url })] };
  const folder = address.repo.split('/').at(-1)!;
  const from = address.hub === HUB ? '' : `HF_ENDPOINT=${quote(address.hub)} `;
  return { model: asPath(folder), comments: [TEXT.first({ line: `${from}hf download ${quote(address.repo)} --revision ${quote(address.revision)} --local-dir ${quote(asPath(folder))}` })] };
}

function flag(name: string, { kind }: Parameter, value: string | undefined): string[] {
  if (value === undefined) return [];
  return [`--${name.replaceAll('_', '-')}${kind === 'toggle' ? '=' : ' '}${quote(value)}`];
}

/** A name that is no flag. */
function asPath(name: string): string {
  return name.startsWith('-') ? `./${name}` : name;
}

/** One word for a shell, whatever a link has in it. */
function quote(text: string): string {
  const plain = withoutControls(text);
  return /^[\w@%+=:,./-]+$/.test(plain) ? plain : `'${plain.replaceAll("'", `'\\''`)}'`;
}

/** One line, whatever a link has in it: what follows a line break would be a command. */
function comment(text: string): string {
  return `# ${withoutControls(text)}`;
}

function withoutControls(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');
}
