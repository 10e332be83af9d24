import { consoleLine } from './console-line.js';
import type { Report } from './types.js';

/** A process of the guest's, by its global pid and name. */
export interface GuestProcess {
  readonly pid: number;
  readonly name: string;
}

/**
 * Machine-wide OOMs that killed nobody but these processes, by what the kernel says of each victim. One of which it says nothing, as
 * a line may be lost, killed somebody else.
 */
export function oomsOf(
  console: string,
  reports: readonly Report[],
  processes: readonly GuestProcess[],
): ReadonlySet<Report> {
  if (processes.length === 0) return new Set();
  const own = new Set(processes.map(textOf));
  const lines = console.split('\n');
  const starts = reports.map(({ line }) => line).sort((a, b) => a - b);
  return new Set(
    reports.filter((report) => {
      if (report.kind !== 'oom' || report.corrupted) return false;
      const next = starts.find((start) => start > report.line) ?? lines.length + 1;
      const victims = victimsIn(lines.slice(report.line - 1, Math.min(next, report.line + mostLines) - 1));
      return victims.length > 0 && victims.every((victim) => own.has(textOf(victim)));
    }),
  );
}

/** Of one report: the kernel lists memory and all processes in between. */
const mostLines = 2000;

const textOf = ({ pid, name }: GuestProcess): string => `${pid} ${name}`;

/** Up to 5.2 the kernel first says whom it chose ("Kill process"), and then who dies: that one, or a child of it. */
const victimsIn = (lines: readonly string[]): GuestProcess[] =>
  lines.flatMap((line) => {
    const [, pid, name] = sentence.exec(consoleLine(line).text) ?? [];
    return pid === undefined || name === undefined ? [] : [{ pid: Number(pid), name }];
  });

/** "Killed process 77 (name) total-vm:…"; Red Hat's have ", UID 0," in between. Who shares its memory goes with it. */
const sentence =
  /^(?:Out of memory(?: \([^)\n]{1,40}\))?: )?Kill(?:ed(?= )|(?=.* sharing same memory)) process (\d{1,10})(?:, UID \d{1,10},)? \((.{1,16}?)\)(?=[ ,]|$)/;
