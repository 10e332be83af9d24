import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { UsageError } from '../../harness/errors.js';
import { projectRoot } from '../../harness/host/project.js';
import { attemptKeys, expand, wholeProfile } from '../../harness/matrix/expand.js';
import { loadMatrix } from '../../harness/matrix/load.js';
import type { Matrix, Selection } from '../../harness/matrix/types.js';
import { smallMatrix } from './small-matrix.js';

const folder = await mkdtemp(join(tmpdir(), 'kmatrix-expand-'));
t.teardown(() => rm(folder, { recursive: true, force: true }));
const file = join(folder, 'matrix.yml');
await writeFile(file, smallMatrix);
const small = await loadMatrix(file);
const real = await loadMatrix(join(projectRoot, 'matrix.yml'));

const all = wholeProfile('all');
const ids = (matrix: Matrix, selection: Selection): string[] => expand(matrix, selection).map(({ id }) => id);

t.test('controls come first, then the matrix by kernel', async (t) => {
  t.same(ids(small, all), [
    'debian-6.1/control-panic',
    'debian-6.1/burn',
    'debian-6.1/lifecycle',
    'vanilla-3.2/netns-churn',
  ]);
});

t.test(
  'an include brings its attempts, an exclude takes cells away, the last rule decides what is expected',
  async (t) => {
    const cell = expand(small, all).find(({ id }) => id.startsWith('vanilla'));
    t.equal(cell?.attempts, 5);
    t.same(cell?.expectation.outcomes, ['stable', 'oops']);
  },
);

t.test('what is asked for on the command line replaces the profile in that dimension', async (t) => {
  t.same(ids(small, { ...all, kernels: ['vanilla-3.2'], workloads: ['lifecycle'] }).slice(2), [
    'vanilla-3.2/lifecycle',
  ]);
  t.equal(expand(small, { ...all, attempts: 9 }).at(-1)?.attempts, 9);
  t.equal(expand(small, { ...all, attempts: 9 })[0]?.attempts, 1, "a control's number stays");
});

t.test('a pattern or profile that means nothing is a usage error with the nearest id', async (t) => {
  const remedy = (selection: Selection): string => {
    try {
      expand(small, selection);
      return 'accepted';
    } catch (error) {
      return error instanceof UsageError ? (error.remedy ?? '') : String(error);
    }
  };
  t.match(remedy({ ...all, kernels: ['debain-6.1'] }), /did you mean 'debian-6.1'/);
  t.match(remedy({ ...all, workloads: ['lifecicle'] }), /did you mean 'lifecycle'/);
  t.match(remedy(wholeProfile('oll')), /did you mean '(all|old)'/);
  t.match(
    remedy({ ...all, axes: { storage: ['over*'] }, workloads: ['burn'] }),
    /widen a pattern, name by its id/,
  );
});

t.test('a kernel below 2.6.32 is refused unless forced', async (t) => {
  t.throws(() => expand(small, wholeProfile('old')), /vanilla-2.6.31 is of line 2.6.31/);
  t.equal(expand(small, { ...wholeProfile('old'), force: true }).length, 3);
});

t.test(
  'a control takes the first of its kernels that can be had, and the first of all where none can',
  async (t) => {
    const without = expand(small, all, ({ id }) => id !== 'debian-6.1').map(({ id }) => id);
    t.ok(without.includes('vanilla-3.2/burn'));
    t.ok(without.includes('debian-6.1/control-panic'));
  },
);

t.test('expansion does not depend on the order of keys', async (t) => {
  const expected = JSON.stringify(expand(small, all));
  await fc.assert(
    fc.asyncProperty(fc.infiniteStream(fc.nat()), async (stream) => {
      const numbers = stream[Symbol.iterator]();
      const shuffled = shuffleKeys(small, () => Number(numbers.next().value));
      t.equal(
        JSON.stringify(sortKeys(expand(shuffled, all))),
        JSON.stringify(sortKeys(JSON.parse(expected))),
      );
    }),
    { numRuns: 50 },
  );
});

t.test('the same run seed gives the same attempts; seeds are distinct 32-bit numbers', async (t) => {
  const cells = expand(real, wholeProfile('nightly'));
  const keys = attemptKeys(cells, 407);
  t.same(attemptKeys(expand(real, wholeProfile('nightly')), 407), keys);
  t.ok(keys.every(({ seed }) => Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32));
  t.ok(new Set(keys.map(({ seed }) => seed)).size > keys.length - 3);
  t.notSame(
    attemptKeys(cells, 408).map(({ seed }) => seed),
    keys.map(({ seed }) => seed),
  );
  t.equal(
    keys.length,
    cells.reduce((sum, { attempts }) => sum + attempts, 0),
  );
});

t.test(
  'a seed is what it was in every run before (change it, and no old attempt can be repeated)',
  async (t) => {
    const [cell] = expand(small, all);
    t.ok(cell);
    if (cell !== undefined) t.same(attemptKeys([cell], 1)[0]?.seed, 2900962402);
  },
);

t.test('whether a control can run on a kernel is asked of each control', async (t) => {
  const cells = expand(small, all, ({ id }, control) => id === 'vanilla-3.2' && control.workload === 'burn');
  t.same(
    cells.filter(({ role }) => role !== 'matrix').map(({ id }) => id),
    ['debian-6.1/control-panic', 'vanilla-3.2/burn'],
  );
});

t.test('controls run first, and a kernel’s cells each once before any twice', async (t) => {
  const keys = attemptKeys(
    expand(small, { ...all, workloads: ['lifecycle', 'netns-churn'], attempts: 2 }),
    1,
  );
  t.same(
    keys.map(({ cell, index }) => `${cell.split('/').slice(0, 2).join('/')} ${index}`),
    [
      'debian-6.1/control-panic 0',
      'debian-6.1/burn 0',
      'debian-6.1/lifecycle 0',
      'debian-6.1/netns-churn 0',
      'debian-6.1/lifecycle 1',
      'debian-6.1/netns-churn 1',
      'vanilla-3.2/netns-churn 0',
      'vanilla-3.2/netns-churn 1',
    ],
  );
});

/** The matrix with a kernel of one's own in it, as matrix.yml or `images import` would have it. */
const withOwn = (line: string): Matrix => ({
  ...real,
  kernels: [
    ...real.kernels,
    {
      ...{ id: 'my-lts', line, flavour: 'own', bootArguments: [], verified: false },
      source: { kind: 'imported', name: 'my-lts' },
    },
  ],
});
const expectedOf = (line: string, workload: string, boot = 'default'): readonly string[] => {
  const cells = [`my-lts/${workload}/plain/${boot}`];
  return expand(withOwn(line), { ...all, cells })[0]?.expectation.outcomes ?? [];
};

t.test('a kernel of one’s own has the expectation of its line, whatever it is called', async (t) => {
  for (const line of ['2.6.32', '2.6.38', '3.0', '3.2', '3.7']) {
    t.notSame(expectedOf(line, 'pidns-exec'), ['stable'], line);
    t.notOk(expectedOf(line, 'pidns-exec', 'poisoned').includes('stable'), `${line} poisoned`);
  }
  for (const line of ['3.1', '3.8', '3.10', '4.19', '6.1'])
    t.same(expectedOf(line, 'pidns-exec'), ['stable'], line);
  t.notSame(expectedOf('3.4', 'pidns-reap'), ['stable']);
  t.same(expectedOf('3.5', 'pidns-reap'), ['stable']);
  t.ok(
    ids(withOwn('3.2'), { ...wholeProfile('nightly'), kernels: ['my-lts'] }).includes(
      'my-lts/pidns-exec/kernel-arguments=poisoned',
    ),
  );
});

t.test('a row that a profile excludes runs where it is asked for by its id', async (t) => {
  const nightly = wholeProfile('nightly');
  const of = (selection: Partial<Selection>) =>
    ids(real, { ...nightly, ...selection }).filter((id) => id.startsWith('debian-3.2-wheezy/'));
  t.same(of({}), []);
  t.same(of({ kernels: ['debian-*'] }), [], 'a pattern brings it along only');
  t.ok(of({ kernels: ['debian-3.2-wheezy'] }).includes('debian-3.2-wheezy/lifecycle'));
  const cramped = { ...wholeProfile('repro-407'), kernels: ['debian-6.1-cloud'] };
  t.notOk(
    ids(real, cramped).some((id) => id.includes('1cpu')),
    'a rule about a pair wants both',
  );
  const meant = { ...cramped, workloads: ['docker-2013-1cpu'] };
  t.ok(ids(real, meant).includes('debian-6.1-cloud/docker-2013-1cpu'));
});

t.test('smoke is small, nightly knows every line of the document', async (t) => {
  t.ok(attemptKeys(expand(real, wholeProfile('smoke')), 1).length <= 30);
  const lines = new Set(expand(real, wholeProfile('nightly')).map(({ kernel }) => kernel.line));
  const wanted =
    '2.6.32 2.6.38 3.0 3.1 3.2 3.3 3.4 3.5 3.6 3.7 3.8 3.9 3.10 3.13 3.16 4.9 4.19 5.10 6.1 6.12';
  for (const line of wanted.split(' ')) t.ok(lines.has(line), line);
});

function shuffleKeys<T>(value: T, next: () => number): T;
function shuffleKeys(value: unknown, next: () => number): unknown {
  if (Array.isArray(value)) return value.map((one) => shuffleKeys(one, next));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, inner]) => ({ key, inner, rank: next() }))
      .toSorted((a, b) => a.rank - b.rank)
      .map(({ key, inner }) => [key, shuffleKeys(inner, next)]),
  );
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sortKeys(inner)]),
  );
}

t.test(
  'cells that are named are the whole run: no profile, no controls, any rows of the matrix',
  async (t) => {
    const named: Selection = {
      ...wholeProfile('by name'),
      attempts: 3,
      cells: ['vanilla-3.2/burn'],
    };
    const cells = expand(small, named);
    t.same(
      cells.map(({ id, role, attempts }) => [id, role, attempts]),
      [['vanilla-3.2/burn', 'matrix', 3]],
    );
    const [own] = expand(small, { ...named, cellAttempts: { 'vanilla-3.2/burn': 40 } });
    t.equal(own?.attempts, 40, 'a cell may have a number of its own');
    t.throws(() => expand(small, { ...named, cells: ['vanilla-3.3/burn'] }), {
      message: "there is no kernel 'vanilla-3.3'",
      remedy: /vanilla-3.2/,
    });
  },
);
