import t from 'tap';
import type { Attempt } from '../../harness/attempt/types.js';
import type { Cell } from '../../harness/matrix/types.js';
import { runMatrix } from '../../harness/schedule/run-matrix.js';
import { cell, image, memoryMiB, never, parts, stable, work } from './matrix-parts.js';

t.test(
  'an image is prepared once per cell, and a kernel without one is unavailable with its reason',
  async (t) => {
    let prepared = 0;
    const { all, recorded, events } = parts({
      prepare: async ({ kernel }) => {
        prepared += 1;
        return kernel.id === 'a' ? { unavailable: 'no such package' } : { image: image(kernel.id) };
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
