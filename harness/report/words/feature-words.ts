import type { OverviewRow } from '../../summary/feature-overview.js';
import type { FeatureCell, FeatureGroup, FeatureRow } from '../../summary/feature-table.js';

/** A kernel, with the kernel arguments that its row is about. */
export const overviewName = ({ kernel, boot }: OverviewRow): string =>
  boot === '' ? kernel : `${kernel} + ${boot}`;

/** Why what was tried could not be probed, in the guest's words (raw). */
export const unprobed = ({ name, features, rows }: FeatureGroup): string[] =>
  rows.flatMap((row) =>
    row.cells.flatMap(({ form, evidence }, at) =>
      form === 'not probed' && evidence !== ''
        ? [`${row.kernel}: ${name}.${features[at] ?? ''} is not probed: ${evidence}`]
        : [],
    ),
  );

/** A kernel's first row goes without its kernel arguments: they are the usual ones. */
export const rowName = ({ kernel, boot }: FeatureRow, above: FeatureRow | undefined): string =>
  above?.kernel === kernel ? `${kernel} + ${boot}` : kernel;

/** yes, no, module, not probed, a number … */
export function featureText(cell: FeatureCell | undefined): string {
  const { value = null, form = null } = cell ?? {};
  if (form !== null) return form;
  if (value === null) return 'not probed';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'number' ? String(Number(value.toPrecision(6))) : value;
}
