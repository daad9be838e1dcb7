import { defineConfig } from 'vite';
import { documents } from './scripts/documents.mjs';
import { still } from './scripts/still.mjs';
import { VitePWA } from 'vite-plugin-pwa';

/** After the first visit the page opens offline: itself, the engine and the built-in model, and nothing from elsewhere. */
const offline = VitePWA({
  manifest: false,
  registerType: 'prompt', // a new version waits for the reader: the old page still needs its own workers
  workbox: {
    globPatterns: ['**/*.{html,js,css,wasm,json,safetensors}'],
    globIgnores: ['docs/!(limits|method).html'], // the others are for those who build on it
    maximumFileSizeToCacheInBytes: 20e6,
    navigateFallback: null,
  },
});

export default defineConfig({
  base: './', // the page works under any path
  publicDir: 'www/public',
  plugins: [documents(), still(), offline],
  worker: { format: 'es' },
  build: { target: 'es2022' },
});
