import process from 'node:process';
import { execa } from 'execa';
import PQueue from 'p-queue';
import { LocalContent } from '../harness/attempt/local-content.js';
import { LocalRunner } from '../harness/attempt/local-runner.js';
import { coresHere } from '../harness/host/cores.js';
import { projectRoot } from '../harness/host/project.js';
import { axisRows } from '../harness/matrix/axis-rows.js';
import { attemptKeys } from '../harness/matrix/expand.js';
import { loadMatrix } from '../harness/matrix/load.js';
import type { Cell } from '../harness/matrix/types.js';
import { capacity } from '../harness/run/capacity.js';
import { runMatrix } from '../harness/schedule/run-matrix.js';
import type { Start } from '../harness/templates/opened.js';
import { bareBoot } from './boot.js';
import { type BenchKernel, benchKernels } from './kernels.js';
import type { Measure } from './measure.js';

const never = new AbortController().signal;

/**
 * Attempts per minute, of one container each (lifecycle × 1), copied from a live template and restored from a saved one, at 1, 2 and 4
 * jobs and at as many as fill the cores, against bare QEMU booting the same kernel over and over, at as many jobs as cores or twice
 * as many, whichever is faster; the wall time against the ideal; and what an attempt costs this process. The template's own boot,
 * once per run, is left out.
 *
 * @param rival a shell command that boots a machine, runs `true` in it and ends: another cold-boot runner
 */
export async function* measureThroughput(
  kernels: readonly string[],
  attempts: number,
  rival?: string,
): AsyncGenerator<Measure> {
  const others: Other[] = [];
  if (rival !== undefined) {
    const value = await aMinute(() => rivalBoot(rival), rivalBoots);
    others.push({ name: rival, value, times: 50 });
  }
  const benched = await benchKernels(kernels);
  const [first] = benched;
  for (const bench of benched) {
    const bare = {
      name: 'bare boots',
      value: await aMinute(() => bareBoot(bench.spec), bareBoots),
      times: 15,
    };
    const unstable: string[] = [];
    const run = async (count: number, jobs: number | 'fill', start: Start = 'fork'): Promise<Took> => {
      const took = await attemptsOf(bench, count, { jobs, start });
      unstable.push(...took.unstable);
      return took;
    };
    if (bench === first) {
      // once per process: V8 compiles what a run of thousands then uses
      const warming = await run(attempts, 1);
      yield {
        name: `own CPU an attempt, the first ${attempts}`,
        unit: 'ms',
        value: (warming.cpu * 1000) / attempts,
      };
    }
    for (const jobs of [...new Set([1, 2, 4, coresHere()])].toSorted((a, b) => a - b)) {
      const { wall, guest, cpu, perMinute } = await run(attempts, jobs);
      yield {
        name: `lifecycle × 1, ${jobs} jobs, ${bench.row.id}`,
        unit: 'attempts/min',
        value: perMinute,
        other: { name: bare.name, value: bare.value },
      };
      if (jobs > coresHere()) continue;
      yield {
        name: `wall time, ${jobs} jobs`,
        unit: 's',
        value: wall,
        other: { name: 'sum of attempts / jobs', value: guest / jobs },
        target: { kind: 'at most', ratio: 1.1 },
      };
      yield {
        name: `own CPU an attempt, ${jobs} jobs`,
        unit: 'ms',
        value: (cpu * 1000) / attempts,
        target: { kind: 'at most', ratio: 10 },
      };
    }
    // as `kmatrix run` does by itself; it begins at as many jobs as cores, and adds one every second
    const { perMinute } = await run(4 * attempts, 'fill');
    const filled = capacity(undefined).spare === undefined ? `${coresHere()} jobs` : 'cores filled';
    for (const { name, value, times } of [bare, ...others]) {
      yield {
        name: `lifecycle × 1, ${filled}, ${bench.row.id}`,
        unit: 'attempts/min',
        value: perMinute,
        other: { name, value },
        target: { kind: 'at least', ratio: times },
      };
    }
    yield {
      name: `the same, restored, ${bench.row.id}`,
      unit: 'attempts/min',
      value: (await run(2 * attempts, 'fill', 'template')).perMinute,
      other: { name: bare.name, value: bare.value },
    };
    if (unstable.length > 0) {
      const why = [...new Set(unstable)].join('; ');
      yield { name: `not stable, ${bench.row.id} (${why})`, unit: 'attempts', value: unstable.length };
    }
  }
}

/** What attempts are held against: boots per minute, and how many times as many attempts there should be. */
interface Other {
  readonly name: string;
  readonly value: number;
  readonly times: number;
}

/**
 * How often in a minute something can be done, by as many at a time as there are cores, or by twice as many; once
 * beforehand, to warm up.
 *
 * @param times at least so often
 */
async function aMinute(once: () => Promise<unknown>, times: number): Promise<number> {
  await once();
  const rates = [await aMinuteBy(coresHere(), once, times), await aMinuteBy(2 * coresHere(), once, times)];
  return Math.max(...rates);
}

async function aMinuteBy(jobs: number, once: () => Promise<unknown>, times: number): Promise<number> {
  const began = performance.now();
  const queue = new PQueue({ concurrency: jobs });
  // whole waves, so that no core idles at the end
  const all = Math.ceil(times / jobs) * jobs;
  await queue.addAll(Array.from({ length: all }, () => once));
  return (60_000 * all) / (performance.now() - began);
}

const rivalBoot = (command: string): Promise<unknown> =>
  execa(command, { shell: true, stdin: 'ignore', stdout: 'ignore', stderr: 'inherit' });

const bareBoots = 12;
const rivalBoots = 6;

interface Took {
  /**
   * While there were more to start: those that had finished when the last was started, by the time until then. What is left
   * then runs out on idle cores, which a run of thousands doesn't notice.
   */
  readonly perMinute: number;
  /** Seconds: of the whole, of all attempts together, of this process's CPU. */
  readonly wall: number;
  readonly guest: number;
  readonly cpu: number;
  /** Why, for each attempt that wasn't stable: some of these kernels have races of their own. */
  readonly unstable: readonly string[];
}

async function attemptsOf(
  { row, image, spec, calibrationNs }: BenchKernel,
  attempts: number,
  { jobs, start }: { readonly jobs: number | 'fill'; readonly start: Start },
): Promise<Took> {
  const room = capacity(jobs === 'fill' ? undefined : jobs);
  const matrix = await loadMatrix(`${projectRoot}/matrix.yml`);
  const lifecycle = matrix.workloads.find(({ id }) => id === 'lifecycle');
  if (!lifecycle) throw new Error('matrix.yml has no lifecycle');
  const cell: Cell = {
    id: `${row.id}/lifecycle`,
    role: 'matrix',
    kernel: row,
    workload: { ...lifecycle, iterations: 1, machine: spec.shape },
    axes: axisRows(matrix, {}, matrix.path),
    attempts,
    expectation: { outcomes: ['stable'] },
    cold: false,
  };
  await using runner = new LocalRunner(
    { qemu: spec.qemu, accelerator: spec.accelerator, calibrationNs, content: new LocalContent() },
    { start, jobs: room.jobs, onRefused: (_, reason) => refused.push(reason), signal: never },
  );
  const refused: string[] = [];
  const keys = attemptKeys([cell], 1);
  const [first] = keys;
  if (!first) throw new Error('no attempt');
  // makes the template
  await runner.run({ key: first, cell, image }, { signal: never, onState: () => {} });
  const unstable: string[] = [];
  let guest = 0;
  const starts: number[] = [];
  const ends: number[] = [];
  const began = performance.now();
  const before = process.cpuUsage();
  await runMatrix(
    { cells: new Map([[cell.id, cell]]), keys },
    {
      prepare: async () => ({ image }),
      runner,
      expectedSeconds: () => 1,
      record: async ({ result }) => {
        guest += result.seconds;
        starts.push(Date.parse(result.startedAt));
        ends.push(Date.parse(result.startedAt) + result.seconds * 1000);
        if (result.outcome !== 'stable') unstable.push(`${result.outcome}: ${result.reason}`);
      },
      emit: () => {},
    },
    room,
    never,
  );
  const { user, system } = process.cpuUsage(before);
  // what wasn't started as it should be, or mostly failed, measured something else
  const [why] = refused.length > 0 ? refused : unstable;
  if (refused.length > 0 || unstable.length > Math.max(1, attempts / 10))
    throw new Error(`${row.id}: ${why}`);
  const lastStart = Math.max(...starts);
  const finished = ends.filter((end) => end <= lastStart).length;
  const perMinute = (60_000 * finished) / (lastStart - Math.min(...starts));
  return { perMinute, wall: (performance.now() - began) / 1000, guest, cpu: (user + system) / 1e6, unstable };
}
