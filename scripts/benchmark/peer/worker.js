// Loads a model and times it, for index.html beside it.
import start, { Engine, SpeedModel } from '/pkg/pressure_test.js';

const started = start();
let model = null;

async function answer({ kind, blob, prompt, written }) {
  const { memory } = await started;
  if (kind === 'memory') return { wasm_bytes: memory.buffer.byteLength };
  if (kind === 'load') {
    model = SpeedModel.new(Engine.load('model', [{ name: 'model.gguf', blob }]), undefined, null);
    return null;
  }
  return model.measure({ texts: 1, prompt, written });
}

self.addEventListener('message', ({ data }) => {
  answer(data).then(
    (value) => self.postMessage({ id: data.id, value }),
    (reason) => self.postMessage({ id: data.id, problem: String(reason) }),
  );
});
