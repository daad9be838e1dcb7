// The picture of a report as a file of its own: what happened, the scores, and what it is about.
import { html, render, svg, type TemplateResult } from 'lit';
import { drawScores } from '../views/chart';
import { subject } from '../views/titles';
import { summary } from '../views/summary';
import { picture as TEXT, share } from '../text';
import type { Catalog, Report } from '../types';

/** Lengths in pixels; the scores have an edge of their own. */
const [WIDTH, EDGE, LINE, OWN] = [960, 32, 22, 14];
/** Pixels of a PNG for each. */
const SHARP = 2;
/** What styles say of a shape, written into it: other programs read no styles of this page. */
const WRITTEN = ['fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'paint-order', 'font-weight', 'font-size'];

/** SVG, dark on light whatever the page looks like; null where no score is in points. */
export function toSvg(report: Report, catalog: Catalog): string | null {
  const scores = drawScores(report, WIDTH - 2 * (EDGE - OWN), 1);
  if (scores === null) return null;
  const paper = document.createElement('figure');
  paper.className = 'on-paper';
  document.body.append(paper); // for its styles; nothing is painted in between
  try {
    render(sheet(report, catalog, scores), paper);
    const [whole, inner] = paper.querySelectorAll('svg');
    const [top, left] = [Number(whole!.dataset['top']), EDGE - OWN];
    inner!.setAttribute('x', String(left));
    inner!.setAttribute('y', String(top));
    const height = top + Number(inner!.getAttribute('height')) + place(whole!, top + Number(inner!.getAttribute('height')));
    for (const [name, value] of Object.entries({ width: WIDTH, height, viewBox: `0 0 ${WIDTH} ${height}` })) whole!.setAttribute(name, String(value));
    return written(whole!);
  } finally {
    paper.remove();
  }
}

/** The same as a PNG. */
export async function toPng(drawn: string): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(drawn)}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [SHARP * image.naturalWidth, SHARP * image.naturalHeight];
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error(share.noPicture))), 'image/png'));
}

function sheet(report: Report, catalog: Catalog, scores: TemplateResult): TemplateResult {
  const title = wrap(subject(report, catalog), '600 20px');
  const said = wrap(summary(report, catalog), '16px');
  const first = EDGE + 20;
  const second = first + title.length * (LINE + 4) + 4;
  const keys = second + said.length * LINE + 14;
  return html`<svg xmlns="http://www.w3.org/2000/svg" font-family="system-ui, sans-serif" font-size="13" data-top=${keys + 16}>
    ${svg`<rect class="paper" width="100%" height="100%" />
      ${title.map((line, i) => svg`<text x=${EDGE} y=${first + i * (LINE + 4)} font-size="20" font-weight="600">${line}</text>`)}
      ${said.map((line, i) => svg`<text x=${EDGE} y=${second + i * LINE} font-size="16">${line}</text>`)}
      ${legend(keys, report)}`}
    ${scores}
    ${svg`${wrap(provenance(report), '12px').map((line) => svg`<text class="foot muted" x=${EDGE} font-size="12">${line}</text>`)}`}
  </svg>`;
}

/** Puts the last lines beneath the scores, and says what room they take. */
function place(whole: SVGSVGElement, bottom: number): number {
  const lines = [...whole.querySelectorAll('.foot')];
  lines.forEach((line, i) => line.setAttribute('y', String(bottom + 24 + i * 17)));
  return 24 + lines.length * 17 + EDGE / 2;
}

/** What stands for what. */
function legend(y: number, { spread }: Report): unknown {
  const keys: [shape: unknown, text: string][] = [
    [svg`<circle class="before" cx="6" cy="-4" r="6" stroke-width="2.5" />`, TEXT.before],
    [svg`<circle class="after" cx="6" cy="-4" r="6.5" />`, TEXT.after],
    [svg`<line class="chance" x1="6" x2="6" y1="-13" y2="4" stroke-width="1.5" />`, TEXT.chance],
    [svg`<path class="ability" d="M0 -4L6 -10L12 -4L6 2Z" />`, TEXT.ability],
    ...(spread ? ([[svg`<line class="seed" x1="6" x2="6" y1="-12" y2="2" stroke-width="2" />`, TEXT.seeds]] satisfies [unknown, string][]) : []),
  ];
  let x = EDGE;
  return keys.map(([shape, text]) => {
    const at = x;
    x += 20 + widthOf(text, '13px') + 24;
    return svg`<g transform="translate(${at} ${y})">${shape}<text x="20">${text}</text></g>`;
  });
}

function provenance({ model, engine, data, complete }: Report): string {
  const items = [...new Set(data.map(({ source }) => source))];
  const program = { program: `${engine.name} ${engine.version}`, target: engine.target };
  return [
    complete ? TEXT.scores : TEXT.scoresSoFar,
    TEXT.holds({ model: model.name, hash: model.hash.slice(0, 8), items }),
    engine.commit ? TEXT.programAt({ ...program, commit: engine.commit.slice(0, 8) }) : TEXT.program(program),
  ].join(' ');
}

/** Lines that fit beside one another's edges. */
function wrap(text: string, font: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ').filter(Boolean)) {
    const longer = lines.length > 0 ? `${lines.at(-1)} ${word}` : word;
    if (lines.length > 0 && widthOf(longer, font) <= WIDTH - 2 * EDGE) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

let ruler: CanvasRenderingContext2D | null = null;

/** With some room for other programs' letters. */
function widthOf(text: string, font: string): number {
  ruler ??= document.createElement('canvas').getContext('2d');
  if (ruler === null) return text.length * 8;
  ruler.font = `${font} system-ui, sans-serif`;
  return 1.06 * ruler.measureText(text).width;
}

/** A drawing as text, with everything in it that styles of this page said. */
function written(drawing: SVGSVGElement): string {
  const comments = document.createTreeWalker(drawing, NodeFilter.SHOW_COMMENT);
  const gone: Node[] = [];
  while (comments.nextNode()) gone.push(comments.currentNode);
  for (const shape of drawing.querySelectorAll('*')) {
    const style = getComputedStyle(shape);
    for (const name of WRITTEN) {
      const value = style.getPropertyValue(name);
      if (value !== '' && value !== 'normal' && !(value === 'none' && name !== 'fill')) shape.setAttribute(name, value);
    }
  }
  for (const shape of drawing.querySelectorAll('[class]')) shape.removeAttribute('class');
  for (const node of gone) node.parentNode?.removeChild(node);
  drawing.removeAttribute('data-top');
  return new XMLSerializer().serializeToString(drawing);
}
