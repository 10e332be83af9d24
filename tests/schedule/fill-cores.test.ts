import t from 'tap';
import { fillCores } from '../../harness/schedule/fill-cores.js';

/** Asked `looks` times, a machine at a time; what the number of jobs was after each. */
async function concurrencyAfter(idle: readonly number[], jobs: { pending: number; size: number }) {
  const seen: number[] = [];
  const queue = { concurrency: 2, ...jobs };
  const left = [...idle];
  await new Promise<void>((resolve) => {
    const filling = fillCores(
      queue,
      {
        mostJobs: 4,
        idleCores: () => {
          seen.push(queue.concurrency);
          if (left.length === 0) {
            filling[Symbol.dispose]();
            resolve();
          }
          return left.shift() ?? 0.2;
        },
      },
      1,
    );
    // the queue's own side: as many run as may
    Object.defineProperty(queue, 'pending', { get: () => Math.min(jobs.pending, queue.concurrency) });
  });
  return seen;
}

t.test('one more machine a look while cores idle, up to the most', async (t) => {
  t.same(await concurrencyAfter([0.9, 0.7, 0.5, 0.5], { pending: 99, size: 9 }), [2, 3, 4, 4, 4]);
});

t.test('busy cores are full: no more, and what was added goes again, down to the usual', async (t) => {
  t.same(await concurrencyAfter([0.1, 0.1], { pending: 99, size: 9 }), [2, 2, 2]);
  t.same(await concurrencyAfter([0.9, 0.9, 0, 0, 0], { pending: 99, size: 9 }), [2, 3, 4, 3, 2, 2]);
});

t.test('idle cores ask for nothing where no attempt waits for a machine', async (t) => {
  t.same(await concurrencyAfter([1, 1], { pending: 1, size: 0 }), [2, 2, 2], 'the run is at its end');
  t.same(await concurrencyAfter([1, 1], { pending: 1, size: 9 }), [2, 2, 2], 'images are prepared');
});
