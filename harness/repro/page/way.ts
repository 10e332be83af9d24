import type { Session, StoredAttempt } from '../../results/index.js';
import type { Start } from '../../schedule/boot/opened.js';

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

const jobsText = ({ usual, most }: NonNullable<Session['jobs']>): string =>
  usual === most ? String(most) : `${usual} to ${most}`;

/** Equal ways have equal keys; they sort what is known before what is not. */
export const wayKey = ({ host, accelerator, start, jobs }: Way): string =>
  [host ?? '~', accelerator, start, jobs ?? '~'].join(' ');
