import { counted } from '../host/counted.js';
import { printable } from '../host/printable.js';
import type { ImageEvent } from '../kernels/types.js';
import type { RunEvent } from '../schedule/types.js';

type Unavailable = ImageEvent & { readonly type: 'image-unavailable' };

/**
 * Kernels that can't be had because a server can't be reached share one line per server. It is held back until a kernel is
 * ready, one fails for another reason, or all kernels of the run are known.
 */
export class UnreachableHosts {
  readonly #held = new Map<string, Unavailable[]>();
  readonly #decided = new Set<string>();
  #planned: readonly string[] = [];

  /** @returns lines that are due before this event, and whether its own line is left for later */
  on(event: RunEvent): { readonly lines: readonly string[]; readonly isHeld: boolean } {
    if (event.type === 'run-started') this.#planned = Object.keys(event.attempts);
    if (event.type === 'image-ready' || event.type === 'image-unavailable') this.#decided.add(event.kernel);
    if (event.type === 'image-unavailable' && event.host !== undefined) {
      // a kernel whose module can't be built says so for each of its cells
      const others = (this.#held.get(event.host) ?? []).filter(({ kernel }) => kernel !== event.kernel);
      this.#held.set(event.host, [...others, event]);
      return { lines: this.#isAllKnown() ? this.rest() : [], isHeld: true };
    }
    const isDue = ['image-ready', 'image-unavailable', 'run-finished'].includes(event.type);
    return { lines: isDue ? this.rest() : [], isHeld: false };
  }

  /** What has not been told yet. */
  rest(): string[] {
    const lines = [...this.#held].map(([host, events]) => lineOf(host, events));
    this.#held.clear();
    return lines;
  }

  #isAllKnown(): boolean {
    return this.#planned.length > 0 && this.#planned.every((kernel) => this.#decided.has(kernel));
  }
}

function lineOf(host: string, events: readonly Unavailable[]): string {
  const [first] = events;
  if (first === undefined) return '';
  if (events.length === 1) return `${first.kernel}: unavailable: ${printable(first.reason)}`;
  const names = events.map(({ kernel }) => kernel).join(', ');
  const what = events.some(({ of }) => of === 'userland') ? 'image' : 'kernel';
  return (
    `${counted(events.length, what)} unavailable, as ${printable(host)} can't be reached: ${names}; ` +
    `the first error: ${printable(first.reason)}`
  );
}
