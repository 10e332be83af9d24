import type { FeatureTable } from './feature-table.js';

/** Only the groups in which two rows differ: in the others each row says the same. */
export const differing = ({ groups }: FeatureTable): FeatureTable => ({
  groups: groups.filter(({ rows }) =>
    rows.some((row) =>
      row.cells.some(({ value, form }, at) => {
        const first = rows[0]?.cells[at];
        return value !== first?.value || form !== first.form;
      }),
    ),
  ),
});
