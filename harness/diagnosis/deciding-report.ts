import { classify } from './classify.js';
import { judge } from './judge.js';
import type { Observations, Report } from './types.js';

/**
 * The report of a console that would decide how an attempt ended, though all that was asked of the machine went well; null where there
 * is none (warnings and a memory cgroup's OOM decide nothing).
 */
export function decidingReport(console: string): Report | null {
  const reports = classify(console);
  const { decisive } = judge(reports, allWell);
  return decisive === null ? null : (reports[decisive] ?? null);
}

const allWell: Observations = {
  ready: true,
  boot: null,
  done: { status: 'passed', signal: 0, iterations: 0, stopped: false, reason: '' },
  end: 'done',
  trouble: '',
  longestGapSeconds: 0,
  cameBack: false,
};
