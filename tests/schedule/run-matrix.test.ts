import { once } from 'node:events';
import t from 'tap';
import type { Attempt, AttemptResult, FinishedAttempt } from '../../harness/attempt/types.js';
import { unavailableResult } from '../../harness/attempt/unavailable.js';
import { StartError } from '../../harness/errors.js';
import type { Image } from '../../harness/kernels/types.js';
import { attemptKeys } from '../../harness/matrix/expand.js';
import type { Cell } from '../../harness/matrix/types.js';
import { type RunParts, runMatrix } from '../../harness/schedule/run-matrix.js';
import type { RunEvent } from '../../harness/schedule/types.js';
import { usualRows } from '../matrix/axis-row.js';

const cell = (name: string, memoryMiB = 100): Cell => ({
  id: `${name}/burn`,
  role: 'matrix',
  kernel: {
    id: name,
    line: '6.1',
    flavour: 'debian',
    source: { kind: 'imported', name },
    bootArguments: [],
    verified: true,
  },
  workload: {
    id: 'burn',
    program: 'burn',
    arguments: {},
    iterations: 1,
    timeoutSeconds: 1,
    modules: [],
    machine: { cpus: 1, memoryMiB },
  },
  axes: usualRows,
  attempts: 3,
  expectation: { outcomes: ['stable'] },
  cold: false,
});

const image = (id: string): Image => ({
  id,
  kernel: { id, release: id, folder: '', bzImage: '', provenance: '', seconds: 0 },
  initramfs: '',
  modules: [],
});

const stable = (key: AttemptResult['key']): FinishedAttempt => ({
  console: '',
  result: { ...unavailableResult(key, ''), outcome: 'stable' },
});

function work(...cells: Cell[]) {
  return { cells: new Map(cells.map((one) => [one.id, one])), keys: attemptKeys(cells, 1) };
}

const memoryMiB = ({ cell: { workload } }: Attempt): number => workload.machine.memoryMiB;

function parts(overrides: Partial<RunParts> = {}) {
  const events: RunEvent[] = [];
  const recorded: string[] = [];
  const all: RunParts = {
    prepare: async ({ kernel }) => image(kernel.id),
    runner: { memoryMiB, run: async ({ key }) => stable(key) },
    expectedSeconds: () => 1,
    record: async ({ result }) =>
      void recorded.push(`${result.key.cell}#${result.key.index} ${result.outcome}`),
    emit: (event) => void events.push(event),
    ...overrides,
  };
  return { all, events, recorded };
}

const never = new AbortController().signal;

t.test('every attempt is recorded before it is announced, each cell once before any twice', async (t) => {
  const { all, events, recorded } = parts();
  let announcedEarly = 0;
  await runMatrix(
    work(cell('a'), cell('b')),
    {
      ...all,
      emit: (event) => {
        events.push(event);
        const announced = events.filter(({ type }) => type === 'attempt-finished').length;
        if (announced > recorded.length) announcedEarly += 1;
      },
    },
    { jobs: 1, memoryMiB: 1000 },
    never,
  );
  t.equal(announcedEarly, 0);
  t.same(recorded, [
    'a/burn#0 stable',
    'b/burn#0 stable',
    'a/burn#1 stable',
    'b/burn#1 stable',
    'a/burn#2 stable',
    'b/burn#2 stable',
  ]);
});

t.test(
  'an image is prepared once per cell, and a kernel without one is unavailable with its reason',
  async (t) => {
    let prepared = 0;
    const { all, recorded, events } = parts({
      prepare: async ({ kernel }) => {
        prepared += 1;
        return kernel.id === 'a' ? { unavailable: 'no such package' } : image(kernel.id);
      },
    });
    await runMatrix(work(cell('a'), cell('b')), all, { jobs: 2, memoryMiB: 1000 }, never);
    t.equal(prepared, 2);
    t.equal(recorded.filter((line) => line.endsWith('unavailable')).length, 3);
    t.equal(recorded.filter((line) => line.endsWith('stable')).length, 3, 'and the run goes on');
    const reasons = events.flatMap((event) =>
      event.type === 'attempt-finished' ? [event.result.reason] : [],
    );
    t.ok(reasons.includes('no such package'));
  },
);

t.test('an attempt without memory holds no slot: others that fit run meanwhile', async (t) => {
  const seen: string[][] = [];
  const running = new Set<string>();
  const { all, recorded } = parts({
    runner: {
      memoryMiB,
      run: async ({ key, cell }) => {
        running.add(cell.workload.id);
        seen.push([...running].sort());
        await new Promise((resolve) => setTimeout(resolve, 5));
        running.delete(cell.workload.id);
        return stable(key);
      },
    },
    // the long one comes first, then the one that has no room beside it
    expectedSeconds: ({ id }) => (id.startsWith('long') ? 30 : id.startsWith('large') ? 20 : 10),
  });
  const named = (name: string, size: number): Cell => {
    const one = cell(name, size);
    return { ...one, attempts: 1, workload: { ...one.workload, id: name } };
  };
  await runMatrix(
    work(named('long', 400), named('large', 500), named('small', 100)),
    all,
    { jobs: 2, memoryMiB: 600 },
    never,
  );
  t.equal(recorded.length, 3);
  t.ok(seen.some((names) => names.join() === 'long,small'));
  t.notOk(seen.some((names) => names.includes('large') && names.includes('long')));
});

t.test('never more machines than jobs, nor more memory than there is', async (t) => {
  let running = 0;
  let memory = 0;
  const most = { running: 0, memory: 0 };
  const { all, recorded } = parts({
    runner: {
      memoryMiB,
      run: async ({ key, cell }) => {
        running += 1;
        memory += cell.workload.machine.memoryMiB;
        most.running = Math.max(most.running, running);
        most.memory = Math.max(most.memory, memory);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        memory -= cell.workload.machine.memoryMiB;
        return stable(key);
      },
    },
  });
  await runMatrix(
    work(cell('a', 300), cell('b', 600), cell('c', 100)),
    all,
    { jobs: 3, memoryMiB: 700 },
    never,
  );
  t.equal(recorded.length, 9);
  t.equal(most.running > 1 && most.running <= 3, true);
  t.ok(most.memory <= 700);
});

t.test('more machines than jobs run where cores idle', async (t) => {
  const most = async (idle: number): Promise<number> => {
    let running = 0;
    let mostRunning = 0;
    let more = (): void => {};
    const third = new Promise<void>((resolve) => {
      more = resolve;
    });
    const looked = { times: 0, enough: (): void => {} };
    const lookedTwice = new Promise<void>((resolve) => {
      looked.enough = resolve;
    });
    const { all } = parts({
      runner: {
        memoryMiB: () => 1,
        run: async ({ key }) => {
          running += 1;
          mostRunning = Math.max(mostRunning, running);
          if (running === 3) more();
          await Promise.race([third, lookedTwice]);
          running -= 1;
          return stable(key);
        },
      },
    });
    const idleCores = () => () => {
      looked.times += 1;
      if (looked.times === 2) looked.enough();
      return idle;
    };
    await runMatrix(
      work(cell('a'), cell('b')),
      all,
      { jobs: 2, memoryMiB: 1000, spare: { mostJobs: 3, idleCores } },
      never,
    );
    return mostRunning;
  };
  t.equal(await most(1), 3);
  t.equal(await most(0.1), 2);
});

t.test('a machine larger than the whole budget runs alone instead of never', async (t) => {
  let running = 0;
  let most = 0;
  const { all, recorded } = parts({
    runner: {
      memoryMiB,
      run: async ({ key }) => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        return stable(key);
      },
    },
  });
  await runMatrix(work(cell('a', 5000)), all, { jobs: 2, memoryMiB: 700 }, never);
  t.equal(recorded.length, 3);
  t.equal(most, 1);
});

t.test('a disk that is full ends the run with that error; what was recorded stays', async (t) => {
  let left = 2;
  const { all, recorded } = parts();
  const full: RunParts = {
    ...all,
    record: async (finished) => {
      if (left-- === 0) throw new Error('ENOSPC');
      await all.record(finished);
    },
  };
  await t.rejects(runMatrix(work(cell('a'), cell('b')), full, { jobs: 1, memoryMiB: 1000 }, never), {
    message: 'ENOSPC',
  });
  t.equal(recorded.length, 2);
});

t.test(
  'a machine that twice didn’t come up is its own attempt’s harness-error, and the run goes on',
  async (t) => {
    const { all, recorded, events } = parts();
    const tries: string[] = [];
    const runner = {
      memoryMiB,
      run: async ({ key }: Attempt) => {
        tries.push(`${key.cell.slice(0, 1)}${key.index}`);
        if (key.cell.startsWith('b') && key.index === 0) throw new StartError('QEMU did not start: killed');
        return stable(key);
      },
    };
    await runMatrix(work(cell('a'), cell('b')), { ...all, runner }, { jobs: 1, memoryMiB: 1000 }, never);
    t.same(tries, ['a0', 'b0', 'b0', 'a1', 'b1', 'a2', 'b2']);
    t.equal(recorded.length, 6);
    t.ok(recorded.includes('b/burn#0 harness-error'));
    const failed = events.find((event) => event.type === 'attempt-finished' && !event.expected);
    t.match(failed, { result: { reason: 'QEMU did not start: killed', imageId: 'b', release: 'b' } });
  },
);

t.test(
  'a host on which no machine comes up ends the run, and its attempts are left for another',
  async (t) => {
    const { all, recorded } = parts();
    let tries = 0;
    const runner = {
      memoryMiB,
      run: async ({ key }: Attempt) => {
        tries += 1;
        if (tries > 1) throw new StartError('QEMU did not start: Resource temporarily unavailable');
        return stable(key);
      },
    };
    const cells = work(cell('a'), cell('b'), cell('c'), cell('d'));
    await t.rejects(runMatrix(cells, { ...all, runner }, { jobs: 1, memoryMiB: 1000 }, never), {
      name: 'HostError',
      message: /no machine came up for 5 attempts in a row/,
    });
    t.equal(tries, 11, 'twice each');
    t.same(recorded, ['a/burn#0 stable']);
  },
);

t.test('an abort ends the run with its reason and starts nothing more', async (t) => {
  const abort = new AbortController();
  let runs = 0;
  const { all } = parts({
    runner: {
      memoryMiB,
      run: async ({ key }) => {
        runs += 1;
        abort.abort(new Error('Ctrl-C'));
        return stable(key);
      },
    },
  });
  await t.rejects(runMatrix(work(cell('a'), cell('b')), all, { jobs: 1, memoryMiB: 1000 }, abort.signal), {
    message: 'Ctrl-C',
  });
  t.equal(runs, 1);
});

t.test('a disk that fills up while the run is being ended is told, not hidden behind the end', async (t) => {
  const abort = new AbortController();
  const { all, recorded } = parts();
  let writes = 0;
  let isWriting = (): void => {};
  const secondIsWriting = new Promise<void>((resolve) => {
    isWriting = resolve;
  });
  const full: RunParts = {
    ...all,
    record: async (finished) => {
      writes += 1;
      if (writes > 1) {
        isWriting();
        await once(abort.signal, 'abort');
        throw new Error('ENOSPC');
      }
      await secondIsWriting;
      await all.record(finished);
    },
    emit: (event) => {
      if (event.type === 'attempt-finished') abort.abort(new Error('enough'));
    },
  };
  const both = work(cell('a'), cell('b'));
  await t.rejects(runMatrix(both, full, { jobs: 2, memoryMiB: 1000 }, abort.signal), { message: 'ENOSPC' });
  t.equal(recorded.length, 1);
});

t.test('the runner hears what comes next, and counts the memory itself', async (t) => {
  const heard: string[][] = [];
  const { all } = parts();
  const runner = {
    ...all.runner,
    memoryMiB: () => 1,
    expect: (next: readonly Attempt[]) =>
      void heard.push(next.map(({ key }) => `${key.cell.slice(0, 1)}${key.index}`)),
  };
  await runMatrix(
    work(cell('a', 5000), cell('b', 5000)),
    { ...all, runner },
    { jobs: 1, memoryMiB: 8 },
    never,
  );
  t.same(
    heard.slice(-5).map((attempts) => attempts.join(' ')),
    ['b0 a1', 'a1 b1', 'b1 a2', 'a2 b2', 'b2'],
    'its own attempt is among them: what stands by for that must not be ended for the next',
  );
});
