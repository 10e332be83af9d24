import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { projectRoot } from '../../harness/host/project.js';
import { expand, wholeProfile } from '../../harness/matrix/expand.js';
import { loadMatrix } from '../../harness/matrix/load.js';
import type { Selection } from '../../harness/matrix/types.js';

const matrix = await loadMatrix(join(projectRoot, 'matrix.yml'));
const workloads = (parts: Partial<Selection>): string[] => {
  const cells = expand(matrix, { ...wholeProfile('smoke'), ...parts });
  return [...new Set(cells.filter(({ role }) => role === 'matrix').map(({ workload }) => workload.id))];
};

t.test('a storage driver alone asks for the workloads that use storage', (t) => {
  t.same(workloads({ axes: { storage: ['aufs'] } }), ['lifecycle']);
  t.same(workloads({ axes: { storage: ['overlay'] } }), ['lifecycle', 'apt-get', 'layers-8']);
  t.same(workloads({ axes: { storage: ['aufs'] }, workloads: ['setns-probe'] }), ['setns-probe']);
  const usual = ['lifecycle', 'netns-churn', 'pidns-exec', 'setns-probe', 'feature-probe'];
  t.same(workloads({ axes: { storage: ['plain'] } }), usual);
  t.same(workloads({ axes: { 'kernel-arguments': ['poisoned'] } }), usual, 'those change the kernel for all');
  const cells = expand(matrix, { ...wholeProfile('smoke'), axes: { storage: ['*'] } });
  t.same(
    cells.filter(({ workload }) => workload.id === 'setns-probe').map(({ axes }) => axes.storage?.id),
    ['plain', 'plain', 'plain'],
    'once on each kernel',
  );
  t.end();
});

t.test('where no workload says what it uses, each may', (t) => {
  const silent = { ...matrix, workloads: matrix.workloads.map(({ uses: _, ...row }) => row) };
  const cells = expand(silent, { ...wholeProfile('smoke'), axes: { storage: ['aufs'] } });
  t.ok(cells.some(({ workload }) => workload.id === 'setns-probe'));
  t.end();
});

t.test('a workload says that it uses storage if and only if its program reads the argument', async (t) => {
  for (const { id, program, uses = [] } of matrix.workloads) {
    const source = await readFile(join(projectRoot, `images/guest/workloads/${program}.c`), 'utf8');
    t.equal(uses.includes('storage'), source.includes('km_text("storage"'), id);
  }
});

t.test('what a workload uses is no part of a cell, so that runs from before go on', (t) => {
  for (const { workload } of expand(matrix, wholeProfile('smoke'))) t.notOk('uses' in workload);
  t.end();
});
