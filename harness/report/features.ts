import type { StoredAttempt } from '../results/attempt-schema.js';
import type { FeatureTable } from './types.js';

/** What a guest probes is a fixed list of some hundred; a guest gone wild must not make a table of millions. */
const maximumFeatures = 1000;

/** Collects what guests probed, by kernel. */
export class Features {
  readonly #byKernel = new Map<string, Map<string, string>>();
  readonly #names = new Set<string>();

  add(kernel: string, facts: StoredAttempt['facts']): void {
    for (const { name, value } of facts) {
      if (!this.#names.has(name) && this.#names.size >= maximumFeatures) continue;
      this.#names.add(name);
      const values = this.#byKernel.get(kernel) ?? new Map<string, string>();
      this.#byKernel.set(kernel, values);
      const text = typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);
      const before = values.get(name);
      values.set(name, before === undefined || before === text ? text : 'varies');
    }
  }

  /** @param order of kernels; those without a fact are left out */
  table(order: readonly string[]): FeatureTable {
    const kernels = order.filter((id) => this.#byKernel.has(id));
    const features = [...this.#names].toSorted().map((name) => ({
      name,
      values: kernels.map((id) => this.#byKernel.get(id)?.get(name) ?? null),
    }));
    return { kernels, features };
  }
}
