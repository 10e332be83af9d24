import type { Attribution } from '../../../repro/attribute.js';
import type { Evidence, KernelEvidence, Trial } from '../../../repro/evidence/collect.js';
import type { MedianTime } from '../../../statistics/median-time.js';
import { secondsText } from '../../words/cell-text.js';
import { table } from '../table.js';
import { countText, settingText } from './trial-text.js';
import type { Ways } from './ways.js';

/** The experiments of one kind: a row per kernel, workload and setting. Empty where none was run. */
export function trials({ kernels }: Evidence, kind: string, ways: Ways): string[] {
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
