import type { FeatureCell, FeatureForm, FeatureGroup, FeatureRow, FeatureTable } from './feature-table.js';

/** The feature tables in one: kernels (and what other kernel arguments change) down, groups across. */
export interface FeatureOverview {
  readonly groups: readonly string[];
  readonly rows: readonly OverviewRow[];
}

export interface OverviewRow {
  readonly kernel: string;
  /** '' for a kernel's first row: its usual kernel arguments. */
  readonly boot: string;
  /** In the order of `groups`; '' where these kernel arguments change nothing. Names in it are the guest's (raw). */
  readonly cells: readonly string[];
}

/** How many names a cell lists before it only counts. */
const maximumNames = 3;

/** Yes and no are counted; groups that only measure (memory) are left to the full tables. */
export function featureOverview({ groups }: FeatureTable): FeatureOverview {
  const counted = groups.filter(({ rows }) =>
    rows.some(({ cells }) => cells.some(({ value }) => typeof value === 'boolean' || value === 'varies')),
  );
  const [first] = counted;
  const kernels = [...new Set(first?.rows.map(({ kernel }) => kernel) ?? [])];
  const rows = kernels.flatMap((kernel): OverviewRow[] => {
    const own = counted.map((group) => group.rows.filter((row) => row.kernel === kernel));
    const variants = [...new Set(own.flatMap(([, ...others]) => others.map(({ boot }) => boot)))];
    return [
      { kernel, boot: '', cells: own.map(([usual], at) => groupText(counted[at], usual)) },
      ...variants.map((boot) => ({
        kernel,
        boot,
        cells: own.map(([, ...others], at) =>
          changeText(
            counted[at],
            others.find((row) => row.boot === boot),
          ),
        ),
      })),
    ];
  });
  return { groups: counted.map(({ name }) => name), rows };
}

/** What is there and what isn't, then what of it is a module, left out of our build, or couldn't be probed. */
function groupText(group: FeatureGroup | undefined, row: FeatureRow | undefined): string {
  const of = (form: FeatureForm): string => {
    const names =
      group?.features.filter((_, at) => row?.cells[at]?.form === form && row.cells[at]?.evidence !== '') ??
      [];
    if (names.length === 0) return '';
    return names.length <= maximumNames ? names.join(', ') : String(names.length);
  };
  const [modules, unset, unprobed] = [of('module'), of('not configured'), of('not probed')];
  return [
    countText(group, row),
    ...(modules === '' ? [] : [`as modules: ${modules}`]),
    ...(unset === '' ? [] : [`not configured: ${unset}`]),
    ...(unprobed === '' ? [] : [`could not be probed: ${unprobed}`]),
  ].join('; ');
}

/** all 8; all 16 probed (of more that other kernels were asked for); lacks user, time; only ext4; 9 of 17; not probed */
function countText(group: FeatureGroup | undefined, row: FeatureRow | undefined): string {
  if (group === undefined || row === undefined) return '';
  const named = (wanted: (cell: FeatureCell) => boolean): string[] =>
    group.features.filter((_, at) => {
      const cell = row.cells[at];
      return cell !== undefined && wanted(cell);
    });
  const has = named(({ value }) => value !== null && value !== false);
  const lacks = named(({ value, form }) => value === false && form !== 'not configured');
  const varies = named(({ value }) => value === 'varies');
  const probed = has.length + lacks.length;
  const unsure = varies.length > 0 ? ` (varies: ${varies.slice(0, maximumNames).join(', ')})` : '';
  const unset = named(({ form }) => form === 'not configured').length;
  if (probed === 0) return unset === 0 ? 'not probed' : 'none';
  if (lacks.length === 0) {
    return `all ${probed}${probed + unset < group.features.length ? ' probed' : ''}${unsure}`;
  }
  if (lacks.length <= maximumNames) return `lacks ${lacks.join(', ')}${unsure}`;
  if (has.length === 0) return `none of ${probed}`;
  return has.length <= maximumNames
    ? `only ${has.join(', ')}${unsure}`
    : `${has.length} of ${probed}${unsure}`;
}

/** What other kernel arguments change: memory yes, memory.swap yes */
const changeText = (group: FeatureGroup | undefined, row: FeatureRow | undefined): string =>
  (group?.features ?? [])
    .flatMap((name, at) => {
      const { value = null, form = null, differs = false } = row?.cells[at] ?? {};
      if (!differs || value === null) return [];
      return [
        `${name} ${form !== null ? form : typeof value === 'boolean' ? (value ? 'yes' : 'no') : value}`,
      ];
    })
    .join(', ');
