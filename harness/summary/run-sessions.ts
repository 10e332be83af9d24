import type { Session } from '../results/session.js';
import { jobsText } from './words.js';

/** A session with the attempts that it finished. */
export interface SessionSummary extends Session {
  readonly attempts: number;
}

/** What attempts of one run ran on, where that wasn't one thing. */
export interface SessionDifference {
  readonly what: string;
  /** Each value, with the ids of the sessions that had it; 'unknown' where a session doesn't say. */
  readonly values: readonly { readonly value: string; readonly sessions: readonly string[] }[];
}

/** In what these sessions differ, or aren't known not to. Discarded ones count nowhere, and those without attempts say nothing. */
export function sessionDifferences(
  sessions: readonly (Session & { readonly attempts?: number })[],
): SessionDifference[] {
  const counted = sessions.filter(({ discarded, attempts }) => discarded === null && attempts !== 0);
  return Object.entries(facts).flatMap(([what, textOf]) => {
    const values = new Map<string, string[]>();
    for (const session of counted) {
      const value = textOf(session) ?? 'unknown';
      values.set(value, [...(values.get(value) ?? []), session.id]);
    }
    if (values.size < 2) return [];
    return [{ what, values: [...values].map(([value, ids]) => ({ value, sessions: ids })) }];
  });
}

/** Whether the sessions of these ids differ. */
export const differAmong =
  (sessions: readonly Session[]) =>
  (ids: readonly string[]): boolean =>
    sessionDifferences(sessions.filter(({ id }) => ids.includes(id))).length > 0;

const facts = {
  host: ({ host }) => host.id,
  CPUs: ({ host }) => `${host.cpus} (${host.cpuModel})`,
  memory: ({ host }) => `${host.memoryMiB} MiB`,
  'operating system': ({ host }) => host.os,
  "host's kernel": ({ host }) => host.kernel,
  QEMU: ({ qemu: { version, build } }) => `${version}${build === undefined ? '' : ` (${build})`}`,
  accelerator: ({ accelerator }) => accelerator.name,
  kmatrix: ({ kmatrix }) => kmatrix,
  'guest programs': ({ guest }) => guest?.slice(0, 12),
  'machines at a time': ({ jobs }) => jobs && jobsText(jobs),
  'way of starting': ({ start }) => start,
} satisfies Readonly<Record<string, (session: Session) => string | undefined>>;

/** What of a session can differ, by the names that reports give it. */
export type SessionFact = keyof typeof facts;

/**
 * For every report of a run, one sentence each; none for a run that was made in one go. Raw.
 *
 * Made in 2 sessions that differ: QEMU 7.2.22 in session 1, 9.1.0 in session 2. ~: attempts of both kinds.
 */
export function sessionSentences(sessions: readonly SessionSummary[]): string[] {
  const counted = sessions.filter(({ discarded, attempts }) => discarded === null && attempts > 0);
  const differences = sessionDifferences(counted);
  const made =
    counted.length < 2
      ? []
      : [
          differences.length === 0
            ? `Made in ${counted.length} sessions that differ in nothing recorded.`
            : `Made in ${counted.length} sessions that differ: ${differences.map(differenceText).join('; ')}. ~ marks cells with attempts of sessions that differ.`,
        ];
  return [
    ...made,
    ...sessions
      .filter(({ discarded }) => discarded !== null)
      .map(
        ({ id, attempts, accelerator, discarded }) =>
          `Session ${id} (${accelerator.name}) was discarded, and its attempts (${attempts}) count nowhere: ${discarded}.`,
      ),
  ];
}

/** QEMU 7.2.22 in sessions 1 and 3, 9.1.0 in session 2 */
const differenceText = ({ what, values }: SessionDifference): string =>
  `${what} ${values
    .map(({ value, sessions }) => `${value} in session${sessions.length > 1 ? 's' : ''} ${listed(sessions)}`)
    .join(', ')}`;

/** 1 · 1 and 2 · 1, 2 and 3 */
const listed = (ids: readonly string[]): string =>
  ids.length < 2 ? ids.join('') : `${ids.slice(0, -1).join(', ')} and ${ids.at(-1)}`;
