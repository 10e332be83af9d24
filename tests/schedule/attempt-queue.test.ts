import fc from 'fast-check';
import t from 'tap';
import { AttemptQueue, MemoryClaim, type Turn } from '../../harness/schedule/attempt-queue.js';

const run = async (): Promise<void> => {};

/** Enters turns by name and takes them all out again. */
async function order(turns: readonly (readonly [string, Partial<Turn>])[]): Promise<string[]> {
  const queue = new AttemptQueue();
  const names = new Map<unknown, string>();
  for (const [name, turn] of turns) {
    const own = () => run();
    names.set(own, name);
    queue.enqueue(own, { turn: { control: false, index: 0, expectedSeconds: 0, ...turn } });
  }
  const taken: string[] = [];
  for (let next = queue.dequeue(); next; next = queue.dequeue()) taken.push(names.get(next) ?? '');
  return taken;
}

t.test('controls first, then round by round, the longest of a round first', async (t) => {
  const taken = await order([
    ['short', { expectedSeconds: 1 }],
    ['second round', { index: 1, expectedSeconds: 99 }],
    ['long', { expectedSeconds: 60 }],
    ['control', { control: true, index: 3 }],
    ['as short, later', { expectedSeconds: 1 }],
  ]);
  t.same(taken, ['control', 'long', 'short', 'as short, later', 'second round']);
});

t.test('whatever goes in comes out once, in the same order as a sort has it', async (t) => {
  const turn = fc.record({
    control: fc.boolean(),
    index: fc.nat({ max: 3 }),
    expectedSeconds: fc.nat({ max: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(turn, { maxLength: 60 }), async (turns) => {
      const taken = await order(turns.map((one, at) => [String(at), one]));
      const sorted = turns
        .map((one, at) => ({ ...one, at }))
        .toSorted(
          (a, b) =>
            Number(b.control) - Number(a.control) ||
            a.index - b.index ||
            b.expectedSeconds - a.expectedSeconds ||
            a.at - b.at,
        );
      t.same(
        taken,
        sorted.map(({ at }) => String(at)),
      );
    }),
    { numRuns: 50 },
  );
});

t.test('an empty queue has nothing', async (t) => {
  const queue = new AttemptQueue();
  t.equal(queue.dequeue(), undefined);
  t.equal(queue.size, 0);
  t.same(queue.next(2), []);
});

t.test('one that there is no memory for is passed over, so often and no more', async (t) => {
  const queue = new AttemptQueue(100);
  const taken: string[] = [];
  const enter = (name: string, size: number, index: number): void => {
    const memory = new MemoryClaim(() => size);
    const options = { turn: { control: false, index, expectedSeconds: 0 }, memory };
    queue.enqueue(async () => {
      taken.push(name);
      memory.release();
    }, options);
  };
  enter('holds', 60, 0);
  enter('large', 80, 1);
  for (let index = 0; index < 20; index++) enter(`small ${index}`, 10, 2);
  const holds = queue.dequeue();
  t.notOk(queue.isShort);
  for (let turn = 0; turn < 16; turn++) await queue.dequeue()?.();
  t.equal(taken.length, 16);
  t.ok(taken.every((name) => name.startsWith('small')));
  t.equal(queue.size, 0, 'nothing more is taken before it');
  t.ok(queue.isShort);
  t.equal(queue.dequeue(), undefined);
  await holds?.();
  await queue.dequeue()?.();
  t.equal(taken.at(-1), 'large');
  t.equal(queue.size, 4);
});

t.test(
  'one that is larger than all of the memory runs alone; what is given back twice counts once',
  async (t) => {
    const queue = new AttemptQueue(100);
    const large = new MemoryClaim(() => 500);
    queue.enqueue(run, { memory: large });
    queue.enqueue(run, { memory: new MemoryClaim(() => 60) });
    queue.enqueue(run, { memory: new MemoryClaim(() => 60) });
    queue.dequeue();
    t.equal(queue.size, 0);
    large.release();
    large.release();
    t.ok(queue.dequeue());
    t.equal(queue.dequeue(), undefined);
  },
);
