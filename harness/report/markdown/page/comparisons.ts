import type { PagedBug } from '../../../repro/bugs.js';
import { type Evidence, isSameSetting, type Trial } from '../../../repro/evidence/collect.js';
import type { FirstReport } from '../../../repro/evidence/first-report.js';
import { wayKey } from '../../../repro/evidence/way.js';
import { secondsText } from '../../words/cell-text.js';
import { table } from '../table.js';
import { markdownText } from '../text.js';
import { countText, settingText } from './trial-text.js';
import type { Ways } from './ways.js';

/** One tree with and without the fix: what was tried on both in the same way. */
export function fixAlone({ kernels }: Pick<Evidence, 'kernels'>, { page }: PagedBug, ways: Ways): string[] {
  const pair = page.fixAlone;
  if (pair === undefined) return [];
  const [bare, mended] = [pair.kernel, pair.mended].map((id) => kernels.find((kernel) => kernel.id === id));
  const rows = (bare?.trials ?? []).flatMap((one) => {
    const {
      experiment: { workload, title },
      provoked,
    } = one;
    const same = mended?.trials.find(
      (trial) =>
        trial.experiment.workload === workload &&
        isSameSetting(trial, one) &&
        wayKey(trial.way) === wayKey(one.way),
    );
    return same === undefined
      ? []
      : [
          [
            title,
            settingText(one),
            ways.markedNameOf(one.way, [...one.sessions, ...same.sessions]),
            countText(provoked),
            countText(same.provoked),
          ],
        ];
  });
  if (rows.length === 0) return [];
  return table([['experiment', 'setting', 'way', pair.called, pair.mendedCalled], ...rows]);
}

/** The first report of each kernel, workload and setting, with where it stands. */
export function firstReports({ kernels }: Pick<Evidence, 'kernels'>, runs: string): string[] {
  const rows = kernels.flatMap(({ id, trials }) =>
    onePerSetting(trials).flatMap((trial) =>
      trial.first === null
        ? []
        : [firstRow([id, trial.experiment.workload, settingText(trial)], trial.first, runs)],
    ),
  );
  if (rows.length === 0) return [];
  return table([['kernel', 'workload', 'setting', 'report', 'after', 'console'], ...rows]);
}

/** Each report is the same bug, in whichever way its machine was made. */
function onePerSetting(trials: readonly Trial[]): Trial[] {
  const first = new Map<string, Trial>();
  for (const trial of trials) {
    const setting = `${trial.experiment.workload} ${settingText(trial)}`;
    if (trial.first !== null && !first.has(setting)) first.set(setting, trial);
  }
  return [...first.values()];
}

const firstRow = (
  names: readonly string[],
  { title, seconds, console, line }: FirstReport,
  runs: string,
): string[] => [
  ...names,
  markdownText(title),
  seconds === null ? '' : secondsText(seconds),
  `[line ${line}](${runs}/${console})`,
];
