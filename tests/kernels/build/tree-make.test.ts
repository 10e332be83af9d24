import { join } from 'node:path';
import t from 'tap';
import { HostError } from '../../../harness/errors.js';
import { runMake } from '../../../harness/kernels/build/run-make.js';

const call = (tree: string) => ({
  source: tree,
  build: tree,
  words: ['-C', tree],
  environment: { PATH: process.env.PATH ?? '' },
});
const options = { targets: ['all'], jobs: 1, purpose: 'building', signal: new AbortController().signal };

t.test('objects are counted, and all that make says goes to the log', async (t) => {
  const tree = t.testdir({ Makefile: 'all:\n\t@echo "  CC one.o"; echo "  LD all"; echo "  AS two.o"\n' });
  const log = join(tree, 'log');
  t.equal(await runMake(call(tree), { ...options, log }), 2);
});

t.test('a log that the disk has no space for is a HostError, not the end of the process', async (t) => {
  const tree = t.testdir({ Makefile: 'all:\n\t@echo one; sleep 0.2; echo two\n' });
  await t.rejects(runMake(call(tree), { ...options, log: '/dev/full' }), HostError);
});
