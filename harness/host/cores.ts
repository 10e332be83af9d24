import { availableParallelism, cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { kernelText } from './kernel-text.js';

/** Where the kernel tells of processors' time and of this process's share of them; a test puts its own there. */
export interface CoreFiles {
  /** See proc_stat(5). */
  readonly stat: string;
  /** The cgroups that this process is in, cgroups(7). */
  readonly ownCgroups: string;
  /** Where both versions of cgroups are mounted, as systemd and Docker do. */
  readonly cgroups: string;
}

const hostFiles: CoreFiles = {
  stat: '/proc/stat',
  ownCgroups: '/proc/self/cgroup',
  cgroups: '/sys/fs/cgroup',
};

/** Cores that this process may use, by its affinity and by the quota of its cgroups (a container, a CI job). At least 1. */
export function coresHere(files: CoreFiles = hostFiles): number {
  return Math.max(1, Math.min(availableParallelism(), Math.floor(quotaCores(files))));
}

/** Whether all of the host's cores are this process's to use. */
export const hasWholeHost = (files: CoreFiles = hostFiles): boolean => coresHere(files) === cpus().length;

/**
 * How many cores the host left idle, on average, since the function returned was last called, or since it was made; a
 * guest that waits for a disk counts as idle, one that waits for a core doesn't. 0 where the host doesn't tell.
 */
export function idleCores({ stat }: CoreFiles = hostFiles): () => number {
  let before = processorTime(stat);
  return () => {
    const now = processorTime(stat);
    const [idle, total] = [now.idle - before.idle, now.total - before.total];
    before = now;
    // the time spent waiting for disks may go backwards
    return idle > 0 && total > 0 ? (idle / total) * now.cores : 0;
  };
}

/** Ticks since the host booted, of all cores together. */
export function processorTime(stat: string): {
  readonly idle: number;
  readonly total: number;
  readonly cores: number;
} {
  const text = kernelText(stat);
  // user, nice, system, idle, iowait, irq, softirq, steal; a guest's own time is in user already
  const ticks = /^cpu +([\d ]+)$/m.exec(text)?.[1]?.split(' ').slice(0, 8).map(Number) ?? [];
  return {
    idle: (ticks[3] ?? 0) + (ticks[4] ?? 0),
    total: ticks.reduce((sum, tick) => sum + tick, 0),
    cores: text.match(/^cpu\d+ /gm)?.length ?? 0,
  };
}

/** The least of all quotas from this process's cgroup up to the root, in cores; infinite without any. */
function quotaCores({ ownCgroups, cgroups }: CoreFiles): number {
  const shares = kernelText(ownCgroups)
    .trim()
    .split('\n')
    .flatMap((line) => {
      const [, controllers = '', path = '/'] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
      const isVersion2 = controllers === '';
      if (!isVersion2 && !controllers.split(',').includes('cpu')) return [];
      const root = isVersion2 ? cgroups : join(cgroups, 'cpu');
      return upwards(path).map((folder) => shareIn(join(root, folder), isVersion2));
    });
  return Math.min(Number.POSITIVE_INFINITY, ...shares);
}

/** cpu.max is "QUOTA PERIOD" in µs or "max PERIOD" (cgroup-v2.rst); version 1 has a file for each, and -1 for none. */
function shareIn(folder: string, isVersion2: boolean): number {
  const text = isVersion2
    ? kernelText(join(folder, 'cpu.max'))
    : `${kernelText(join(folder, 'cpu.cfs_quota_us'))} ${kernelText(join(folder, 'cpu.cfs_period_us'))}`;
  const [quota = 0, period = 0] = text.trim().split(/\s+/).map(Number);
  return quota > 0 && period > 0 ? quota / period : Number.POSITIVE_INFINITY;
}

/** A path and all above it. A container without a name space of its own sees a path that isn't there, and the root. */
const upwards = (path: string): string[] => (path === '/' ? ['/'] : [path, ...upwards(dirname(path))]);
