import { counted } from '../host/counted.js';
import { partsOfCellId } from '../matrix/cell-id.js';
import type { RunEvent } from '../schedule/types.js';

/**
 * How far a run is, in attempts that a machine makes. Those of a kernel without an image, or with a userland that can't be had, are
 * over the moment their turn comes, which is late: counted along, they would hold the number down for most of a run and then throw
 * it to its end.
 */
export class AttemptCount {
  /** Rows of matrix.yml that can't be had. */
  readonly #gone = { kernel: new Set<string>(), userland: new Set<string>() };
  #planned: readonly PlannedCell[] = [];
  #made = 0;
  /** Attempts that no machine made, by what they lacked. */
  #without = { kernel: 0, userland: 0 };

  on(event: RunEvent): void {
    switch (event.type) {
      case 'run-started':
        this.#planned = Object.entries(event.attempts).map(([cell, attempts]) => ({
          ...rowsOf(cell),
          attempts,
        }));
        this.#made = 0;
        this.#without = { kernel: 0, userland: 0 };
        break;
      case 'image-unavailable':
        // also before the run starts: controls look for a kernel that can be had
        if (event.of !== 'modules') this.#gone[event.of].add(event.kernel);
        break;
      case 'attempt-finished':
        if (event.result.outcome !== 'unavailable') this.#made++;
        else this.#without[this.#lackOf(rowsOf(event.key.cell)) ?? 'kernel']++;
        break;
      default:
    }
  }

  /** 2/40 */
  short(): string {
    return `${this.#made}/${this.#possible()}`;
  }

  /** 2 of 40 attempts, 26 kernels unavailable, 1 userland unavailable */
  text(): string {
    const missing = kinds.map((kind) => {
      const rows = this.#missing(kind);
      return rows === 0 ? '' : `, ${counted(rows, kind)} unavailable`;
    });
    return `${this.#made} of ${counted(this.#possible(), 'attempt')}${missing.join('')}`;
  }

  /** : 43 attempts made, 323 without a kernel (26 unavailable), 8 without a userland (1 unavailable); nothing where each was made */
  account(): string {
    const without = kinds
      .filter((kind) => this.#without[kind] > 0)
      .map((kind) => `, ${this.#without[kind]} without a ${kind} (${this.#missing(kind)} unavailable)`);
    return without.length === 0 ? '' : `: ${counted(this.#made, 'attempt')} made${without.join('')}`;
  }

  /** Rows of this run: a control may have looked at others. A userland that only cells without a kernel have counts as well. */
  #missing(kind: Kind): number {
    const rows = this.#planned.flatMap((cell) => (kind === 'kernel' ? cell.kernel : cell.others));
    return new Set(rows.filter((row) => this.#gone[kind].has(row))).size;
  }

  #lackOf({ kernel, others }: Rows): Kind | undefined {
    if (this.#gone.kernel.has(kernel)) return 'kernel';
    return others.some((row) => this.#gone.userland.has(row)) ? 'userland' : undefined;
  }

  #possible(): number {
    const cells = this.#planned.filter((cell) => this.#lackOf(cell) === undefined);
    return cells.reduce((sum, { attempts }) => sum + attempts, 0);
  }
}

type Kind = 'kernel' | 'userland';
const kinds = ['kernel', 'userland'] as const;

interface Rows {
  readonly kernel: string;
  /** Of the axes; one of them may bring a userland. */
  readonly others: readonly string[];
}

interface PlannedCell extends Rows {
  readonly attempts: number;
}

function rowsOf(cell: string): Rows {
  const { kernel, rows } = partsOfCellId(cell);
  return { kernel, others: Object.values(rows) };
}
