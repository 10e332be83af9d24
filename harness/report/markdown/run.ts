import { headline } from '../../summary/headline.js';
import { sessionSentences } from '../../summary/run-sessions.js';
import type { CellSummary, RunSummary } from '../../summary/types.js';
import { unavailableGroups, unavailableName } from '../../summary/unavailable-groups.js';
import { cellText, legend } from '../words/cell-text.js';
import { rowFindings, rowLabel } from '../words/row-label.js';
import { featureMarkdown, overviewMarkdown } from './features.js';
import { controls, imageTable, reasonTable, reportGroup, userlandList } from './run-sections.js';
import { outcomeLink, table } from './table.js';
import { markdownText } from './text.js';

/** The tables as GitHub Markdown; paths of consoles are relative to the run's folder, where this file belongs. */
export function renderMarkdown(summary: RunSummary): string {
  const sections = [
    heading(summary),
    matrixTable(summary),
    unavailableRows(summary),
    rowFindings(summary.kernels).map((line) => `- ${markdownText(line, 500)}`),
    overviewMarkdown(summary.features),
    summary.reports.length > 0 ? ['## Reports'] : [],
    ...summary.reports.map(reportGroup),
    reasonTable(summary.reasons),
    controls(summary.controls),
    imageTable(summary.kernels),
    userlandList(summary.userlands),
    featureMarkdown(summary.features),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function heading(summary: RunSummary): string[] {
  const { run } = summary;
  const { host, qemu, accelerator } = run;
  const first = headline(summary);
  return [
    `# Run ${run.id}`,
    '',
    `**${first.charAt(0).toUpperCase()}${first.slice(1)}.**`,
    '',
    `Profile ${markdownText(run.selection.profile)}, seed ${run.seed}, begun ${markdownText(run.startedAt)}, ` +
      `kmatrix ${markdownText(run.kmatrix)}. QEMU ${markdownText(qemu.version)}, ${accelerator.name} ` +
      `(${markdownText(accelerator.reason)}), ${host.cpus} CPUs (${markdownText(host.cpuModel)}).`,
    ...sessionSentences(summary.sessions).flatMap((sentence) => ['', markdownText(sentence, 2000)]),
  ];
}

function matrixTable({ kernels, columns, cells }: RunSummary): string[] {
  const byPlace = new Map(cells.map((cell) => [`${cell.kernel}/${cell.column}`, cell]));
  const rows = kernels
    .filter(({ unavailable }) => unavailable === null)
    .map((kernel) => [
      rowLabel(kernel),
      ...columns.map((column) => cellMarkdown(byPlace.get(`${kernel.id}/${column.id}`))),
    ]);
  return [
    ...table([['kernel', ...columns.map(({ label }) => label)], ...rows]),
    '',
    `${markdownLegend(cells)}. An outcome links to its console.`,
  ];
}

const markdownLegend = (cells: readonly CellSummary[]): string =>
  legend(cells)
    .replace(', 95 % interval', '')
    .replace(/^o/, 'O')
    .replace(/! not as expected$/, '**!** not as expected');

const cellMarkdown = (cell: CellSummary | undefined): string =>
  cell === undefined ? '' : outcomeLink(cell, cellText(cell, 'short'));

const unavailableRows = (summary: RunSummary): string[] =>
  unavailableGroups(summary).map((group) => {
    const { names, reason } = group;
    const listed = names.length === 1 ? '' : ` (${names.join(', ')})`;
    return `- ${unavailableName(group)}${listed}: ${markdownText(reason, 500)}`;
  });
