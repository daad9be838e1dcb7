// Compiles shaders with Chromium's WebGPU, whose compiler accepts other texts than naga's: every .wgsl file of the folders
// that are named, each alone, and with --pipelines a pipeline of each entry point (slow without a graphics card). Prints what
// it says of them; fails where that is an error.
//   SHADERS=FOLDER cargo test --release --locked --test gpu_product -- --ignored shaders::write
//   node scripts/gpu/shaders.mjs src/backend/gpu FOLDER
import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { START } from '../../tests/browser/browser.mjs';

const shaders = [];
const pipelines = process.argv.includes('--pipelines');
for (const folder of process.argv.slice(2).filter((argument) => argument !== '--pipelines')) {
  for (const name of (await readdir(folder)).filter((name) => name.endsWith('.wgsl'))) {
    shaders.push({ name: join(folder, name), code: await readFile(join(folder, name), 'utf8') });
  }
}
if (shaders.length === 0) {
  console.error('shaders.mjs: name folders with .wgsl files.');
  process.exit(2);
}

// Only a page of localhost or https has WebGPU.
const server = createServer((request, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<title>shaders</title>'));
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const browser = await chromium.launch({ ...START, args: [...START.args, '--enable-unsafe-webgpu'] });
const page = await browser.newPage();
await page.goto(`http://127.0.0.1:${server.address().port}/`);
const said = await page.evaluate(async ({ shaders, pipelines }) => {
  const adapter = await navigator.gpu?.requestAdapter();
  if (!adapter) return null;
  const device = await adapter.requestDevice();
  const said = [];
  for (const { name, code } of shaders) {
    device.pushErrorScope('validation');
    const module = device.createShaderModule({ code });
    const { messages } = await module.getCompilationInfo();
    for (const { type, message, lineNum, linePos } of messages) {
      said.push({ type, text: `${name}:${lineNum}:${linePos}: ${type}: ${message}` });
    }
    const entries = [...code.matchAll(/@compute[^{]*?\bfn\s+(\w+)/g)].map((match) => match[1]);
    if (entries.length === 0) said.push({ type: 'error', text: `${name}: has no entry point` });
    if (pipelines && !messages.some(({ type }) => type === 'error')) {
      for (const entryPoint of entries) device.createComputePipeline({ layout: 'auto', compute: { module, entryPoint } });
    }
    const error = await device.popErrorScope();
    if (error && messages.length === 0) said.push({ type: 'error', text: `${name}: ${error.message}` });
  }
  return said;
}, { shaders, pipelines });
await browser.close();
server.close();

if (said === null) {
  console.error('shaders.mjs: this Chromium has no WebGPU adapter.');
  process.exit(2);
}
for (const { text } of said) console.log(text);
const errors = said.filter(({ type }) => type === 'error').length;
console.log(`${shaders.length} shaders, ${errors} errors`);
process.exit(errors === 0 ? 0 : 1);
