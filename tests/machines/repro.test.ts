import { join } from 'node:path';
import t from 'tap';
import { projectRoot } from '../../harness/host/project.js';
import { importedName, rowName } from '../../harness/kernels/binding.js';
import { findKernel } from '../../harness/kernels/kernel-entries.js';
import { loadMatrix } from '../../harness/matrix/load.js';
import { findRow } from '../../harness/matrix/select-rows.js';
import { findBug, loadBugs } from '../../harness/repro/bugs.js';
import type { Reproduction } from '../../harness/repro/reproduce.js';
import { kmatrix } from '../cli/kmatrix.js';

const matrix = await loadMatrix(join(projectRoot, 'matrix.yml'));
const isCached = async (id: string): Promise<boolean> => {
  const row = findRow(matrix, id);
  return ((await findKernel(importedName(id))) ?? (await findKernel(rowName(row)))) !== undefined;
};
const bug = findBug(loadBugs(), '407');
let knownBad = false;
for (const { kernel } of bug.kind === 'reports' ? bug.knownBad : []) knownBad ||= await isCached(kernel);

const repro = async (out: string, ...words: readonly string[]) => {
  const { exitCode, stdout, stderr } = await kmatrix([
    'repro',
    '407',
    '--json',
    '--offline',
    '--out',
    out,
    ...words,
  ]);
  const answer: Reproduction = JSON.parse(stdout);
  return { exitCode, answer, stderr };
};

t.test(
  'a known-bad kernel that is at hand, freed memory poisoned: #407 by its frames, exit code 0, and a run that report prints',
  { skip: !knownBad && 'lacks every known-bad kernel of #407 in the cache' },
  async (t) => {
    const out = join(t.testdir({}), 'out');
    const { exitCode, answer, stderr } = await repro(out);
    t.equal(exitCode, 0, stderr);
    t.match(stderr, /^taking \S+: /m);
    const [only] = answer.kernels;
    t.match(only, { attribution: { how: 'by frames' }, finding: { knownIssue: '#407' } });
    const frames = only?.finding?.frames ?? [];
    t.ok(
      frames.some((name) => ['proc_flush_task', 'pid_ns_release_proc'].includes(name)),
      frames.join(' < '),
    );
    t.ok((only?.finding?.secondsFromPowerOn ?? 0) > 0);
    const again = await kmatrix(['report', answer.run, '--runs', out]);
    t.equal(again.exitCode, 0, again.stderr);
    t.match(again.stdout, /controls not run/);
    t.comment(`${only?.kernel} (${only?.release}): ${only?.finding?.reason}`);
  },
);

t.test(
  'vanilla-3.8, where it is mended, stays silent in the same arm: exit code 1',
  { skip: !(await isCached('vanilla-3.8')) && 'lacks the kernel vanilla-3.8 in the cache' },
  async (t) => {
    const { exitCode, answer, stderr } = await repro(
      join(t.testdir({}), 'out'),
      ...['--kernel', 'vanilla-3.8', '--attempts', '1'],
    );
    t.equal(exitCode, 1, stderr);
    t.match(answer.kernels, [
      { attribution: { how: 'no report', arm: { failing: 0, of: 1 } }, finding: null },
    ]);
  },
);
