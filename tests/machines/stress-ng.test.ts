import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import type { StoredAttempt } from '../../harness/results/attempt-schema.js';
import { readAttempts } from '../../harness/results/read-run.js';
import { kmatrix } from '../cli/kmatrix.js';
import { userlandMatrix } from './userland-matrix.js';

const some = { stressors: 'clone,unshare,bind-mount,no-such-stressor', workers: 1, ops: 10, seconds: 20 };
const none = { ...some, stressors: 'no-such-stressor' };
const killed = { ...some, stressors: 'clone', ops: 1_000_000, break: 'kill' };

t.test(
  'stress-ng works in containers; what it lacks is a fact, and one that is killed is found',
  async (t) => {
    const folder = t.testdir({ runs: {} });
    const shape = {
      program: 'stress-ng',
      timeoutSeconds: 120,
      needs: { userlands: ['bookworm'] },
      machine: { cpus: 2, memoryMiB: 768 },
    };
    const file = await userlandMatrix(
      folder,
      {
        'stress-ng': { arguments: some, iterations: 4 },
        'stress-ng-none': { ...shape, arguments: none, iterations: 1 },
        'stress-ng-killed': { ...shape, arguments: killed, iterations: 1 },
      },
      {
        'stress-ng-none': { outcomes: ['unsupported'] },
        'stress-ng-killed': { outcomes: ['operation-killed'] },
      },
    );
    const out = join(folder, 'runs');
    const where = ['--matrix', file, '--out', out, '--accelerator', 'tcg'];
    const what = ['--kernel', 'debian-6.1-cloud', '--workload', 'stress-ng*', '--storage', 'overlay'];
    const { exitCode, stderr } = await kmatrix(['run', ...where, ...what]);
    t.equal(exitCode, 0, stderr);
    const attempts = new Map<string, StoredAttempt>();
    for await (const attempt of readAttempts(join(out, ...(await readdir(out)))))
      attempts.set(attempt.key.cell.split('/')[1] ?? '', attempt);

    const worked = attempts.get('stress-ng');
    t.match(worked, { outcome: 'stable', iterations: 4 });
    const facts = Object.fromEntries(worked?.facts.map(({ name, ...fact }) => [name, fact]) ?? []);
    for (const stressor of ['clone', 'unshare', 'bind-mount'])
      t.match(
        facts[stressor],
        { value: 'passed', evidence: /^[1-9]\d* rounds by 1 worker, 10 of each/ },
        stressor,
      );
    t.match(facts['no-such-stressor'], { value: 'not in this version' });

    t.match(attempts.get('stress-ng-none'), {
      outcome: 'unsupported',
      reason: /stress-ng: none of no-such-stressor can run here/,
    });
    t.match(attempts.get('stress-ng-killed'), {
      outcome: 'operation-killed',
      reason: /stress-ng --clone was killed by signal 9 after 1\.\d s/,
    });
  },
);
