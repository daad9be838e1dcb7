// Usage: node scripts/published.mjs FILE
// Takes what the page shows of the published figures of Decoding Compressed Trust (Hong et al., ICML 2024, arXiv:2403.15447,
// CC BY-SA 4.0): the models of 13 billion parameters, their scores, and MMLU. FILE is the table that the authors released.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const MODELS = { 'LLAMA2 13b': 'Llama 2 13B', 'LLAMA2 13b Chat': 'Llama 2 13B Chat', 'Vicuna 13b Chat': 'Vicuna 13B' };
const METHODS = { none: null, AWQ: 'awq', GPTQ: 'gptq', mag: 'magnitude', sparsegpt: 'sparsegpt', wanda: 'wanda' };
const COLUMNS = {
  stereotype: 'Stereotype',
  privacy: 'Privacy',
  toxicity: 'Toxicity',
  fairness: 'Fairness',
  adversarial_robustness: 'AdvGLUE++',
  ood_robustness: 'OOD',
  adversarial_demonstrations: 'Adv Demo',
  machine_ethics: 'Ethics',
  multiple_choice: 'MMLU',
};

const [file] = process.argv.slice(2);
if (!file) throw new Error('say where the table is');
const [head, ...lines] = (await readFile(file, 'utf8')).trim().split(/\r?\n/).map((line) => line.split(','));
const rows = lines.map((line) => Object.fromEntries(head.map((name, i) => [name, line[i]])));
const figures = rows
  .filter((row) => MODELS[row['Base Model']])
  .map((row) => {
    const method = METHODS[row['Method Subtype']];
    const pattern = /@0\.5_(\d)to(\d)/.exec(row.Model);
    const strength = method === null ? null : pattern ? `${pattern[1]}:${pattern[2]}` : Number(row['Sparsity/bits']);
    const values = Object.fromEntries(Object.entries(COLUMNS).map(([name, column]) => [name, Number(row[column])]));
    return { model: MODELS[row['Base Model']], method, strength, values };
  });
const path = fileURLToPath(new URL('../www/published/figures.json', import.meta.url));
await writeFile(path, `[\n${figures.map((each) => JSON.stringify(each)).join(',\n')}\n]\n`);
