import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { execa } from 'execa';
import { projectRoot } from '../harness/host/project.js';
import { median } from '../harness/statistics/quantile.js';
import type { Measure } from './measure.js';

const ways = [
  { arm: 'poisoned', boot: 'template', seconds: 2, share: 1 },
  { arm: 'stock', boot: 'template', seconds: 5, share: 0.95 },
  { arm: 'poisoned', boot: 'cold', seconds: 5, share: 1 },
  { arm: 'stock', boot: 'cold', seconds: 10, share: 0.95 },
] as const;

/**
 * Seconds of `kmatrix repro 407` as a process, from its command to its printed report, and the share of runs that
 * reproduced it, on the kernel that it takes by itself. None where the cache has no kernel with the bug.
 */
export async function measureRepro(runs: number): Promise<Measure[]> {
  const measures: Measure[] = [];
  for (const { arm, boot, seconds, share } of ways) {
    // the first makes guest, image and template, if they aren't there
    const { kernel } = await reproduced(arm, boot);
    if (kernel === undefined) {
      process.stderr.write(`repro, ${arm}, ${boot}, is left out: no kernel with #407 is in the cache\n`);
      continue;
    }
    const times: number[] = [];
    let came = 0;
    for (let run = 0; run < runs; run++) {
      const one = await reproduced(arm, boot);
      if (one.exitCode === 0) came++;
      times.push(one.seconds);
    }
    const name = `repro 407, ${arm}, ${boot}, ${kernel}`;
    measures.push(
      { name, unit: 's', value: median(times), target: { kind: 'at most', ratio: seconds } },
      { name: 'slowest', unit: 's', value: Math.max(...times) },
      {
        name: `reproduced, of ${runs}`,
        unit: '',
        value: came / runs,
        target: { kind: 'at least', ratio: share },
      },
    );
  }
  return measures;
}

interface Reproduced {
  readonly seconds: number;
  readonly exitCode: number | undefined;
  /** That it took by itself; undefined where there is none. */
  readonly kernel: string | undefined;
}

async function reproduced(arm: string, boot: string): Promise<Reproduced> {
  const out = await mkdtemp(join(tmpdir(), 'kmatrix-bench-'));
  try {
    const words = ['repro', '407', '--arm', arm, '--start', boot, '--offline', '--out', out, '--json'];
    const began = performance.now();
    const { exitCode, stdout, stderr } = await execa(process.execPath, [script, ...words], { reject: false });
    const seconds = (performance.now() - began) / 1000;
    if (exitCode === 3 && stderr.includes('no kernel that has'))
      return { seconds, exitCode, kernel: undefined };
    // anything but an answer is no measurement
    if (exitCode !== 0 && exitCode !== 1)
      throw new Error(`repro 407 --arm ${arm}: exit ${exitCode}: ${stderr}`);
    return { seconds, exitCode, kernel: JSON.parse(stdout).kernels[0].kernel };
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}

const script = join(projectRoot, 'dist', 'harness', 'cli', 'main.js');
