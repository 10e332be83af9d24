import { knownIssueOf } from '../../diagnosis/known-issues.js';
import {
  type Evidence,
  hasBug,
  issue,
  type KernelEvidence,
  type Trial,
} from '../../repro/evidence/collect.js';
import type { Experiment } from '../../repro/evidence/experiments.js';
import type { FirstReport } from '../../repro/evidence/first-report.js';
import { wayKey } from '../../repro/evidence/way.js';
import { clopperPearson } from '../../statistics/clopper-pearson.js';
import { isShort, workText, workTogether } from '../../summary/work-done.js';
import { compareLines } from '../../versions/kernel-lines.js';
import { secondsText } from '../cell-text.js';
import { table } from '../markdown-table.js';
import { markdownText } from '../markdown-text.js';
import { trialSection } from './trial-section.js';
import { countText, settingText } from './trial-text.js';
import { Ways } from './ways.js';

/**
 * docs/407.md: the story of moby#407; its figures are counted from stored runs, its history is told with sources.
 *
 * @param runs how the folder of runs is named in links from the page
 */
export function renderPage(evidence: Evidence, runs: string): string {
  const ways = new Ways(evidence);
  const sections = [
    head,
    mechanism,
    lines(evidence),
    ways.section(),
    sources(evidence),
    ...(['exec', 'reap', 'docker'] as const).map((kind) => trialSection(evidence, kind, ways)),
    fix(evidence, ways),
    firstReports(evidence, runs),
    again(evidence),
  ];
  return `${sections
    .filter((section) => section.length > 0)
    .map((section) => section.join('\n'))
    .join('\n\n')}\n`;
}

const head = [
  '<!-- Written by `kmatrix page 407`: the figures of its tables are counted from the runs that are named at the end. -->',
  '',
  '# Issue #407',
  '',
  'In April 2013 users of Docker reported kernels that crashed or froze while containers came and went: `lxc-start`, `docker` or',
  '`apt-get` was the process, `d_hash_and_lookup` or `mntput` the function (moby#407). Docker’s documentation of that year says',
  'that kernels before 3.8 may oops, and that 3.2 to 3.5 show a reproducible bug.',
];

const mechanism = [
  '## What happens',
  '',
  'Each PID namespace has an internal mount of proc, which dying tasks are flushed from (`proc_flush_task`, fs/proc/base.c). Up to',
  '3.7 it is given back when a dying task carries pid 1. Two ways lead past that:',
  '',
  '1. **Exec from another thread of pid 1.** `de_thread()` releases the old leader, which still carries pid 1, while the namespace',
  '   lives on. Each later exit inside looks entries up in a mount that was released (`d_hash_and_lookup`), and the real end of',
  '   pid 1 puts it once more (`mntput`). Docker met this by itself: its init in the container was a Go program that exec’d the',
  '   user’s command from whichever thread ran.',
  '2. **A child that reaps itself.** Where init ignores SIGCHLD, a child may still be flushing the outer levels when init has been',
  '   reaped and the mount is gone. Mended in 3.5 ("pidns: guarantee that the pidns init will be the last pidns process reaped").',
  '',
  'Both are gone in 3.8: 0a01f2cc390e ("pidns: Make the pidns proc mount/umount logic obvious").',
];

const defects = [
  { kind: 'exec', subject: 'The first defect', doubt: 'whether by the first defect' },
  { kind: 'reap', subject: 'The second defect', doubt: 'whether by the second defect' },
  { kind: 'docker', subject: 'As Docker ran it, the bug', doubt: 'whether by the bug, as Docker ran it' },
] as const;

function lines({ kernels }: Evidence): string[] {
  const sentences = defects.flatMap(({ kind, subject, doubt }) => {
    const named = (wanted: ReturnType<typeof hasBug>): string =>
      kernels
        .filter((kernel) => hasBug(kernel, kind) === wanted)
        .map((kernel) => `\`${kernel.id}\`${wanted === 'silent' ? shortText(kernel, kind) : ''}`)
        .join(', ');
    const [seen, silent, unclear] = [named('seen'), named('silent'), named('unclear')];
    return [
      ...(seen === '' ? [] : [`- ${subject} was seen on ${seen}.`]),
      ...(silent === '' ? [] : [`- ${subject} was provoked and not seen on ${silent}.`]),
      ...(unclear === '' ? [] : [`- It is not clear ${doubt}: ${unclear} failed.`]),
    ];
  });
  if (sentences.length === 0) return [];
  return ['## Which kernels have it', '', ...sentences, ...sinceTheFix(kernels)];
}

/** A silence of which most was not waited for says so: (41 % done). */
function shortText({ trials }: KernelEvidence, kind: Experiment['kind']): string {
  const own = trials.filter(({ experiment }) => experiment.kind === kind);
  const work = workTogether(own.map(({ provoked }) => provoked.work));
  return isShort(work) ? ` (${workText(work)})` : '';
}

/** What the silence of the mended lines is worth: a bound on the rate at which the bug might still come there. */
function sinceTheFix(kernels: Evidence['kernels']): string[] {
  const fixedIn = knownIssueOf(issue)?.fixed ?? '';
  const perKernel = kernels
    .filter(({ line }) => compareLines(line, fixedIn) >= 0)
    .map(({ trials }) =>
      trials.filter(({ experiment: { kind } }) => kind === 'exec').map(({ provoked }) => provoked),
    )
    .filter((arms) => arms.some(({ of }) => of > 0));
  const arms = perKernel.flat();
  const of = arms.reduce((sum, arm) => sum + arm.of, 0);
  const failing = arms.reduce((sum, arm) => sum + arm.failing, 0);
  if (of === 0) return [];
  const work = workText(workTogether(arms.map((arm) => arm.work)));
  const [done, ofIt] = work === '' ? ['', ''] : [` (${work})`, ', each of so much of its work,'];
  // one-sided: the upper end of a two-sided interval of twice the error
  const bound = `${(Math.ceil(clopperPearson(failing, of, 0.9).high * 10_000) / 100).toFixed(2)} %`;
  return [
    `- From ${fixedIn} on, ${perKernel.length} kernels together failed in ${failing} of ${of} attempts${done} that provoke the first defect: its mean rate`,
    `  over these attempts${ofIt} is at most ${bound} (95 %, one-sided Clopper-Pearson).`,
  ];
}

/** What is known of the trees, kernels of which the same is known together; ids of kernels are the matrix's own. */
function sources({ kernels }: Evidence): string[] {
  const groups = new Map<string, string[]>();
  for (const { id, purity } of kernels) {
    const known = purity.map((one) => one ?? 'unknown').toSorted();
    const text = known.join(' in some runs, ') + (known.length > 1 ? ' in others' : '');
    groups.set(text, [...(groups.get(text) ?? []), id]);
  }
  if (groups.size === 0) return [];
  return [
    '## Sources of the kernels',
    '',
    'What is known of the trees that they were built from, or of the packages that they came in ([kernels.md](kernels.md)); unknown is what',
    'older runs didn’t record.',
    '',
    ...[...groups].map(([text, ids]) => {
      const named = groups.size === 1 ? 'all of them' : ids.map((id) => `\`${id}\``).join(', ');
      return `- ${markdownText(text)}: ${named}.`;
    }),
  ];
}

function fix({ kernels }: Evidence, ways: Ways): string[] {
  const [mended, bare] = ['vanilla-3.7-fixed', 'vanilla-3.7'].map((id) =>
    kernels.find((kernel) => kernel.id === id),
  );
  const rows = (bare?.trials ?? []).flatMap((one) => {
    const {
      experiment: { workload, title },
      provoked,
    } = one;
    const same = mended?.trials.find(
      (trial) =>
        trial.experiment.workload === workload &&
        trial.boot === one.boot &&
        trial.storage === one.storage &&
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
  return [
    '## The fix, alone',
    '',
    'The same tree of 3.7 with and without one patch, `images/kernels/patches/pidns-proc-mount-3.7`, written from the description',
    'of 0a01f2cc390e: the mount lives until the namespace’s last pid is gone.',
    '',
    ...table([['experiment', 'setting', 'way', '3.7', '3.7 with the patch'], ...rows]),
  ];
}

function firstReports({ kernels }: Evidence, runs: string): string[] {
  const rows = kernels.flatMap(({ id, trials }) =>
    onePerSetting(trials).flatMap((trial) =>
      trial.first === null
        ? []
        : [firstRow([id, trial.experiment.workload, settingText(trial)], trial.first, runs)],
    ),
  );
  if (rows.length === 0) return [];
  return [
    '## First reports',
    '',
    ...table([['kernel', 'workload', 'setting', 'report', 'after', 'console'], ...rows]),
  ];
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

const again = ({ runs, leftOut }: Evidence): string[] => [
  '## Again',
  '',
  '    kmatrix repro 407                                       # the first report on a kernel that has it',
  "    kmatrix repro 407 --kernel 'vanilla-3.*' --attempts 20    # a comparison",
  '    kmatrix page 407 > docs/407.md                          # this page, from the runs in results/',
  '',
  `Counted from ${runs.map((run) => `\`${run}\``).join(', ')}.`,
  ...leftOutLines(leftOut),
];

/** A run may be left out in parts, each for its reason. */
function leftOutLines(leftOut: Evidence['leftOut']): string[] {
  if (leftOut.length === 0) return ['', 'No run of these workloads was left out.'];
  const runs = new Set(leftOut.map(({ run }) => run)).size;
  return [
    '',
    `Left out, in all or in parts, ${runs === 1 ? 'was 1 run' : `were ${runs} runs`}:`,
    '',
    ...leftOut.map(({ run, why }) => `- \`${run}\`: ${markdownText(why, 500)}.`),
  ];
}
