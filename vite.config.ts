import { defineConfig } from 'vite';

export default defineConfig({
  base: './', // the page works under any path
  publicDir: 'www/public',
  worker: { format: 'es' },
  build: { target: 'es2022' },
});
