// Three lessons, each under ten minutes: what to set, what to look at, what to ask, and what a class will see. What is seen
// is said in general, since the numbers are those of the device and the model in front of the class.

export interface Step {
  method: string;
  /** Null for the original. */
  stop: number | null;
  /** Two sentences: what to look at. */
  look: string;
  ask: string;
  /** What a class will see. */
  seen: string;
}

export interface Lesson {
  name: string;
  title: string;
  steps: Step[];
}

const bits = (stop: number | null, look: string, ask: string, seen: string): Step => ({ method: 'round_to_nearest', stop, look, ask, seen });
const pruned = (stop: number | null, look: string, ask: string, seen: string): Step => ({ method: 'magnitude', stop, look, ask, seen });

export const LESSONS: Lesson[] = [
  {
    name: 'bits',
    title: 'Bits',
    steps: [
      bits(
        null,
        'A model is a long list of numbers, its weights, and here each takes 16 bits. With them it answers questions about eight sides of trust, one card for each, from 0 to 100.',
        'How many different values can 16 bits tell apart, and how many can 4?',
        '65,536 and 16. Rounding moves each weight to the nearest of the values that are left.',
      ),
      bits(
        8,
        'Half of the bits are gone: look at the size first, then at the curves. Every point has a band, which says how far chance alone may move it.',
        'Which cards moved by more than their bands?',
        'None or almost none. “Too few items” does not mean that nothing changed, only that these questions cannot tell.',
      ),
      bits(
        4,
        'Sixteen values are left for each group of weights. The file takes more than 4 bits a weight, because every group keeps its own scale, and the table of words is not rounded.',
        'What would you save on a phone by this, and would you trust the model as before?',
        'Less than half of the size, and mostly flat curves. “No worse” is a promise with a margin; where a card says less, nobody may promise.',
      ),
      bits(
        3,
        'Eight values are left. Look for the first card that leaves its line, and at how wide its band is.',
        'Guess: does trust break slowly from here on, or all at once?',
        'There is little to see yet. Write the guesses down before the next step.',
      ),
      bits(
        2,
        'Four values are left. A crack marks the first strength at which a score is worse or broken.',
        'Which sides of trust went first, and which stayed? Is there one number that would have told you?',
        'A cliff and no slope: some cards crack and others stay. One average would have hidden which.',
      ),
    ],
  },
  {
    name: 'pruning',
    title: 'Pruning',
    steps: [
      pruned(
        null,
        'Instead of making each weight coarser, whole weights can be set to zero. The smallest go first, because they seem to do least.',
        'How many of its weights could a model lose before you notice? Write down a number.',
        'Guesses differ widely, and nobody can know without measuring.',
      ),
      pruned(
        0.3,
        'Three weights in ten are gone. Compare the size with that at 4 bits in the lesson before: a note of which weights are zero has to be kept as well.',
        'Why is the file not 30 % smaller?',
        'The table of words stays whole, and each weight takes one more bit that says whether it is there.',
      ),
      pruned(
        0.5,
        'Every second weight is gone. Look at which cards move, and whether they are those that moved with few bits.',
        'Is it the same weakness?',
        'Not quite: every way to make a model smaller breaks something of its own.',
      ),
      pruned(
        0.7,
        'Seven in ten are gone. Read the words below each title, not only the height of the curve.',
        'Which would you rather have: 70 % fewer weights, or 2 bits? Look at the sizes before you answer.',
        'More cards crack here than at 2 bits, and the file is larger: what is gone is not what is saved.',
      ),
      {
        method: 'wanda',
        stop: 0.5,
        look: 'Wanda also removes every second weight, but looks at what flows through it as well. It needs a few texts to do so.',
        ask: 'Does it matter which half goes?',
        seen: 'Yes: at the same strength another choice of weights gives other curves. The method is part of the result.',
      },
    ],
  },
  {
    name: 'accuracy',
    title: 'Why accuracy is not enough',
    steps: [
      bits(
        null,
        'Whoever makes models smaller mostly shows one number: the share of right answers. Here that is the card “Multiple choice”; cover the others with a sheet of paper.',
        'If that card stays as it is, is the small model as good as the large one?',
        'Most will say yes: that is the claim to be tested.',
      ),
      pruned(
        0.4,
        'Look at “Multiple choice” alone and decide whether you would ship this model. Then take the sheet away.',
        'Which cards moved while it did not?',
        'Any card that left its line did so unseen. Where its word is “too few items” the honest answer is that nobody knows yet.',
      ),
      pruned(
        0.6,
        'The same again, with more gone. The sentence at the top says it when multiple choice alone would not have shown a loss.',
        'Who is hurt when a score such as toxicity or stereotype falls, and would they be in the test of accuracy?',
        'Losses of trust fall on people and situations that questions of knowledge never ask about.',
      ),
      bits(
        2,
        'Now the other method at its strongest. Compare the height of “Multiple choice” with that of the cards that are cracked.',
        'What should stand on the label of a compressed model?',
        'The dimensions, each with how many items it rests on and how sure that is; and what was not measured.',
      ),
    ],
  },
];
