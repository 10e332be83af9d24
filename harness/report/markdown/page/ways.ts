import type { Evidence } from '../../../repro/evidence/collect.js';
import { differencesWithinWay, type Way, wayKey } from '../../../repro/evidence/way.js';
import type { Session } from '../../../results/session.js';
import { startNames } from '../../../summary/words.js';
import { table } from '../table.js';
import { markdownText } from '../text.js';

/** The ways in which a page's attempts were made, each under a letter. */
export class Ways {
  /** By key, in order. */
  readonly #ways: ReadonlyMap<string, Way>;
  /** Hosts in the order of their ways: their ids are hashes. */
  readonly #hosts: readonly string[];

  /** In what attempts of one kernel and way differ besides. */
  readonly #others: readonly string[];

  constructor({ kernels }: Pick<Evidence, 'kernels'>) {
    const trials = kernels.flatMap((kernel) => kernel.trials);
    this.#others = [...new Set(trials.flatMap(({ sessions }) => differencesWithinWay(sessions)))];
    const all = trials.map(({ way }) => [wayKey(way), way] as const);
    this.#ways = new Map(all.toSorted(([one], [other]) => one.localeCompare(other)));
    this.#hosts = [...new Set([...this.#ways.values()].flatMap(({ host }) => host ?? []))];
  }

  /** a, b, … */
  nameOf(way: Way): string {
    const at = [...this.#ways.keys()].indexOf(wayKey(way));
    return at < letters.length ? (letters[at] ?? '') : `w${at + 1}`;
  }

  /** a ~ where the sessions of such attempts differ in anything else. */
  markedNameOf(way: Way, sessions: readonly Session[]): string {
    return differencesWithinWay(sessions).length === 0 ? this.nameOf(way) : `${this.nameOf(way)} ~`;
  }

  /** What a page says of them; empty where nothing was tried. */
  lines(): string[] {
    if (this.#ways.size === 0) return [];
    const rows = [...this.#ways.values()].map((way) => [
      this.nameOf(way),
      way.host === null ? 'unknown' : `host ${this.#hosts.indexOf(way.host) + 1}`,
      markdownText(way.accelerator),
      startNames[way.start],
      way.jobs === null ? 'unknown' : `${way.jobs} at a time`,
    ]);
    return [
      'A race’s rate depends on the host, on what runs the guests, on how machines come to be ready, and on how many share the cores.',
      'Attempts that differ in any of these are listed apart below, under the letter of their way; unknown means that older runs didn’t record it.',
      ...(this.#others.length === 0
        ? []
        : [
            `\`~\` behind the letter: these attempts differ in something else besides (${this.#others.join(', ')}).`,
          ]),
      '',
      ...table([['way', 'host', 'accelerator', 'machines', 'how many'], ...rows]),
    ];
  }
}

const letters = 'abcdefghijklmnopqrstuvwxyz';
