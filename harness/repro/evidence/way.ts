import type { StoredAttempt } from '../../results/attempt-schema.js';
import type { Session } from '../../results/session.js';
import { type SessionFact, sessionDifferences } from '../../summary/run-sessions.js';
import { jobsText } from '../../summary/words.js';
import type { Start } from '../../templates/opened.js';

/** How an attempt was made, as far as it bears on rates: those of different ways are never counted together. */
export interface Way {
  /** A hash (HostFacts.id); null where it wasn't recorded. */
  readonly host: string | null;
  readonly accelerator: string;
  readonly start: Start;
  /** Machines at a time: 2, or 2 to 8; null where it wasn't recorded. */
  readonly jobs: string | null;
}

/** @param session the attempt's own */
export function wayOf({ start }: Pick<StoredAttempt, 'start'>, { host, accelerator, jobs }: Session): Way {
  return {
    host: host.id ?? null,
    accelerator: accelerator.name,
    start,
    jobs: jobs === undefined ? null : jobsText(jobs),
  };
}

/** In what sessions of one way differ besides, as far as they tell: another QEMU, another kmatrix, other guest programs. */
export const differencesWithinWay = (sessions: readonly Session[]): string[] =>
  sessionDifferences(sessions)
    .map(({ what }) => what)
    .filter((what) => !ofWay.includes(what));

/** A host's memory is counted anew at each boot. */
const ofWay: readonly string[] = [
  'host',
  'memory',
  'accelerator',
  'machines at a time',
  'way of starting',
] satisfies readonly SessionFact[];

/** Equal ways have equal keys; they sort what is known before what is not. */
export const wayKey = ({ host, accelerator, start, jobs }: Way): string =>
  [host ?? '~', accelerator, start, jobs ?? '~'].join(' ');
