// What of the files that a reader drops or chooses is a model, or several to choose from, and what is none of it.
import { ggufModels } from './hub/gguf';
import { numbers as TEXT } from './text';

/** One model among the files: a folder as Hugging Face has it, or a GGUF file in one part or several. */
export interface Candidate {
  name: string;
  files: File[];
  /** Of its weights. */
  bytes: number;
}

export interface Sorted {
  candidates: Candidate[];
  /** Names of files that no candidate takes. */
  others: string[];
}

const WEIGHTS = /\.safetensors$/i;
/** What a folder has beside its weights. */
const BESIDE = /^((adapter_)?config\.json|generation_config\.json|tokenizer\.(json|model)|tokenizer_config\.json|quant(ize)?_config\.json|chat_template\.jinja|.*\.safetensors\.index\.json)$/;
/** Weights in forms that the engine names when it refuses them. */
const REFUSED = /\.(bin|pt|pth|ckpt|h5|msgpack|onnx|npz)$/i;

export function sortFiles(files: File[]): Sorted {
  const unique = files.filter((file, place) => files.findIndex((each) => each.name === file.name) === place);
  const named = (pattern: RegExp): File[] => unique.filter(({ name }) => pattern.test(name));
  const [weights, beside] = [named(WEIGHTS), named(BESIDE)];
  const models = ggufModels(unique.map(({ name }) => name));
  const candidates = models.map(({ name, files }) => candidate(name, unique.filter((file) => files.includes(file.name)), beside));
  if (weights.length > 0) candidates.unshift(candidate(listNames(weights.map(({ name }) => name), 1), weights, beside));
  // Without weights that are read, the engine says what is missing, or which form it does not read.
  if (candidates.length === 0 && beside.length > 0) candidates.push(candidate('config.json', named(REFUSED), beside));
  const taken = new Set(candidates.flatMap((each) => each.files));
  return { candidates, others: files.filter((file) => !taken.has(file)).map(({ name }) => name) };
}

function candidate(name: string, weights: File[], beside: File[]): Candidate {
  return { name, files: [...weights, ...beside], bytes: weights.reduce((sum, file) => sum + file.size, 0) };
}

/** Names in a sentence, the first few of many. */
export function listNames(names: string[], most = 5): string {
  return TEXT.more(names, most);
}
