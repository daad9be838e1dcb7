// Models that are worth a try here: small, public, and of families that this page knows.

export interface Curated {
  repo: string;
  title: string;
  /** What kind of model it is, in a few words. */
  note: string;
  /** Parameters, from the authors' model cards. */
  parameters: number;
  /** About what its weights take, in bytes; the exact size is asked for before a download. */
  bytes: number;
}

export const CURATED: Curated[] = [
  { repo: 'EleutherAI/pythia-70m', title: 'Pythia 70M', note: 'base', parameters: 70e6, bytes: 166e6 },
  { repo: 'HuggingFaceTB/SmolLM2-135M', title: 'SmolLM2 135M', note: 'base', parameters: 135e6, bytes: 269e6 },
  { repo: 'HuggingFaceTB/SmolLM2-135M-Instruct', title: 'SmolLM2 135M Instruct', note: 'chat', parameters: 135e6, bytes: 269e6 },
  { repo: 'EleutherAI/pythia-160m', title: 'Pythia 160M', note: 'base', parameters: 162e6, bytes: 375e6 },
  { repo: 'openai-community/gpt2', title: 'GPT-2 (2019)', note: '124M, base', parameters: 124e6, bytes: 548e6 },
  { repo: 'HuggingFaceTB/SmolLM2-360M', title: 'SmolLM2 360M', note: 'base', parameters: 362e6, bytes: 724e6 },
  { repo: 'HuggingFaceTB/SmolLM2-360M-Instruct', title: 'SmolLM2 360M Instruct', note: 'chat', parameters: 362e6, bytes: 724e6 },
  { repo: 'EleutherAI/pythia-410m', title: 'Pythia 410M', note: 'base', parameters: 405e6, bytes: 911e6 },
  { repo: 'Qwen/Qwen2.5-0.5B-Instruct', title: 'Qwen2.5 0.5B Instruct', note: 'chat', parameters: 494e6, bytes: 988e6 },
  { repo: 'Qwen/Qwen3-0.6B', title: 'Qwen3 0.6B', note: 'chat', parameters: 596e6, bytes: 1503e6 },
  { repo: 'TinyLlama/TinyLlama-1.1B-Chat-v1.0', title: 'TinyLlama 1.1B Chat', note: 'chat', parameters: 1100e6, bytes: 2200e6 },
];
