import fc from 'fast-check';
import t from 'tap';
import { matchesAny } from '../../harness/matrix/glob.js';

t.test('* is any text, ? one character, and nothing else is special', async (t) => {
  t.ok(matchesAny('debian-6.1-cloud', ['debian-*-cloud']));
  t.ok(matchesAny('vanilla-3.2', ['vanilla-3.?']));
  t.notOk(matchesAny('vanilla-3.10', ['vanilla-3.?']));
  t.notOk(matchesAny('vanilla-3x2', ['vanilla-3.2']));
  t.ok(matchesAny('', ['*']));
  t.notOk(matchesAny('a', ['']));
});

t.test('it agrees with the regular expression of the same meaning', async () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 12 });
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*', '?'), maxLength: 8 });
  fc.assert(
    fc.property(text, pattern, (id, glob) => {
      const source = glob.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.');
      return matchesAny(id, [glob]) === new RegExp(`^${source}$`).test(id);
    }),
    { numRuns: 3000 },
  );
});

t.test('a pattern of many stars takes no exponential time', async (t) => {
  const started = performance.now();
  t.notOk(matchesAny('a'.repeat(5000), [`${'*a'.repeat(200)}b`]));
  t.ok(performance.now() - started < 1000);
});
