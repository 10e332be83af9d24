import { join } from 'node:path';
import pc from 'picocolors';
import { counted } from '../../host/counted.js';
import { printable } from '../../host/printable.js';
import { shellQuoted } from '../../host/shell-quoted.js';
import { type Attribution, isReproduced } from '../../repro/attribute.js';
import type { OnOfficial } from '../../repro/on-official.js';
import type { KernelReproduction, Reproduction } from '../../repro/reproduce.js';
import type { MedianTime } from '../../statistics/median-time.js';
import { workText } from '../../summary/work-done.js';
import type { Screen } from '../format.js';
import { seconds } from '../words/duration.js';
import type { Colours } from './colours.js';
import { sourcesLines } from './sources-lines.js';
import { textTable } from './text-table.js';

type ArmTally = KernelReproduction['arm'];

/**
 * A reproduction for people: what came, whether it is the bug, how to have it again. Guest text is escaped.
 *
 * @param given words of the command line that the same attempts need besides (--attempts 30)
 */
export function renderReproduction(
  reproduction: Reproduction,
  screen: Screen,
  given: readonly string[] = [],
): string {
  const colours = pc.createColors(screen.colour);
  const { kernels, mode, outOfTime, interrupted } = reproduction;
  const [only] = kernels;
  const lines = [
    ...(mode === 'search' && only !== undefined
      ? searchLines(reproduction, only, screen.folder, colours)
      : []),
    ...(mode === 'comparison' ? comparisonLines(reproduction, colours) : []),
    ...reproduction.official.map(officialLine),
    ...(outOfTime ? ['The time limit ended it; unfinished attempts are not counted.'] : []),
    ...(interrupted ? ['Interrupted; what finished is kept.'] : []),
    '',
    `again: ${againCommand(reproduction, given)}`,
    `run:   ${screen.folder || '.'}  (kmatrix report ${reproduction.run})`,
  ];
  return `${lines.join('\n')}\n`;
}

function searchLines(
  reproduction: Reproduction,
  found: KernelReproduction,
  folder: string,
  colours: Colours,
): string[] {
  const { issue, arm } = reproduction;
  const { kernel, release, attribution, finding, unavailable, arm: tally } = found;
  if (unavailable !== null) return [colours.yellow(`${kernel} is unavailable: ${printable(unavailable)}`)];
  if (finding === null && reproduction.interrupted && tally.of === 0)
    return [`No attempt on ${kernel} had ended yet.`];
  if (finding === null) {
    return [
      `${colours.bold(`${issue.id} was not reproduced`)} on ${kernel}, ${printable(release)}, arm ${arm.name}`,
      ...armLines(found),
      ...sourceLine(found),
    ];
  }
  const verdict = isReproduced(attribution)
    ? colours.green(`${issue.id} reproduced`)
    : colours.yellow(`a report, not attributed to ${issue.id}`);
  const row = (name: string, text: string): string => `${`${name}:`.padEnd(12)} ${text}`;
  const fix = issue.commit === '' ? issue.fixed : `${issue.fixed}, ${issue.commit}`;
  return [
    `${colours.bold(verdict)} on ${kernel}, ${printable(release)}, arm ${arm.name}`,
    '',
    ...finding.excerpt.map((line) => `  ${line}`),
    ...(finding.excerpt.length > 0 ? [''] : []),
    row('outcome', `${finding.outcome}: ${printable(finding.reason)}`),
    row('signature', printable(finding.signature) || 'none: no report on the console'),
    row(
      'frames',
      finding.frames
        .slice(0, 8)
        .map((name) => printable(name))
        .join(' ← ') || 'none',
    ),
    row('issue', `${issue.id}, ${issue.title}; ${issue.affected}`),
    row('fixed in', fix),
    row('attributed', attributionText(attribution)),
    row('time', timeText(found)),
    row('attempt', `#${finding.index}, seed ${finding.seed}, ${finding.cell}`),
    ...(finding.console === '' ? [] : [row('console', join(folder, finding.console))]),
    ...armLines(found),
    ...sourceLine(found),
  ];
}

/** source: differs in 3 files; see docs/kernels.md */
const sourceLine = ({ purity }: KernelReproduction): string[] =>
  purity === null ? [] : [`${'source:'.padEnd(12)} ${printable(purity)}; see docs/kernels.md`];

function timeText({ finding, arm }: KernelReproduction): string {
  if (finding === null || finding.secondsFromPowerOn === null) return 'the console has no timestamp for it';
  const start =
    finding.secondsFromStart === null
      ? ''
      : `, ${seconds(finding.secondsFromStart)} from the workload's start`;
  const done = `${counted(finding.iterations, 'iteration')} finished by the last heartbeat`;
  const tries = arm.of > 1 ? `; attempt ${finding.index + 1}` : '';
  return `${seconds(finding.secondsFromPowerOn)} from power-on${start}, ${done}${tries}`;
}

function armLines({ arm, control }: KernelReproduction): string[] {
  const line = (name: string, tally: ArmTally): string =>
    `${`${name}:`.padEnd(12)} ${rateText(tally)} of ${tally.workload}; to a report: ${medianText(tally.seconds, 's')}, ${medianText(tally.iterations, 'iteration')}`;
  return [line('arm', arm), ...(control === null ? [] : [line('control', control)])];
}

function comparisonLines({ kernels, issue, arm }: Reproduction, colours: Colours): string[] {
  const rows = kernels.flatMap(({ kernel, unavailable, arm: own, control, attribution }) => {
    if (unavailable !== null) return [[kernel, 'unavailable', printable(unavailable, 60), '', '', '']];
    const paint = attributionText(attribution);
    return [
      [
        kernel,
        own.workload,
        rateText(own),
        medianText(own.seconds, 's'),
        medianText(own.iterations, ''),
        paint,
      ],
      ...(control === null
        ? []
        : [
            [
              '',
              control.workload,
              rateText(control),
              medianText(control.seconds, 's'),
              medianText(control.iterations, ''),
              'control',
            ],
          ]),
    ];
  });
  const head = ['kernel', 'workload', 'failed (95 %)', 'median to report', 'iterations', 'attributed'];
  return [
    colours.bold(`${issue.id}, arm ${arm.name}: ${issue.title}; fixed in ${issue.fixed}`),
    '',
    ...textTable([head, ...rows].map((row) => row.map((text) => ({ text })))),
    '',
    ...sourcesLines(kernels),
    '> t: fewer than half of the attempts came to a report; the longest ran for t without one.',
  ];
}

/** Whether the same came on a distribution's own kernel. */
function officialLine({ kernel, flavour, failing, of, signatures, shared }: OnOfficial): string {
  const on = `${kernel} (${printable(flavour)})`;
  const list = (texts: readonly string[]): string => texts.map((text) => printable(text)).join(', ');
  const line = (text: string): string => `${'official:'.padEnd(12)} ${text}`;
  if (failing === 0) return line(of === 0 ? `${on} says nothing` : `${on} held, 0 of ${of} failed`);
  if (signatures.length === 0) return line(`${on} fell silent without a report, ${failing} of ${of}`);
  if (shared === null) return line(`on ${on} itself: ${list(signatures)}`);
  if (shared.length > 0) return line(`the same signature on ${on}: ${list(shared)}`);
  return line(`another signature on ${on}: ${list(signatures)}`);
}

/** How it is known that a report is the bug. */
export function attributionText(attribution: Attribution): string {
  const { how, arm, control } = attribution;
  const silent =
    control !== null && control.failing > 0 ? `; the control failed too, ${countText(control)}` : '';
  switch (how) {
    case 'by frames':
      return `by frames${silent}`;
    case 'by comparison':
      return `by comparison: ${countText(arm)} against ${countText(attribution.control)}, p = ${attribution.probability.toPrecision(2)}`;
    case 'not attributed':
      return `not attributed: ${attribution.why} (${countText(arm)}${control === null ? '' : ` against ${countText(control)}`})`;
    case 'no report':
      return 'no report';
    default:
      return attribution satisfies never;
  }
}

const countText = ({ failing, of }: { failing: number; of: number }): string => `${failing} of ${of}`;

function rateText({ failing, of, rate, work }: ArmTally): string {
  const percent = (value: number): string => `${Math.round(value * 100)}`;
  const done = workText(work);
  return rate === null
    ? '0 of 0'
    : `${failing} of ${of} (${percent(rate.low)} to ${percent(rate.high)} %)${done === '' ? '' : `, ${done}`}`;
}

function medianText(time: MedianTime, unit: string): string {
  if (time === null) return '—';
  const text = (value: number): string =>
    unit === 's' ? seconds(value) : unit === '' ? String(value) : counted(value, unit);
  return 'median' in time ? text(time.median) : `> ${text(time.beyond)}`;
}

/** The words that give the same attempts again. */
function againCommand({ bug, arm, kernels, seed, mode }: Reproduction, given: readonly string[]): string {
  const words = ['kmatrix', 'repro', bug, '--arm', arm.name, '--defect', arm.defect];
  for (const { kernel } of kernels) words.push('--kernel', kernel);
  if (mode === 'comparison' && kernels.some(({ control }) => control !== null)) words.push('--control');
  return shellQuoted([...words, ...given, '--seed', String(seed)]);
}
