// Models that are worth a try here: small, public, and of families that this page knows.
import { curated as TEXT, forms, licences } from '../text';

/** One way in which a model is given. */
export interface Form {
  repo: string;
  kind: 'base' | 'chat';
  /** Whether its repository has GGUF files to choose from. */
  isGguf: boolean;
  /** About what its weights take; null where the reader chooses among files. The exact size is asked for before a download. */
  bytes: number | null;
}

export interface Curated {
  title: string;
  /** From the authors' model cards. */
  parameters: number;
  licence: string;
  /** What it is good for, in one sentence. */
  good: string;
  forms: Form[];
}

const base = (repo: string, bytes: number): Form => ({ repo, kind: 'base', isGguf: false, bytes });
const chat = (repo: string, bytes: number): Form => ({ repo, kind: 'chat', isGguf: false, bytes });
const gguf = (repo: string): Form => ({ repo, kind: 'chat', isGguf: true, bytes: null });

const APACHE = 'Apache 2.0';

export const CURATED: Curated[] = [
  {
    title: 'Pythia 70M',
    parameters: 70e6,
    licence: APACHE,
    good: TEXT['Pythia 70M'],
    forms: [base('EleutherAI/pythia-70m', 166e6)],
  },
  {
    title: 'SmolLM2 135M',
    parameters: 135e6,
    licence: APACHE,
    good: TEXT['SmolLM2 135M'],
    forms: [base('HuggingFaceTB/SmolLM2-135M', 269e6), chat('HuggingFaceTB/SmolLM2-135M-Instruct', 269e6), gguf('bartowski/SmolLM2-135M-Instruct-GGUF')],
  },
  {
    title: 'Pythia 160M',
    parameters: 162e6,
    licence: APACHE,
    good: TEXT['Pythia 160M'],
    forms: [base('EleutherAI/pythia-160m', 375e6)],
  },
  {
    title: 'GPT-2 (2019)',
    parameters: 124e6,
    licence: 'MIT',
    good: TEXT['GPT-2 (2019)'],
    forms: [base('openai-community/gpt2', 548e6)],
  },
  {
    title: 'Gemma 3 270M',
    parameters: 268e6,
    licence: licences.gemma,
    good: TEXT['Gemma 3 270M'],
    forms: [gguf('ggml-org/gemma-3-270m-it-GGUF')],
  },
  {
    title: 'SmolLM2 360M',
    parameters: 362e6,
    licence: APACHE,
    good: TEXT['SmolLM2 360M'],
    forms: [base('HuggingFaceTB/SmolLM2-360M', 724e6), chat('HuggingFaceTB/SmolLM2-360M-Instruct', 724e6), gguf('HuggingFaceTB/SmolLM2-360M-Instruct-GGUF')],
  },
  {
    title: 'Pythia 410M',
    parameters: 405e6,
    licence: APACHE,
    good: TEXT['Pythia 410M'],
    forms: [base('EleutherAI/pythia-410m', 911e6)],
  },
  {
    title: 'Qwen2.5 0.5B',
    parameters: 494e6,
    licence: APACHE,
    good: TEXT['Qwen2.5 0.5B'],
    forms: [base('Qwen/Qwen2.5-0.5B', 988e6), chat('Qwen/Qwen2.5-0.5B-Instruct', 988e6), gguf('Qwen/Qwen2.5-0.5B-Instruct-GGUF')],
  },
  {
    title: 'Qwen3 0.6B',
    parameters: 596e6,
    licence: APACHE,
    good: TEXT['Qwen3 0.6B'],
    forms: [base('Qwen/Qwen3-0.6B-Base', 1192e6), chat('Qwen/Qwen3-0.6B', 1503e6), gguf('Qwen/Qwen3-0.6B-GGUF')],
  },
  {
    title: 'TinyLlama 1.1B',
    parameters: 1100e6,
    licence: APACHE,
    good: TEXT['TinyLlama 1.1B'],
    forms: [chat('TinyLlama/TinyLlama-1.1B-Chat-v1.0', 2200e6), gguf('TheBloke/TinyLlama-1.1B-Chat-v1.0-GGUF')],
  },
  {
    title: 'Llama 3.2 1B',
    parameters: 1236e6,
    licence: licences.llama,
    good: TEXT['Llama 3.2 1B'],
    forms: [gguf('bartowski/Llama-3.2-1B-Instruct-GGUF')],
  },
];

/** What a form is called beside its model. */
export function formTitle({ kind, isGguf }: Pick<Form, 'kind' | 'isGguf'>): string {
  return isGguf ? forms.gguf : forms[kind];
}
