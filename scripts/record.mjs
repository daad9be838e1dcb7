// Usage: node scripts/record.mjs [--device TEXT] REPORT.json…
// Makes www/dial/recorded.json, which readers see before anything has run on their own device, of reports of the command
// line: one for each stop of each curve, by a sample of any size. TEXT says in a few words on what they were made; where it
// is missing, this machine is named. A report that is no stop of a curve, or of another model than the others, is refused.
import { readFile, stat, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runnerImport } from 'vite';

const path = (name) => fileURLToPath(new URL(`../www/${name}`, import.meta.url));

/** What the dial keeps of reports; `date`: of the newest. */
export async function record(files, device) {
  const { module: dial } = await runnerImport(path('dial/curves.ts'), { configFile: false, logLevel: 'error' });
  const core = await import(path('pkg/pressure_test.js'));
  core.initSync({ module: await readFile(path('pkg/pressure_test_bg.wasm')) });
  const catalog = core.catalog();
  let model = null;
  let newest = 0;
  const curves = {};
  for (const file of files) {
    const report = JSON.parse(await readFile(file, 'utf8')); // one at a time: they are large
    const found = report.complete ? dial.findStop(report.recipe, catalog) : null;
    if (!found) throw new Error(`${file} is no whole report of a stop of a curve, with everything but the sample as it is by default`);
    model ??= { name: report.model.name, hash: report.model.hash };
    if (report.model.hash !== model.hash) throw new Error(`${file} is about another model than the reports before it`);
    const { method } = found.curve;
    curves[method] = dial.withPoint(curves[method], dial.pointsOf(report, found.stop, catalog), report.engine.commit);
    newest = Math.max(newest, (await stat(file)).mtimeMs);
  }
  return JSON.parse(JSON.stringify({ model, device, date: new Date(newest).toISOString().slice(0, 10), curves }, (_, value) => (typeof value === 'number' ? Number(value.toFixed(4)) : value)));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values, positionals } = parseArgs({ options: { device: { type: 'string' } }, allowPositionals: true });
  if (positionals.length === 0) throw new Error('say which reports: node scripts/record.mjs [--device TEXT] REPORT.json…');
  const device = values.device ?? `${cpus().length} cores of an ${cpus()[0].model}, the command line, ${process.platform}`;
  await writeFile(path('dial/recorded.json'), `${JSON.stringify(await record(positionals, device))}\n`);
}
