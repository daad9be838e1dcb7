// What the built page lets a browser do: its own scripts and styles, none written into it, and WebAssembly. Models and items
// come from where the reader says, a computer in the room among them.
export const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self' https: http:",
  "worker-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** For a page's head, before anything that it is about. */
export const META = `<meta http-equiv="Content-Security-Policy" content="${POLICY}">`;

/** For Vite; while developing, styles are written into the page. */
export function policy() {
  return {
    name: 'policy',
    apply: 'build',
    transformIndexHtml: { order: 'post', handler: (html) => html.replace(/<meta charset="utf-8" \/>/, (charset) => `${charset}\n    ${META}`) },
  };
}
