import { readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';

/** Where the kernel tells of processors' time and of this container's share of them; a test puts its own there. */
export interface CoreFiles {
  /** See proc_stat(5). */
  readonly stat: string;
  /** Quota and period in µs of the cgroup that this process is in, where it has a name space of its own (cgroup-v2.rst). */
  readonly cpuMax: string;
}

const hostFiles: CoreFiles = { stat: '/proc/stat', cpuMax: '/sys/fs/cgroup/cpu.max' };

/** Cores that this process may use: by its affinity, and by the quota of its container. At least 1. */
export function coresHere({ cpuMax }: CoreFiles = hostFiles): number {
  const [quota, period] = textOf(cpuMax).split(' ').map(Number);
  const share = quota !== undefined && period !== undefined && quota / period;
  const allowed = availableParallelism();
  // "max" where there is no quota
  return share && share > 0 ? Math.max(1, Math.min(allowed, Math.floor(share))) : allowed;
}

/** Whether the host's cores are this process's, as far as it may use any. */
export const hasWholeHost = (files: CoreFiles = hostFiles): boolean => coresHere(files) === cpus().length;

/**
 * How many cores the host left idle, on average, since the function returned was last called, or since it was made; a
 * guest that waits for a disk counts as idle, one that waits for a core doesn't. 0 where the host doesn't tell.
 */
export function idleCores({ stat }: CoreFiles = hostFiles): () => number {
  let before = read(stat);
  return () => {
    const now = read(stat);
    const [idle, total] = [now.idle - before.idle, now.total - before.total];
    before = now;
    return total > 0 ? (idle / total) * now.cores : 0;
  };
}

function read(stat: string): { readonly idle: number; readonly total: number; readonly cores: number } {
  const text = textOf(stat);
  // user, nice, system, idle, iowait, irq, softirq, steal; a guest's own time is in user already
  const ticks = /^cpu +([\d ]+)$/m.exec(text)?.[1]?.split(' ').slice(0, 8).map(Number) ?? [];
  return {
    idle: (ticks[3] ?? 0) + (ticks[4] ?? 0),
    total: ticks.reduce((sum, tick) => sum + tick, 0),
    cores: text.match(/^cpu\d+ /gm)?.length ?? 0,
  };
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
