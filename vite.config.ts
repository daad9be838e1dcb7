import { defineConfig } from 'vite';
import { documents } from './scripts/documents.mjs';
import { policy } from './scripts/policy.mjs';
import { shapes } from './scripts/shapes.mjs';
import { still } from './scripts/still.mjs';
import { texts } from './scripts/texts.mjs';
import { VitePWA } from 'vite-plugin-pwa';

/** What the service worker keeps from the first visit on. */
const offline = VitePWA({
  manifest: false,
  registerType: 'prompt',
  strategies: 'injectManifest',
  srcDir: 'www',
  filename: 'sw.ts',
  injectManifest: {
    globPatterns: ['**/*.{html,js,css,wasm,json,safetensors}'],
    globIgnores: ['docs/!(limits|method).html', '**/classifier*', 'room/**', '**/pressure_test_gpu*', '**/stage*', 'sw.js'], // the other documents are for those who build on it
    maximumFileSizeToCacheInBytes: 20e6,
    // The page is kept under the address that it was opened by.
    manifestTransforms: [(entries) => ({ manifest: entries.map((entry) => (entry.url === 'index.html' ? { ...entry, url: './' } : entry)) })],
  },
});

export default defineConfig({
  base: './', // the page works under any path
  publicDir: 'www/public',
  plugins: [texts(), documents(), shapes(), still(), policy(), offline],
  worker: { format: 'es' },
  build: { target: 'es2022' },
});
