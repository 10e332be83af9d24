import { RunStore } from '../../harness/results/run-store.js';
import { aCell, anAttempt, aReport, aRun } from '../results/made-up-run.js';

/** Controls of a run: one that must fail and one that must not. */
export const bad = aCell('debian-6.1', 'control-panic', {
  role: 'known-bad',
  expectation: { outcomes: ['panic'] },
});
export const good = aCell('debian-6.1', 'burn', { role: 'known-good' });
const cells = [
  bad,
  good,
  aCell('vanilla-3.2', 'lifecycle', { attempts: 5 }),
  aCell('vanilla-3.2', 'netns-churn'),
  aCell('vanilla-3.8', 'lifecycle', { attempts: 2 }),
  aCell('vanilla-3.8', 'netns-churn'),
  aCell('rhel', 'lifecycle'),
];
const console = 'booted\nBUG: fault\nCall Trace: \u001b[31mred\u001b[0m\nafter\n';

/** A run of three kernels with an oops, gaps, and a kernel that couldn't be had; `extra` adds to it. */
export async function sampleRun(root: string, extra?: (run: RunStore) => Promise<void>): Promise<string> {
  const run = await RunStore.create(root, aRun(cells));
  await run.append(anAttempt(bad.id, 0, 'panic'), 'panic');
  await run.append(anAttempt(good.id, 0, 'stable'), '');
  const oops = { reports: [aReport()], decisive: 0, secondsToReport: 3.3 };
  for (let index = 0; index < 5; index++) {
    const failing = index < 2;
    const over = failing ? { ...oops, secondsToReport: 3.3 + index } : {};
    await run.append(anAttempt('vanilla-3.2/lifecycle', index, failing ? 'oops' : 'stable', over), console);
  }
  await run.append(anAttempt('vanilla-3.2/netns-churn', 0, 'unsupported'), '');
  await run.append(
    anAttempt('vanilla-3.8/lifecycle', 0, 'stable', {
      facts: [{ name: 'setns.net', value: true, evidence: 'setns = 0' }],
    }),
    '',
  );
  await run.append(anAttempt('rhel/lifecycle', 0, 'unavailable'), '');
  await run.recordImage({ kernel: 'rhel', status: 'unavailable', reason: 'no tree was given' });
  await extra?.(run);
  await run.close();
  return run.folder;
}
