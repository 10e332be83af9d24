import { columnLabel } from '../../matrix/cell-id.js';
import type { UserlandRecord } from '../../results/session.js';
import type { ControlsSummary, KernelSummary, ReasonGroup, ReportGroup } from '../../summary/types.js';
import { cellText } from '../words/cell-text.js';
import { groupText } from '../words/group-text.js';
import { imageColumns, imageRows } from '../words/image-rows.js';
import { userlandLines } from '../words/userland-lines.js';
import { consoleLink, table } from './table.js';
import { codeBlock, markdownText } from './text.js';

/** What stands behind the table, one function per section; an empty one has no lines. */
export function reportGroup(group: ReportGroup): string[] {
  const { title, signature, knownIssue, first } = group;
  const issue = knownIssue === null ? '' : ` (${markdownText(knownIssue)})`;
  const place = first.console === '' ? '' : `, ${consoleLink(first.console)} line ${first.line}`;
  return [
    `### ${markdownText(title)}${issue}`,
    '',
    `${groupText(group)}. Known issue: ${knownIssue === null ? 'none' : markdownText(knownIssue)}. Signature: ` +
      `${markdownText(signature, 300)}. First: ${first.cell}, attempt ${first.index}, seed ${first.seed}${place}.`,
    ...(first.excerpt.length === 0 ? [] : ['', ...codeBlock(first.excerpt)]),
  ];
}

export function reasonTable(reasons: readonly ReasonGroup[]): string[] {
  if (reasons.length === 0) return [];
  const rows = reasons.map(({ column, outcome, reason, kernels, console }) => [
    column,
    outcome,
    markdownText(reason, 300),
    kernels.join(', '),
    consoleLink(console),
  ]);
  return [
    '## Not stable, and no report',
    '',
    ...table([['workload', 'outcome', 'reason', 'kernels', 'first'], ...rows]),
  ];
}

export function controls({ verdict, cells }: ControlsSummary): string[] {
  const rows = cells.map((cell) => [
    `${cell.kernel} ${columnLabel(cell.column)}`,
    cell.role,
    cell.expectation.outcomes.join(' or '),
    cellText(cell, 'short').replace(/ !$/, ' **!**'),
    markdownText(cell.reason),
    consoleLink(cell.console),
  ]);
  return [
    '## Controls',
    '',
    `**${markdownText(verdict, 2000)}**`,
    ...(rows.length === 0
      ? []
      : ['', ...table([['control', 'role', 'must end in', 'ended in', 'reason', ''], ...rows])]),
  ];
}

export function userlandList(userlands: readonly UserlandRecord[]): string[] {
  const lines = userlandLines(userlands, markdownText);
  return lines.length === 0 ? [] : ['## Userlands', '', ...lines.map((line) => `- ${line}`)];
}

export function imageTable(kernels: readonly KernelSummary[]): string[] {
  const rows = imageRows(kernels, markdownText);
  if (rows.length === 0) return [];
  return ['## Images', '', ...table([['kernel', ...imageColumns], ...rows])];
}
