import { html, nothing } from 'lit';
import { load } from '../actions';
import { bytes, count } from '../format';
import { chosenSource } from '../source';
import type { State } from '../store';

/** The loaded model, and the ways to another one. */
export function modelPanel({ model, source, phase }: State): unknown {
  const busy = phase === 'running' || phase === 'loading';
  return html`
    <fieldset class="model" ?disabled=${busy}>
      <legend>Model</legend>
      ${model
        ? html`<p data-testid="model">
            <strong>${model.name}</strong>
            <span class="muted">${count(model.parameters)} parameters, ${model.layers} layers<br />${bytes(model.bytes)}, stored as ${model.storage}</span>
          </p>`
        : html`<p class="muted">${phase === 'error' ? 'No model is loaded.' : 'Loading…'}</p>`}
      <details>
        <summary>Use another model</summary>
        <p class="muted">
          A Llama-family model as Hugging Face saves it: a folder with config.json, model.safetensors and
          tokenizer.json.
        </p>
        <label for="address">Address of a folder</label>
        <div class="together">
          <input
            id="address"
            type="text"
            inputmode="url"
            autocomplete="off"
            spellcheck="false"
            placeholder="https://huggingface.co/owner/name"
            @keydown=${loadOnEnter}
          />
          <button type="button" data-testid="load" @click=${loadAddress}>Load</button>
        </div>
        <p class="drop">Drop a folder or its files anywhere on this page, or choose them:</p>
        <div class="together">
          <label class="button">Folder<input type="file" webkitdirectory @change=${loadFiles} /></label>
          <label class="button">Files<input type="file" multiple data-testid="files" @change=${loadFiles} /></label>
          ${source.kind === 'builtin'
            ? nothing
            : html`<button type="button" @click=${() => load({ kind: 'builtin' })}>Back to Pebble</button>`}
        </div>
      </details>
    </fieldset>
  `;
}

function loadAddress(): void {
  const url = document.querySelector<HTMLInputElement>('#address')?.value.trim();
  if (url) void load({ kind: 'url', url });
}

function loadOnEnter(event: KeyboardEvent): void {
  if (event.key !== 'Enter') return;
  event.preventDefault(); // Enter here means this address, not the form's button
  loadAddress();
}

function loadFiles(event: Event): void {
  const input = event.target as HTMLInputElement;
  if (input.files?.length) void load(chosenSource([...input.files]));
  input.value = ''; // so that choosing the same files again is a change
}
