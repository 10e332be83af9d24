import t from 'tap';
import { HostError, StartError } from '../../harness/errors.js';
import { FailedStarts } from '../../harness/schedule/failed-starts.js';

const never = new AbortController().signal;
const eagain = new StartError('QEMU did not start: Resource temporarily unavailable');

/** An attempt whose machine comes up at the n-th try. */
function comesUpAt(n: number) {
  let tries = 0;
  return async (): Promise<string> => {
    tries += 1;
    if (tries < n) throw eagain;
    return `up at try ${tries}`;
  };
}

/** Attempts one after the other; what each came to, and which were recorded as failed starts. */
async function attempts(starts: FailedStarts, ...ups: number[]) {
  const recorded: number[] = [];
  const came: (string | undefined)[] = [];
  for (const [index, up] of ups.entries()) {
    const result = await starts.twice(comesUpAt(up), never, async () => void recorded.push(index));
    if (result !== undefined) starts.cameUp();
    await starts.record();
    came.push(result);
  }
  return { came, recorded };
}

t.test('a bad start is tried once more, and is nothing then', async (t) => {
  const { came, recorded } = await attempts(new FailedStarts(), 2, 1);
  t.same(came, ['up at try 2', 'up at try 1']);
  t.same(recorded, []);
});

t.test('two bad starts are the attempt’s own, once another machine has come up', async (t) => {
  const starts = new FailedStarts();
  const { came, recorded } = await attempts(starts, 1, 3, 3, 1, 3);
  t.same(came, ['up at try 1', undefined, undefined, 'up at try 1', undefined]);
  t.same(recorded, [1, 2]);
  await starts.settle();
  t.same(recorded, [1, 2, 4], 'or once the run is through');
});

t.test('five attempts in a row without a machine end the run, and none is recorded', async (t) => {
  const starts = new FailedStarts();
  const four = await attempts(starts, 3, 3, 3, 3);
  t.same(four.recorded, [], 'nobody knows yet whose they are');
  await t.rejects(attempts(starts, 3), {
    name: 'HostError',
    message: /no machine came up for 5 attempts in a row: .*temporarily unavailable/,
    remedy: /--resume/,
  });
  t.same(four.recorded, []);
  const other = new FailedStarts();
  await t.resolves(attempts(other, 3, 3, 3, 3, 1, 3, 3, 3, 3, 1), 'control: four in a row don’t');
});

t.test('another error is nobody’s bad start', async (t) => {
  let tries = 0;
  const full = async (): Promise<never> => {
    tries += 1;
    throw new HostError('no space left');
  };
  await t.rejects(
    new FailedStarts().twice(full, never, async () => {}),
    { message: 'no space left' },
  );
  t.equal(tries, 1);
});

t.test('the second try waits until another attempt has given back what it had', async (t) => {
  const starts = new FailedStarts();
  const order: string[] = [];
  let end = (): void => {};
  const running = starts.twice(
    () => new Promise<void>((resolve) => (end = resolve)),
    never,
    async () => {},
  );
  const failing = starts.twice(
    async () => {
      order.push('try');
      if (order.length === 1) throw eagain;
    },
    never,
    async () => {},
  );
  // each waits for the other's end: had the second no machine either, neither may wait for ever
  const third = starts.twice(comesUpAt(2), never, async () => {});
  await new Promise((resolve) => setImmediate(resolve));
  t.same(order, ['try']);
  order.push('the other ends');
  end();
  await Promise.all([running, failing, third]);
  t.same(order, ['try', 'the other ends', 'try']);
});

t.test(
  'attempts that all fail at once don’t wait for each other, and an end of the run ends the wait',
  async (t) => {
    const starts = new FailedStarts();
    const came = await Promise.all([2, 2, 2].map((up) => starts.twice(comesUpAt(up), never, async () => {})));
    t.same(came, ['up at try 2', 'up at try 2', 'up at try 2']);
    const abort = new AbortController();
    void starts.twice(
      () => new Promise(() => {}),
      never,
      async () => {},
    );
    const waiting = starts.twice(comesUpAt(2), abort.signal, async () => {});
    await new Promise((resolve) => setImmediate(resolve));
    abort.abort(new Error('Ctrl-C'));
    await t.rejects(waiting, { message: 'Ctrl-C' });
  },
);

t.test('a second try doesn’t wait for hours until another attempt ends', async (t) => {
  const starts = new FailedStarts(0.05);
  let end = (): void => {};
  const long = new Promise<string>((resolve) => {
    end = () => resolve('ended');
  });
  const other = starts.twice(
    () => long,
    never,
    async () => {},
  );
  t.equal(await starts.twice(comesUpAt(2), never, async () => {}), 'up at try 2');
  end();
  t.equal(await other, 'ended');
});
