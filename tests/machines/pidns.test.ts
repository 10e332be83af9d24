import t, { type Test } from 'tap';
import type { AttemptResult } from '../../harness/schedule/types.js';
import { kernelAttempts } from './kernel-attempts.js';

/**
 * Stock kernels, nothing poisoned: both defects of #407 in their own frames, and their control arms silent. 3.5 has the
 * first alone (pid 1 is the last to be reaped since), 3.8 has neither.
 */
const kernels: Readonly<Record<string, { readonly exec: boolean; readonly reap: boolean }>> = {
  'vanilla-2.6.32': { exec: true, reap: true },
  'vanilla-3.2': { exec: true, reap: true },
  'vanilla-3.4': { exec: true, reap: true },
  'vanilla-3.7': { exec: true, reap: false },
  'vanilla-3.8': { exec: false, reap: false },
};

const attempts = await kernelAttempts(t);

function judge(t: Test, result: AttemptResult, fires: boolean): void {
  t.comment(`${result.outcome} after ${result.iterations} iterations`);
  if (!fires) {
    t.equal(result.outcome, 'stable', result.reason);
    t.same(result.reports, []);
    return;
  }
  t.match(result.outcome, /^(oops|panic)$/, result.reason);
  t.ok(
    result.reports.some(({ knownIssue }) => knownIssue === '#407'),
    result.reports.map(({ title, signature }) => `${title}: ${signature}`).join('; '),
  );
}

for (const [id, has] of Object.entries(kernels)) {
  const cached = await attempts.cached(id);
  if (cached === undefined) {
    t.test(`${id} and #407`, { skip: `lacks the kernel ${id} in the cache` }, () => {});
    continue;
  }
  const arms = {
    'pidns-exec': has.exec,
    'pidns-exec-leader': false,
    'pidns-reap': has.reap,
    'pidns-reap-default': false,
  };
  for (const [workload, fires] of Object.entries(arms)) {
    t.test(
      `${id} (${cached.kernel.release}), stock: ${workload} ${fires ? 'fires' : 'stays silent'}`,
      async (t) => {
        const result = await attempts.run(cached, workload, 'default');
        judge(t, result, fires);
        // a report ends the attempt before the workload says what it counted
        if (workload === 'pidns-reap' && !fires)
          t.match(
            result.facts.find(({ name }) => name === 'reaped-child-outlives-init'),
            { value: false },
          );
      },
    );
  }
}

const docker = await attempts.cached('vanilla-3.2');
t.test(
  'docker-2013 meets it in the first containers of a poisoned kernel',
  docker ? {} : { skip: 'lacks the kernel vanilla-3.2 in the cache' },
  async (t) => {
    if (docker === undefined) return;
    judge(t, await attempts.run(docker, 'docker-2013', 'poisoned'), true);
  },
);
