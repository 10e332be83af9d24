import fc from 'fast-check';
import t from 'tap';
import { holmTarone } from '../../harness/statistics/holm-tarone.js';

const corrected = (tests: readonly (readonly [number, number])[]) =>
  holmTarone(
    tests.map(([probability, least]) => ({ probability, least })),
    0.05,
  ).map((one) => (one === null ? null : Number(one.toFixed(6))));

t.test(
  'Holm: the smallest counts n times, the next n - 1 times, and none below the one before it',
  async (t) => {
    t.same(corrected([0.01, 0.04, 0.03, 0.005].map((p) => [p, 0] as const)), [0.03, 0.06, 0.06, 0.02]);
    t.same(
      corrected([
        [0.4, 0.001],
        [0.6, 0.001],
      ]),
      [0.8, 0.8],
    );
    t.same(corrected([]), []);
  },
);

t.test('Tarone: what can’t reach the level isn’t counted, and what just reaches it is', async (t) => {
  t.same(
    corrected([
      [0.02, 0.001],
      [0.5, 0.5],
      [1, 0.0501],
      [0.3, 0.05],
    ]),
    [0.04, null, null, 0.3],
  );
});

t.test('a correction never makes a word stronger, keeps the order, and more tests never help', async () => {
  const aTest = fc
    .tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }))
    .map(([a, b]) => ({ probability: Math.max(a, b), least: Math.min(a, b) }));
  fc.assert(
    fc.property(fc.array(aTest, { minLength: 1, maxLength: 20 }), aTest, (tests, another) => {
      const alone = holmTarone(tests, 0.05);
      const beside = holmTarone([...tests, another], 0.05);
      return tests.every((one, index) => {
        const mine = alone[index] ?? null;
        if (mine === null) return one.least > 0.05 && (beside[index] ?? null) === null;
        return (
          mine >= one.probability &&
          mine <= 1 &&
          (beside[index] ?? 0) >= mine &&
          tests.every(
            (other, at) =>
              other.probability < one.probability || (alone[at] ?? 1) >= mine || alone[at] === null,
          )
        );
      });
    }),
  );
});
