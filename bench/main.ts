import process from 'node:process';
import { bench } from './bench.js';
import { measureBoot } from './boot.js';
import { measureClassify } from './classify.js';
import { measureQueue } from './queue.js';
import { measureReport } from './report.js';
import { measureRepro } from './repro.js';
import { measureRestore } from './restore.js';
import { measureThroughput } from './throughput.js';

process.exitCode = await bench(process.argv.slice(2), {
  boot: ({ kernels, runs }) => measureBoot(kernels, runs),
  restore: ({ kernels, runs }) => measureRestore(kernels, 2 * runs),
  throughput: ({ kernels, runs, rival }) => measureThroughput(kernels, 8 * runs, rival),
  repro: ({ runs }) => measureRepro(4 * runs),
  classify: () => measureClassify(),
  queue: () => measureQueue([100, 10_000, 100_000]),
  report: () => measureReport(100_000, 3),
});
