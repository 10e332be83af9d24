import type { Evidence } from '../../../repro/evidence/collect.js';
import { markdownText } from '../text.js';

/** Which runs a page was counted from, and which were left out and why. */
export const counted = ({ runs, leftOut }: Pick<Evidence, 'runs' | 'leftOut'>): string[] => [
  `Counted from ${runs.map((run) => `\`${run}\``).join(', ')}.`,
  '',
  ...leftOutLines(leftOut),
];

/** A run may be left out in parts, each for its reason. */
function leftOutLines(leftOut: Evidence['leftOut']): string[] {
  if (leftOut.length === 0) return ['No run of these workloads was left out.'];
  const runs = new Set(leftOut.map(({ run }) => run)).size;
  return [
    `Left out, in whole or in part, ${runs === 1 ? 'was 1 run' : `were ${runs} runs`}:`,
    '',
    ...leftOut.map(({ run, why }) => `- \`${run}\`: ${markdownText(why, 500)}.`),
  ];
}
