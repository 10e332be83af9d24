import { featureOverview } from '../../summary/feature-overview.js';
import type { FeatureGroup, FeatureTable } from '../../summary/feature-table.js';
import { featureText, overviewName, rowName, unprobed } from '../words/feature-words.js';
import { table } from './table.js';
import { markdownText } from './text.js';

/** All groups in one table: what each kernel has, or lacks. */
export function overviewMarkdown(features: FeatureTable): string[] {
  const { groups, rows } = featureOverview(features);
  if (rows.length === 0) return [];
  return [
    '## Features',
    '',
    'Probed live in the guest; kernel + kernel arguments: what those change. The full tables are at the end.',
    'as modules: loaded, then probed. Not configured: the line has it, and our build of it leaves it out.',
    '',
    ...table([
      ['kernel', ...groups.map((name) => markdownText(name, 40))],
      ...rows.map((row) => [overviewName(row), ...row.cells.map((text) => markdownText(text))]),
    ]),
  ];
}

/** The full tables, each folded away under its group's name. */
export function featureMarkdown({ groups }: FeatureTable): string[] {
  if (groups.length === 0) return [];
  return [
    '## Features in full',
    '',
    'A second row of a kernel shows other kernel arguments, where they change something; **bold** is what they change.',
    'Parts of the kernel are built in, a module (loaded, then probed), absent, not configured (the line has it, and our',
    'build leaves it out), or not probed (no attempt reported it, or the probe failed or the module does not load, for the reason',
    'given below); what a kernel does is yes or no, as in runs from before the parts were told apart. A part is used and its',
    'effect seen; what needs a disk with something on it is only looked up in the kernel’s own lists (docs/kernels.md).',
    ...groups.flatMap((group) => [
      '',
      `<details><summary>${markdownText(group.name, 40)}</summary>`,
      '',
      ...markdownTable(group),
      '',
      ...unprobed(group).flatMap((words) => [`- ${markdownText(words, 300)}`]),
      ...(unprobed(group).length > 0 ? [''] : []),
      '</details>',
    ]),
  ];
}

function markdownTable(group: FeatureGroup): string[] {
  return table([
    [markdownText(group.name, 40), ...group.features.map((name) => markdownText(name, 40))],
    ...group.rows.map((row, index) => [
      rowName(row, group.rows[index - 1]),
      ...row.cells.map((cell) => (cell.differs ? `**${featureText(cell)}**` : featureText(cell))),
    ]),
  ]);
}
