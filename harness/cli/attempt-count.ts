import { counted } from '../host/counted.js';
import type { RunEvent } from '../schedule/types.js';

/**
 * How far a run is, in attempts that a machine makes. Those of a kernel without an image are over the moment their turn comes,
 * which is late: counted along, they would hold the number down for most of a run and then throw it to its end.
 */
export class AttemptCount {
  readonly #unavailable = new Set<string>();
  /** By kernel. */
  #planned: Readonly<Record<string, number>> = {};
  #made = 0;
  #without = 0;

  on(event: RunEvent): void {
    switch (event.type) {
      case 'run-started':
        this.#planned = event.attempts;
        this.#made = 0;
        this.#without = 0;
        break;
      case 'image-unavailable':
        // also before the run starts: controls look for a kernel that can be had
        if (event.of === 'kernel') this.#unavailable.add(event.kernel);
        break;
      case 'attempt-finished':
        if (event.result.outcome === 'unavailable') this.#without++;
        else this.#made++;
        break;
      default:
    }
  }

  /** 2/40 */
  short(): string {
    return `${this.#made}/${this.#possible()}`;
  }

  /** 2 of 40 attempts, 26 kernels unavailable */
  text(): string {
    const kernels = this.#missing();
    const missing = kernels === 0 ? '' : `, ${counted(kernels, 'kernel')} unavailable`;
    return `${this.#made} of ${counted(this.#possible(), 'attempt')}${missing}`;
  }

  /** : 43 attempts made, 323 without a kernel (26 unavailable); nothing where each was made */
  account(): string {
    if (this.#without === 0) return '';
    return `: ${counted(this.#made, 'attempt')} made, ${this.#without} without a kernel (${this.#missing()} unavailable)`;
  }

  /** Kernels of this run: a control may have looked at others. */
  #missing(): number {
    return Object.keys(this.#planned).filter((kernel) => this.#unavailable.has(kernel)).length;
  }

  #possible(): number {
    const kernels = Object.entries(this.#planned).filter(([kernel]) => !this.#unavailable.has(kernel));
    return kernels.reduce((sum, [, attempts]) => sum + attempts, 0);
  }
}
