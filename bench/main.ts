import process from 'node:process';
import { parseArgs } from 'node:util';
import { measureBoot } from './boot.js';
import { measureClassify } from './classify.js';
import { isMet, type Measure, ratioOf } from './measure.js';
import { measureQueue } from './queue.js';
import { measureReport } from './report.js';
import { measureRepro } from './repro.js';
import { measureRestore } from './restore.js';
import { measureThroughput } from './throughput.js';

const help = `npm run bench -- [--json] [--runs N] [--kernel ID]... [--rival COMMAND]
               [--only boot,restore,throughput,repro,classify,queue,report]

Measures kmatrix on this host, each figure beside what it is held against, in one run. Kernels must be in the cache.

  npm run bench
  npm run bench -- --kernel vanilla-3.2 --only boot --runs 9
  npm run bench -- --only throughput --rival 'vng --run bzImage -- true'    another runner's cold boots
`;

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    runs: { type: 'string', default: '5' },
    kernel: { type: 'string', multiple: true, default: ['debian-6.1-cloud'] },
    only: { type: 'string', default: 'boot,restore,throughput,repro,classify,queue,report' },
    rival: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const runs = Number(values.runs);
if (values.help) process.stdout.write(help);
else if (!Number.isSafeInteger(runs) || runs < 1) {
  process.stderr.write(`bench: --runs takes a whole number from 1, not ${values.runs}\n`);
  process.exitCode = 2;
} else await bench();

async function bench(): Promise<void> {
  const measures: Measure[] = [];
  // a person sees each as it comes: all of them take a quarter of an hour
  for await (const measure of measured()) {
    measures.push(measure);
    if (!values.json) process.stdout.write(`${line(measure)}\n`);
  }
  if (!values.json) return;
  const document = measures.map((measure) => ({
    ...measure,
    ratio: ratioOf(measure),
    met: isMet(measure),
  }));
  process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
}

async function* measured(): AsyncGenerator<Measure> {
  const only = values.only.split(',');
  const { kernel: kernels, rival } = values;
  if (only.includes('boot')) yield* await measureBoot(kernels, runs);
  if (only.includes('restore')) yield* await measureRestore(kernels, 2 * runs);
  if (only.includes('throughput')) yield* measureThroughput(kernels, 8 * runs, rival);
  if (only.includes('repro')) yield* await measureRepro(4 * runs);
  if (only.includes('classify')) yield* measureClassify();
  if (only.includes('queue')) yield* await measureQueue([100, 10_000, 100_000]);
  if (only.includes('report')) yield* await measureReport(100_000, 3);
}

function line(measure: Measure): string {
  const { name, unit, value, other, target } = measure;
  const against =
    other === undefined
      ? ''
      : `, ${other.name} ${other.value.toFixed(2)} ${unit}: ratio ${ratioOf(measure).toFixed(2)}`;
  const goal =
    target === undefined ? '' : ` (${target.kind} ${target.ratio}: ${isMet(measure) ? 'met' : 'MISSED'})`;
  return `${name.padEnd(40)} ${value.toFixed(2)} ${unit}${against}${goal}`;
}
