import t, { type Test } from 'tap';
import type { AttemptResult } from '../../harness/attempt/types.js';
import { has407, kernelAttempts } from './kernel-attempts.js';

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

const attempts = await kernelAttempts(t, Object.keys(kernels));

/** The bug in one of up to five attempts, and no other failure than a report in any. */
function fires(t: Test, results: readonly AttemptResult[]): void {
  const told = results
    .map(({ outcome, iterations }) => `${outcome} after ${iterations} iterations`)
    .join(', ');
  t.ok(results.some(has407), told);
  for (const { outcome, reason } of results) t.match(outcome, /^(oops|panic|stable)$/, reason);
  t.comment(`attempt ${results.length}: ${told}`);
}

function staysSilent(t: Test, result: AttemptResult): void {
  t.comment(`${result.outcome} after ${result.iterations} iterations`);
  t.equal(result.outcome, 'stable', result.reason);
  t.same(result.reports, []);
}

for (const [id, has] of Object.entries(kernels)) {
  const cached = attempts.cached(id);
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
  for (const [workload, hasBug] of Object.entries(arms)) {
    t.test(
      `${id} (${cached.kernel.release}), stock: ${workload} ${hasBug ? 'fires' : 'stays silent'}`,
      async (t) => {
        if (hasBug) return fires(t, await attempts.until407(cached, workload, 'default'));
        const result = await attempts.run(cached, workload, 'default');
        staysSilent(t, result);
        // a report ends the attempt before the workload says what it counted
        if (workload === 'pidns-reap')
          t.match(
            result.facts.find(({ name }) => name === 'reaped-child-outlives-init'),
            { value: false },
          );
      },
    );
  }
}

const docker = attempts.cached('vanilla-3.2');
t.test(
  'docker-2013 meets it in the first containers of a poisoned kernel',
  docker ? {} : { skip: 'lacks the kernel vanilla-3.2 in the cache' },
  async (t) => {
    if (docker === undefined) return;
    fires(t, await attempts.until407(docker, 'docker-2013', 'poisoned'));
  },
);
