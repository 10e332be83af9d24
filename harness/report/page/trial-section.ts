import type { Attribution } from '../../repro/attribute.js';
import type { Evidence, KernelEvidence, Trial } from '../../repro/evidence/collect.js';
import type { Experiment } from '../../repro/evidence/experiments.js';
import type { MedianTime } from '../../statistics/median-time.js';
import { secondsText } from '../cell-text.js';
import { table } from '../markdown-table.js';
import { countText, settingText } from './trial-text.js';
import type { Ways } from './ways.js';

const kinds = {
  exec: {
    title: 'Exec from a thread of pid 1',
    text: 'The provoked arm execs from a thread, its control from the leader; nothing else differs.',
  },
  reap: {
    title: 'A child that reaps itself',
    text: 'In the provoked arm init ignores SIGCHLD, in its control it doesn’t; nothing else differs.',
  },
  docker: {
    title: 'As Docker ran it',
    text: 'Short containers back to back from a multi-threaded parent that is killed and started again every 20 s, a busy loop beside it; in the control parent and init have one thread.',
  },
} as const;

/** The section of one kind of experiment: a row per kernel, workload and setting. Empty where none was run. */
export function trialSection({ kernels }: Evidence, kind: Experiment['kind'], ways: Ways): string[] {
  const rows = kernels.flatMap((kernel) =>
    kernel.trials
      .filter((trial) => trial.experiment.kind === kind)
      .map((trial) => trialRow(kernel, trial, ways)),
  );
  if (rows.length === 0) return [];
  const heading = [
    'kernel',
    'workload',
    'setting',
    'way',
    'provoked',
    'median',
    'containers',
    'attributed',
    'control',
  ];
  return [
    `## ${kinds[kind].title}`,
    '',
    kinds[kind].text,
    'Failing attempts of those that say anything, with the 95 % interval (Clopper-Pearson); median time from the workload’s start',
    'to the first report, and containers that had ended before it (Kaplan-Meier, where attempts ended without one). A report',
    'is the bug’s by its frames; where the victim is a bystander, by comparison with the control (Fisher’s exact test, one-sided).',
    '`k % done`: of the containers asked for, where attempts without a failure hit their time limit.',
    '',
    ...table([heading, ...rows]),
  ];
}

function trialRow({ id }: KernelEvidence, trial: Trial, ways: Ways): string[] {
  const {
    experiment: { workload },
    provoked,
    control,
    attribution,
  } = trial;
  return [
    id,
    workload,
    settingText(trial),
    ways.markedNameOf(trial.way, trial.sessions),
    countText(provoked),
    medianText(provoked.seconds, secondsText),
    medianText(provoked.iterations, (count) => String(Math.round(count))),
    attributionText(attribution),
    control === null ? '' : countText(control),
  ];
}

/** Without a report in half of the attempts the median lies beyond what was waited for. */
function medianText(time: MedianTime, text: (value: number) => string): string {
  if (time === null) return '';
  return 'median' in time ? text(time.median) : `> ${text(time.beyond)}`;
}

function attributionText(attribution: Attribution): string {
  switch (attribution.how) {
    case 'by frames':
    case 'no report':
      return attribution.how;
    case 'by comparison':
      return `by comparison (p = ${attribution.probability.toPrecision(1)})`;
    case 'not attributed':
      return `not attributed: ${attribution.why}`;
    default:
      return attribution satisfies never;
  }
}
