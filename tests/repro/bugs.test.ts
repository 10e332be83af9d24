import { join } from 'node:path';
import t from 'tap';
import { knownIssueOf } from '../../harness/diagnosis/known-issues.js';
import { UsageError } from '../../harness/errors.js';
import { projectRoot } from '../../harness/host/project.js';
import { loadMatrix } from '../../harness/matrix/load.js';
import { findArm, findBug, loadBugs } from '../../harness/repro/bugs.js';

const bugs = loadBugs();
function thrownBy(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}
const matrix = await loadMatrix(join(projectRoot, 'matrix.yml'));
const has = (rows: readonly { readonly id: string }[], id: string): boolean =>
  rows.some((row) => row.id === id);

const kernelArguments = matrix.axes.find(({ axis }) => axis.id === 'kernel-arguments')?.rows ?? [];

t.test('every row, issue and workload that bugs.yml names is there', async (t) => {
  for (const bug of bugs) {
    t.ok(knownIssueOf(bug.knownIssue), bug.knownIssue);
    if (bug.kind === 'series') {
      for (const id of bug.kernels) t.ok(has(matrix.kernels, id), id);
      for (const { workload } of bug.rates) t.ok(has(matrix.workloads, workload), workload);
      continue;
    }
    const known = bug.knownBad.map(({ kernel }) => kernel);
    for (const id of known) t.ok(has(matrix.kernels, id), id);
    for (const { workload, control, boot, prefer } of bug.arms) {
      for (const id of [workload, ...(control === null ? [] : [control])])
        t.ok(has(matrix.workloads, id), id);
      t.ok(has(kernelArguments, boot), boot);
      for (const id of prefer) t.ok(known.includes(id), `${id} is preferred and known to be bad`);
    }
  }
});

t.test('an arm and its control differ in the cause alone', async (t) => {
  const row = (id: string) => {
    const found = matrix.workloads.find((one) => one.id === id);
    if (found === undefined) throw new Error(`no workload ${id}`);
    const { id: _, arguments: words, ...rest } = found;
    return { rest, words };
  };
  for (const bug of bugs) {
    if (bug.kind === 'series') continue;
    for (const flavour of bug.officialFlavours)
      t.ok(
        matrix.kernels.some((one) => one.flavour === flavour),
        flavour,
      );
    for (const { workload, control } of bug.arms) {
      if (control === null) continue;
      const [provoked, calm] = [row(workload), row(control)];
      t.same(provoked.rest, calm.rest, `${workload} and ${control}`);
      const names = [...new Set([...Object.keys(provoked.words), ...Object.keys(calm.words)])];
      const differing = names.filter((name) => provoked.words[name] !== calm.words[name]);
      // whose exec, which signal; for docker-2013 one thread, so that every exec is the leader's
      t.same(differing, [workload.startsWith('docker') ? 'threads' : 'arm'], `${workload} and ${control}`);
    }
  }
});

t.test('a bug is found by what people call it, and a wrong word gets the nearest', async (t) => {
  for (const word of ['407', '#407', 'moby#407', 'MOBY#407']) t.equal(findBug(bugs, word).id, '407', word);
  for (const word of ['lp720095', 'LP#720095', 'cve-2011-2189'])
    t.equal(findBug(bugs, word).id, 'lp720095', word);
  t.match(
    thrownBy(() => findBug(bugs, '408')),
    { exitCode: 2, remedy: /407/ },
  );
  t.throws(() => findBug(bugs, 'nonsense'), UsageError);
});

t.test(
  'the usual arm is the first; one that a defect lacks is refused with those that there are',
  async (t) => {
    const bug = findBug(bugs, '407');
    if (bug.kind !== 'reports') return t.fail('not a bug of reports');
    t.match(findArm(bug, {}), { name: 'poisoned', defect: 'exec' });
    t.match(findArm(bug, { name: 'stock' }), { name: 'stock', defect: 'exec' });
    t.match(findArm(bug, { defect: 'reap' }), { name: 'poisoned', workload: 'pidns-reap' });
    t.match(
      thrownBy(() => findArm(bug, { name: 'natural', defect: 'reap' })),
      { remedy: /--defect reap --arm poisoned/ },
    );
  },
);
