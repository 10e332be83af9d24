import { cellText, secondsText } from './cell-text.js';
import { codeBlock, markdownText } from './markdown-text.js';
import type { CellSummary, FeatureTable, KernelSummary, ReportGroup, RunSummary } from './types.js';

/** The table as GitHub Markdown; paths of consoles are relative to the run's folder, where this file belongs. */
export function renderMarkdown(summary: RunSummary): string {
  const sections = [
    heading(summary),
    matrixTable(summary),
    unavailableRows(summary.kernels),
    controls(summary),
    summary.reports.length > 0 ? ['## Reports'] : [],
    ...summary.reports.map(reportGroup),
    images(summary.kernels),
    features(summary.features),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function heading({ run, attempts, controls: { verdict } }: RunSummary): string[] {
  const { host, qemu, accelerator } = run;
  const damaged = attempts.damaged > 0 ? `, ${attempts.damaged} damaged lines left out` : '';
  return [
    `# Run ${run.id}`,
    '',
    `Profile ${markdownText(run.selection.profile)}, seed ${run.seed}, begun ${markdownText(run.startedAt)}, ` +
      `kmatrix ${markdownText(run.kmatrix)}. QEMU ${markdownText(qemu.version)}, ${accelerator.name} ` +
      `(${markdownText(accelerator.reason)}), ${host.cpus} CPUs (${markdownText(host.cpuModel)}).`,
    '',
    `${attempts.finished} of ${attempts.planned} attempts finished, ${attempts.unexpected} unexpected${damaged}. ` +
      `**${markdownText(verdict, 2000)}**`,
  ];
}

function matrixTable({ kernels, columns, cells }: RunSummary): string[] {
  const byPlace = new Map(cells.map((cell) => [`${cell.kernel}/${cell.column}`, cell]));
  const rows = kernels
    .filter(({ unavailable }) => unavailable === null)
    .map(({ id }) => [id, ...columns.map((column) => cellMarkdown(byPlace.get(`${id}/${column.id}`)))]);
  return [
    ...table([['kernel', ...columns.map(({ label }) => label)], ...rows]),
    '',
    'Outcome, k/n attempts failing, 95 % interval (Clopper-Pearson), time to first report; **!** not as expected.',
  ];
}

function cellMarkdown(cell: CellSummary | undefined): string {
  if (cell === undefined) return '';
  const text = cellText(cell, 'full').replace(/ !$/, ' **!**');
  const linked = cell.console !== '' && cell.failing > 0;
  return linked ? text.replace(cell.outcome, `[${cell.outcome}](${cell.console})`) : text;
}

const unavailableRows = (kernels: readonly KernelSummary[]): string[] =>
  kernels.flatMap(({ id, unavailable }) =>
    unavailable === null ? [] : [`- ${id}: unavailable: ${markdownText(unavailable, 500)}`],
  );

const controls = ({ controls: { cells } }: RunSummary): string[] =>
  cells.length === 0
    ? []
    : [
        '## Controls',
        '',
        ...table([
          ['control', 'role', 'outcome', 'reason'],
          ...cells.map((cell) => [cell.id, cell.role, cellMarkdown(cell), markdownText(cell.reason)]),
        ]),
      ];

function reportGroup({ title, knownIssue, kind, reports, attempts, kernels, first }: ReportGroup): string[] {
  const issue = knownIssue === null ? '' : ` (${markdownText(knownIssue)})`;
  const place = first.console === '' ? '' : `, [whole console](${first.console}), line ${first.line}`;
  return [
    `### ${markdownText(title)}${issue}`,
    '',
    `${kind}, ${reports} reports in ${attempts} attempts on ${kernels.join(', ')}. First: ${first.cell}, attempt ` +
      `${first.index}, seed ${first.seed}${place}.`,
    ...(first.excerpt.length === 0 ? [] : ['', ...codeBlock(first.excerpt)]),
  ];
}

function images(kernels: readonly KernelSummary[]): string[] {
  const known = kernels.filter(({ provenance }) => provenance !== '');
  if (known.length === 0) return [];
  const rows = known.map(({ id, release, imageSeconds, bootSeconds, verified, provenance }) => [
    id,
    markdownText(release),
    imageSeconds === null ? '' : secondsText(imageSeconds),
    bootSeconds === null ? '' : secondsText(bootSeconds),
    verified ? 'yes' : 'no',
    markdownText(provenance),
  ]);
  return [
    '## Images',
    '',
    ...table([['kernel', 'release', 'made in', 'boots in', 'seen before', 'from'], ...rows]),
  ];
}

function features({ kernels, features: list }: FeatureTable): string[] {
  if (list.length === 0) return [];
  const rows = list.map(({ name, values }) => [
    markdownText(name, 60),
    ...values.map((value) => (value === null ? '' : markdownText(value, 60))),
  ]);
  return ['## Features', '', ...table([['feature', ...kernels], ...rows])];
}

function table([top = [], ...rows]: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(top), line(top.map(() => '---')), ...rows.map(line)];
}
