import { execa } from 'execa';
import { printable } from '../host/printable.js';
import { median } from '../statistics/quantile.js';
import { awaitProgress } from './deadline.js';
import { endingWithParent } from './ending-with-parent.js';
import { LineSplitter } from './line-splitter.js';
import type { ProbeGuest } from './probe-guest.js';
import type { AcceleratorName, Qemu } from './types.js';

/** What became of one run of the probe guest. */
export type ProbeRun =
  /** Milliseconds of the host's clock per round of the timed loop, the median of its rounds. */
  | { readonly end: 'done'; readonly roundMs: number }
  /** Still at it at the deadline; a clause that names what ran and what never came. */
  | { readonly end: 'timed-out'; readonly stopped: string }
  /** QEMU ended, or gave up, without having run all of it; a clause. Definite: it would end so again. */
  | { readonly end: 'refused'; readonly why: string; readonly isDefinite: boolean };

export interface ProbeRunOptions {
  readonly accelerator: AcceleratorName;
  readonly deadlineSeconds: number;
  /** After the probe's own. */
  readonly extraArguments?: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs the probe guest (images/probe/probe.S) once, and times its loop by the lines that it writes. A QEMU that can't even be killed
 * (stuck in an ioctl of KVM's) is left behind.
 *
 * @throws the signal's reason
 */
export async function runProbeGuest(
  qemu: Qemu,
  { firmware }: ProbeGuest,
  { accelerator, deadlineSeconds, extraArguments = [], signal }: ProbeRunOptions,
): Promise<ProbeRun> {
  const [program, ...words] = endingWithParent([
    qemu.binary,
    ...probeArguments(accelerator, firmware),
    ...extraArguments,
  ]);
  const seen: Line[] = [];
  const lines = new LineSplitter({ limitBytes: 100 });
  const running = execa(program, words, {
    stdin: 'ignore',
    reject: false,
    timeout: deadlineSeconds * 1000,
    killSignal: 'SIGKILL',
    // a session of its own: Ctrl-C in a terminal would end it as a guest that resets itself ends
    detached: true,
    maxBuffer: 64 * 1024,
    buffer: { stdout: false },
  });
  running.stdout.on('data', (chunk: Buffer) => {
    const at = performance.now();
    for (const line of lines.push(chunk)) if (seen.length < mostLines) seen.push({ word: String(line), at });
  });
  const patience = deadlineSeconds + graceSeconds;
  const limits = { totalSeconds: patience, quietSeconds: patience };
  const waited = await awaitProgress(running, () => 0, limits, { signal }).finally(() => {
    running.kill('SIGKILL');
  });
  if (waited.end !== 'reached') {
    running.unref();
    running.stdout.destroy();
    running.stderr.destroy();
    return { end: 'timed-out', stopped: stopOf(seen) };
  }
  const { exitCode, timedOut, stderr, shortMessage, signal: endedBy } = waited.value;
  if (exitCode === provenExitCode && seen.at(-1)?.word === 'end') {
    return { end: 'done', roundMs: medianRound(seen) };
  }
  // QEMU keeps a guest that KVM can't go on with, for a debugger; it has said why
  const gaveUp = kvmGaveUp.test(stderr);
  if (timedOut && !gaveUp) return { end: 'timed-out', stopped: stopOf(seen) };
  const [said = ''] = (stderr || (timedOut ? '' : shortMessage) || '').trim().split('\n');
  const last = seen.findLast(({ word }) => word in stageNames)?.word;
  const ran = last === undefined ? '' : `${stageNames[last]} ran, then `;
  const ended =
    exitCode === 0 && said === '' ? 'the guest reset itself' : said || `QEMU ended with ${exitCode}`;
  const itsOwn = gaveUp || endedBy === 'SIGABRT' || (exitCode !== undefined && exitCode < firstOfShells);
  return {
    end: 'refused',
    why: printable(`${ran}${complaint(seen) ?? ended}`, 300),
    isDefinite: complaint(seen) !== undefined || (itsOwn && !passing.test(stderr)),
  };
}

/** After SIGKILL. */
const graceSeconds = 2;

/** Exit codes from here on are those of what comes before QEMU (sh, setpriv), where it isn't even started. */
const firstOfShells = 125;

/** What another process, or a user, is the cause of: QEMU's words for EBUSY, EAGAIN, ENOMEM, …, and for a signal. */
const passing =
  /Device or resource busy|Resource temporarily unavailable|Cannot allocate memory|Too many open files|Interrupted system call|No space left|terminating on signal/i;

interface Line {
  readonly word: string;
  /** performance.now() */
  readonly at: number;
}

const probeArguments = (accelerator: AcceleratorName, firmware: string): string[] => [
  ...['-no-user-config', '-nodefaults', '-display', 'none', '-no-reboot'],
  ...['-machine', 'pc', '-accel', accelerator, '-cpu', accelerator === 'kvm' ? 'host' : 'qemu64'],
  ...['-smp', '1', '-m', '16M', '-bios', firmware],
  ...['-chardev', 'stdio,id=words,signal=off', '-device', 'isa-debugcon,iobase=0xe9,chardev=words'],
  ...['-device', 'isa-debug-exit,iobase=0xf4,iosize=1'],
];

/** hw/misc/debugexit.c: exit((value << 1) | 1). Neither 0 nor 1, which QEMU's own endings use. */
const provenExitCode = (0x2a << 1) | 1;

/** The guest writes some 15. */
const mostLines = 100;

/** In the order in which the guest says them. */
const stages = [
  ['real', 'real mode'],
  ['protected', 'protected mode'],
  ['long', 'long mode'],
  ['user', 'user mode'],
  ['timer', 'the timer interrupt'],
  ['end', 'the timed loop'],
] as const;
const stageNames: Readonly<Record<string, string>> = Object.fromEntries(stages);

/** "real mode ran, protected mode never came". */
function stopOf(seen: readonly Line[]): string {
  const reached = stages.findLastIndex(([stage]) => seen.some(({ word }) => word === stage));
  const rounds = seen.filter(({ word }) => word === 'round').length;
  if (rounds > 0) return `the timed loop was in round ${rounds}`;
  const next = stages[reached + 1]?.[1] ?? 'its end';
  const ran = stages[reached]?.[1];
  return ran === undefined ? 'not one instruction ran' : `${ran} ran, ${next} never came`;
}

/** The guest's own words about what a processor did wrong. */
function complaint(seen: readonly Line[]): string | undefined {
  if (seen.some(({ word }) => word === 'exception')) return 'there was an unexpected exception';
  if (seen.some(({ word }) => word === 'differs')) return 'a page held data that was written to another page';
  return undefined;
}

/** KVM_EXIT_INTERNAL_ERROR, KVM_EXIT_FAIL_ENTRY and an ioctl that failed, in QEMU's words (accel/kvm/kvm-all.c). */
const kvmGaveUp = /KVM internal error|KVM: entry failed|kvm run failed/;

/** The median, since a busy host keeps a round or two from the processor, and the first is translated or faulted in. */
function medianRound(seen: readonly Line[]): number {
  const marks = seen.filter(({ word }) => word === 'round' || word === 'end').map(({ at }) => at);
  return median(marks.slice(1).map((at, index) => at - (marks[index] ?? at)));
}
