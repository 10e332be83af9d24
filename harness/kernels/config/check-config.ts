import { UsageError } from '../../errors.js';
import {
  compareKernelVersions,
  inRange,
  type KernelRange,
  type KernelVersion,
  lineOf,
  versionOfRelease,
} from '../../versions/kernel-version.js';
import type { KernelConfig } from './kernel-config.js';
import {
  type OptionGroup,
  type OptionName,
  type OptionRow,
  type OptionTable,
  optionTable,
} from './option-table.js';

/** unwanted: on, and better off; off: not on, as is wanted. */
export type OptionStatus = 'enabled' | 'module' | 'missing' | 'not-applicable' | 'unwanted' | 'off';

export interface OptionVerdict {
  /** Today's name. */
  readonly option: string;
  /** The name that this kernel has for it. */
  readonly name: string;
  readonly status: OptionStatus;
  /** "came in 3.5", "off until booted with swapaccount=1"; '' where the status says it all. */
  readonly note: string;
  readonly why: string;
  readonly driver: string | null;
}

export interface GroupVerdict {
  readonly title: string;
  /** Nothing is missing or in the way; for storage drivers: one of them is whole. */
  readonly ok: boolean;
  /** Today's names, in the table's order. */
  readonly missing: readonly string[];
  /** What is on and better off, likewise. */
  readonly unwanted: readonly string[];
  readonly options: readonly OptionVerdict[];
}

export interface ConfigVerdict extends Readonly<Record<OptionGroup, GroupVerdict>> {
  /** The kernel version that it was judged by. */
  readonly version: string;
}

/**
 * What a kernel's configuration lacks of what containers need, by the options that this kernel's version has and the
 * names that it has for them.
 *
 * @param version release or version (6.1.0-31-amd64, 2.6.32)
 * @throws UsageError where the version is none
 */
export function checkConfig(
  config: KernelConfig,
  version: string,
  table: OptionTable = optionTable(),
): ConfigVerdict {
  const parsed = versionOfRelease(version);
  if (!parsed) {
    throw new UsageError(`not a kernel version: ${version}`, {
      remedy: 'write it as uname -r does: 3.2.71, 6.1.0-31-amd64',
    });
  }
  const group = (name: OptionGroup): GroupVerdict =>
    judgeGroup(
      name,
      table.titles[name],
      table.rows.filter((row) => row.group === name).map((row) => judgeOption(row, config.values, parsed)),
    );
  return {
    version,
    necessary: group('necessary'),
    optional: group('optional'),
    storage: group('storage'),
    network: group('network'),
  };
}

type Values = KernelConfig['values'];

function judgeOption(row: OptionRow, values: Values, version: KernelVersion): OptionVerdict {
  const verdict = (name: string, status: OptionStatus, note: string): OptionVerdict => ({
    option: row.option,
    name,
    status,
    note,
    why: row.why,
    driver: row.driver,
  });
  // What the file says goes before what the version says: distributions backport options under their later names.
  const alive = row.names.filter(({ range }) => inRange(version, { before: range.before }));
  const set = alive.find(({ name }) => values.get(name) === 'y' || values.get(name) === 'm');
  if (set && row.unwanted) return verdict(set.name, 'unwanted', '');
  if (set) {
    const status = values.get(set.name) === 'y' ? 'enabled' : 'module';
    return verdict(
      set.name,
      status,
      [...provenance(set, version), ...caveats(row, values, version)].join('; '),
    );
  }
  if (!inRange(version, row.needed)) {
    return verdict(row.option, 'not-applicable', outside(row.needed, version, 'needed', ''));
  }
  const own = alive.find(
    (name) => (inRange(version, name.range) && !name.outOfTree) || values.has(name.name),
  );
  if (own) return verdict(own.name, row.unwanted ? 'off' : 'missing', '');
  if (row.names.every(({ outOfTree }) => outOfTree)) {
    return verdict(row.option, 'missing', 'out of tree: only kernels with its patches have it');
  }
  return verdict(row.option, 'not-applicable', outside(lifeOf(row.names), version, 'came', row.gone));
}

function provenance(name: OptionName, version: KernelVersion): string[] {
  if (name.outOfTree) return ['out-of-tree patches'];
  return inRange(version, name.range) ? [] : [`backported: came in ${format(name.range.from)}`];
}

function caveats(row: OptionRow, values: Values, version: KernelVersion): string[] {
  return row.caveats
    .filter((caveat) => inRange(version, caveat.range) && (values.get(caveat.option) ?? 'n') === caveat.is)
    .map(({ says }) => says);
}

/** From the first version of any of its names in the kernel's own tree until after the last. */
function lifeOf(names: readonly OptionName[]): KernelRange {
  const own = names.filter(({ outOfTree }) => !outOfTree).map(({ range }) => range);
  const lasts = own.map(({ before }) => before);
  return {
    from: own.map(({ from }) => from ?? []).sort(compareKernelVersions)[0],
    before: lasts.includes(undefined)
      ? undefined
      : lasts
          .map((before) => before ?? [])
          .sort(compareKernelVersions)
          .at(-1),
  };
}

function outside(
  { from, before }: KernelRange,
  version: KernelVersion,
  verb: 'came' | 'needed',
  gone: string,
): string {
  if (from && compareKernelVersions(version, from) < 0) {
    return verb === 'came' ? `came in ${format(from)}` : `not needed before ${format(from)}`;
  }
  return `gone since ${format(before)}${gone === '' ? '' : `: ${gone}`}`;
}

const format = (version: KernelVersion | undefined): string => lineOf(version ?? []);

function judgeGroup(name: OptionGroup, title: string, options: readonly OptionVerdict[]): GroupVerdict {
  const named = (wanted: OptionStatus): string[] =>
    options.filter(({ status }) => status === wanted).map(({ option }) => option);
  const [missing, unwanted] = [named('missing'), named('unwanted')];
  const ok = name === 'storage' ? anyDriverIsWhole(options) : missing.length + unwanted.length === 0;
  return { title, ok, missing, unwanted, options };
}

function anyDriverIsWhole(options: readonly OptionVerdict[]): boolean {
  const drivers = new Set(options.map(({ driver }) => driver));
  return [...drivers].some((driver) =>
    options
      .filter((option) => option.driver === driver)
      .every(({ status }) => status === 'enabled' || status === 'module'),
  );
}

/** For a column of the table: `ok`, or `lacks MEMCG, VETH and 3 more`. Today's names, so that rows compare. */
export function configSummary({ necessary }: ConfigVerdict, limit = 4): string {
  if (necessary.ok) return 'ok';
  const shown = necessary.missing.slice(0, limit);
  const rest = necessary.missing.length - shown.length;
  return `lacks ${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
