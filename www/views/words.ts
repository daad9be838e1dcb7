// Which words two texts do not share.

/** A stretch of a text; `isShared`: the other has it too, in the same order. */
export interface Stretch {
  text: string;
  isShared: boolean;
}

/** So many words are compared. */
const MOST = 400;
/** Where less is shared, marking what is not says nothing. */
const LEAST_SHARED = 0.25;

/** Both texts in stretches; null where they have next to nothing in common, or are too long to compare. */
export function compareWords(one: string, other: string): [Stretch[], Stretch[]] | null {
  const [a, b] = [split(one), split(other)];
  if (Math.max(a.length, b.length) > MOST) return null;
  // The longest common subsequence, from the end.
  const length = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) length[i]![j] = a[i]!.word === b[j]!.word ? length[i + 1]![j + 1]! + 1 : Math.max(length[i + 1]![j]!, length[i]![j + 1]!);
  }
  if (length[0]![0]! < LEAST_SHARED * Math.max(a.length, b.length)) return null;
  const [inA, inB] = [new Set<number>(), new Set<number>()];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i]!.word === b[j]!.word) {
      inA.add(i++);
      inB.add(j++);
    } else if (length[i + 1]![j]! >= length[i]![j + 1]!) i += 1;
    else j += 1;
  }
  return [join(a, inA), join(b, inB)];
}

/** Words, each with the space behind it. */
function split(text: string): { word: string; text: string }[] {
  return [...text.matchAll(/\s*(\S+)\s*/g)].map(([text, word]) => ({ word: word!, text }));
}

function join(words: { text: string }[], shared: Set<number>): Stretch[] {
  const stretches: Stretch[] = [];
  words.forEach(({ text }, place) => {
    const [last, isShared] = [stretches.at(-1), shared.has(place)];
    if (last?.isShared === isShared) last.text += text;
    else stretches.push({ text, isShared });
  });
  return stretches;
}
