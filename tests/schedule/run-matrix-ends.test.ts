import { once } from 'node:events';
import t from 'tap';
import type { Attempt } from '../../harness/attempt/types.js';
import { StartError } from '../../harness/errors.js';
import { type RunParts, runMatrix } from '../../harness/schedule/run-matrix.js';
import { cell, memoryMiB, never, parts, stable, work } from './matrix-parts.js';

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
