import t from 'tap';
import { fillCores } from '../../harness/schedule/fill-cores.js';

interface Played {
  readonly usual?: number;
  /** How many attempts there are; as many of them run as may. */
  readonly attempts: number;
  readonly isShort?: boolean;
}

/** A look for each of `idle`: what the number of jobs was before the first and after each. */
async function concurrencies(
  idle: readonly number[],
  { usual = 2, attempts, isShort = false }: Played,
): Promise<number[]> {
  const seen: number[] = [];
  const left = [...idle];
  const queue = {
    concurrency: usual,
    get pending() {
      return Math.min(attempts, this.concurrency);
    },
    get size() {
      return Math.max(0, attempts - this.concurrency);
    },
  };
  const { promise, resolve } = deferred();
  const idleCores = () => () => {
    seen.push(queue.concurrency);
    const now = left.shift();
    if (now === undefined) resolve();
    return now ?? usual / 20;
  };
  using _filling = fillCores(
    queue,
    { mostJobs: 2 * usual, idleCores },
    { isShort: () => isShort, everyMilliseconds: 1 },
  );
  await promise;
  return seen.slice(0, idle.length + 1);
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

t.test('one more machine a look while cores idle, up to the most', async (t) => {
  t.same(await concurrencies([0.9, 0.7, 0.5, 0.5], { attempts: 99 }), [2, 3, 4, 4, 4]);
});

t.test('busy cores are full: no more, and what was added goes again, down to the usual', async (t) => {
  t.same(await concurrencies([0.1, 0.3, 0.05], { attempts: 99 }), [2, 2, 2, 2]);
  t.same(await concurrencies([0.9, 0.9, 0, 0, 0], { attempts: 99 }), [2, 3, 4, 3, 2, 2]);
});

t.test('a large host idles more while it is busy, and is filled in larger steps', async (t) => {
  const large = { usual: 64, attempts: 999 };
  t.same(await concurrencies([4, 2], large), [64, 64, 64], 'a sixteenth is what a busy one leaves');
  t.same(await concurrencies([32, 16, 1], large), [64, 80, 88, 87]);
});

t.test('idle cores ask for nothing where no attempt could use them', async (t) => {
  t.same(await concurrencies([1, 1], { attempts: 1 }), [2, 2, 2], 'the run is at its end');
  t.same(await concurrencies([1, 1], { attempts: 2 }), [2, 2, 2], 'images are prepared');
  t.same(await concurrencies([1, 1], { attempts: 99, isShort: true }), [2, 2, 2], 'memory is what lacks');
});
