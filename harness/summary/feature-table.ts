import type { StoredAttempt } from '../results/attempt-schema.js';

/** What guests probed: kernels down, features across, one table per group of features (namespace, cgroup, …). */
export interface FeatureTable {
  readonly groups: readonly FeatureGroup[];
}

export interface FeatureGroup {
  /** The part of the facts' names before the first dot. */
  readonly name: string;
  /** The rest of their names, sorted. */
  readonly features: readonly string[];
  /** A row for each kernel; then one for each of its other kernel arguments that changed something in this group. */
  readonly rows: readonly FeatureRow[];
}

export interface FeatureRow {
  readonly kernel: string;
  /** Row of kernel arguments; '' where no attempt probed this kernel. */
  readonly boot: string;
  /** In the order of `features`. */
  readonly cells: readonly FeatureCell[];
}

/** A part of a kernel. not configured: its tree has it, and our build left it out. */
export const featureForms = ['built in', 'module', 'absent', 'not configured', 'not probed'] as const;
export type FeatureForm = (typeof featureForms)[number];

export interface FeatureCell {
  /** varies: attempts with the same kernel and kernel arguments disagree. null: not probed. */
  readonly value: boolean | number | 'varies' | null;
  /** null: no part of the kernel but what it does or measures, or unknown (varies; a run from before it was recorded). */
  readonly form: FeatureForm | null;
  /** How it was seen, or why it couldn't be, in the guest's words (raw); '' where no attempt told. */
  readonly evidence: string;
  /** Differs from the same kernel's first row. */
  readonly differs: boolean;
}

/** Collects the facts of a run, in whatever order attempts come. Facts that are text (a release) are no features. */
export class FeatureTally {
  readonly #kernels = new Map<string, Map<string, Map<string, Probed>>>();
  readonly #names = new Set<string>();

  /** @param boot row of kernel arguments */
  add(kernel: string, boot: string, facts: StoredAttempt['facts']): void {
    for (const { name, value, module, evidence } of facts) {
      if (typeof value === 'string' || !this.#admits(name)) continue;
      const boots = entry(this.#kernels, kernel, () => new Map<string, Map<string, Probed>>());
      const probed = entry(boots, boot, () => new Map<string, Probed>());
      const before = probed.get(name);
      // an attempt whose probe failed says nothing against one whose didn't
      if (before !== undefined && value === null) continue;
      const agrees =
        before?.value === null ||
        before === undefined ||
        (before.value === value && before.module === module);
      const seen: Probed = agrees
        ? { value, module, evidence }
        : { value: 'varies', module: undefined, evidence: both(before, evidence) };
      probed.set(name, seen);
    }
  }

  /**
   * @param kernels all that the run was to boot, in the table's order
   * @param boots rows of kernel arguments; the first that a kernel was probed with is what the others are held against
   * @param unset by kernel, the facts that its configuration leaves out though its tree has them
   */
  table(
    kernels: readonly string[],
    boots: readonly string[],
    unset: ReadonlyMap<string, readonly string[]> = new Map(),
  ): FeatureTable {
    const names = [...this.#names].toSorted();
    const groups = [...new Set(names.map(groupOf))].map((group): FeatureGroup => {
      const own = names.filter((name) => groupOf(name) === group);
      return {
        name: group,
        features: own.map((name) => name.slice(group.length + 1) || name),
        rows: kernels.flatMap((kernel) => this.#rows(kernel, boots, own, unset.get(kernel) ?? [])),
      };
    });
    return { groups };
  }

  #rows(
    kernel: string,
    boots: readonly string[],
    names: readonly string[],
    unset: readonly string[],
  ): FeatureRow[] {
    const probed = this.#kernels.get(kernel);
    // of the boots that probed this group: another workload's facts say nothing about it
    const tried = boots.filter((boot) => names.some((name) => probed?.get(boot)?.has(name)));
    const [first] = tried;
    if (first === undefined) return [{ kernel, boot: '', cells: names.map(() => notProbed) }];
    const cell = (boot: string, name: string) => cellOf(probed?.get(boot)?.get(name), unset.includes(name));
    const base = names.map((name) => cell(first, name));
    return tried.flatMap((boot): FeatureRow[] => {
      const cells = names.map((name, at) => held(cell(boot, name), base[at]));
      return boot === first || cells.some(({ differs }) => differs) ? [{ kernel, boot, cells }] : [];
    });
  }

  #admits(name: string): boolean {
    if (!this.#names.has(name) && this.#names.size >= maximumFeatures) return false;
    this.#names.add(name);
    return true;
  }
}

interface Probed {
  readonly value: boolean | number | 'varies' | null;
  readonly module: string | undefined;
  readonly evidence: string;
}

/** What a guest probes is a fixed list of some hundred; a guest gone wild must not make a table of millions. */
const maximumFeatures = 1000;

const notProbed: FeatureCell = { value: null, form: 'not probed', evidence: '', differs: false };

const groupOf = (name: string): string => name.split('.', 1)[0] ?? name;

function cellOf(probed: Probed | undefined, unset: boolean): FeatureCell {
  if (probed === undefined) return notProbed;
  const { value, evidence } = probed;
  return { value, form: formOf(probed, unset), evidence, differs: false };
}

function formOf({ value, module }: Probed, unset: boolean): FeatureForm | null {
  if (value === null) return 'not probed';
  if (module === undefined || typeof value !== 'boolean') return null;
  if (value) return module === '' ? 'built in' : 'module';
  return unset ? 'not configured' : 'absent';
}

/** What wasn't probed differs from nothing. */
const held = (cell: FeatureCell, base: FeatureCell | undefined): FeatureCell =>
  cell.value === null ? cell : { ...cell, differs: cell.value !== base?.value || cell.form !== base.form };

/** Of any number of attempts that disagree, the first and the last. */
const both = (before: Probed, evidence: string): string =>
  `${before.value === 'varies' ? (before.evidence.split(disagreement, 1)[0] ?? '') : before.evidence}${disagreement}${evidence}`;

const disagreement = ' / ';

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const value = map.get(key) ?? make();
  map.set(key, value);
  return value;
}
