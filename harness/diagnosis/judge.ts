import { counted } from '../host/counted.js';
import { printable } from '../host/printable.js';
import type { Outcome } from '../matrix/types.js';
import { panicCause } from './panic-cause.js';
import type { BootWords, Diagnosis, Observations, Report, ReportKind } from './types.js';

/**
 * What an attempt came to. Precedence, first that applies:
 *
 * 1. Our own failure is never the kernel's: harness-error, whatever the console holds.
 * 2. A panic of its own, or one that no setting could have avoided (fatal exception in interrupt, init killed): panic.
 *    A panic that only a setting made of something else (panic_on_oops, panic_on_warn, softlockup_panic, …) counts
 *    as that something.
 * 3. The first report that is an oops or shows corrupted memory: oops.
 * 4. The first lockup, stall or hung task, or a network device never freed where the workload didn't pass: lockup.
 * 5. A machine on whose console no kernel came to say its name stopped before there was one: harness-error.
 *    Confirmed silence of a kernel: freeze.
 * 6. A workload that was killed, or a machine-wide OOM: operation-killed; failed or stuck: operation-failed.
 * 7. unsupported; stable. Warnings, lockdep's words, a memory cgroup's OOM and one that took only the load's own hog are listed
 *    and decide nothing,
 *    but for a warning with a known issue's name, which is that issue: oops.
 *
 * What stopped a kernel while it booted is named so.
 */
export function judge(reports: readonly Report[], observations: Observations): Diagnosis {
  const isAtBoot = observations.boot?.isKernels === true && observations.end !== 'harness';
  const decided = (outcome: Outcome, reason: string, decisive: number | null): Diagnosis => ({
    outcome,
    // one line: a guest's newline would begin a line of its own among the run's
    reason: printable(`${isAtBoot ? 'stopped at boot: ' : ''}${reason}`.replace(/\s+/g, ' ').trim(), 300),
    decisive,
    reports,
  });
  if (observations.end === 'harness') {
    return decided('harness-error', observations.trouble || 'kmatrix itself failed', null);
  }
  for (const [outcome, applies] of byReport) {
    const index = reports.findIndex((report, at) => applies(report, reports.slice(0, at)));
    const report = reports[index];
    if (report) return decided(outcome, withIssue(report), index);
  }
  const leak = reports.findIndex((report) => report.kind === 'unregister-netdevice');
  const leaked = reports[leak];
  if (leaked && observations.done?.status !== 'passed') return decided('lockup', withIssue(leaked), leak);
  const globalOom = reports.findIndex(
    (report) =>
      report.kind === 'oom' &&
      report.signature === 'oom:global' &&
      observations.loadsOwn?.has(report) !== true,
  );
  return withoutReport(observations, globalOom === -1 ? null : globalOom, decided);
}

type Applies = (report: Report, earlier: readonly Report[]) => boolean;

const byReport: readonly (readonly [Outcome, Applies])[] = [
  ['panic', (report, earlier) => report.kind === 'panic' && panicCause(report, earlier) === null],
  ['oops', (report) => oopsKinds.has(report.kind) || (report.kind === 'warning' && isNamed(report))],
  ['oops', (report) => report.kind === 'panic' && /panic_on_warn/.test(report.title)],
  ['lockup', (report) => lockupKinds.has(report.kind)],
  ['lockup', (report) => report.kind === 'panic' && /soft ?lockup|hung_task|RCU Stall/.test(report.title)],
];

/** Kernel memory was accessed wrongly or found broken. */
const oopsKinds: ReadonlySet<ReportKind> = new Set<ReportKind>([
  'oops',
  'bug',
  'kasan',
  'refcount',
  'list-corruption',
  'bad-page',
  'slab-corruption',
]);

const lockupKinds: ReadonlySet<ReportKind> = new Set<ReportKind>([
  'soft-lockup',
  'hard-lockup',
  'rcu-stall',
  'hung-task',
]);

const isNamed = (report: Report): boolean => report.knownIssue !== null;

const withIssue = (report: Report): string =>
  report.knownIssue === null ? report.title : `${report.title} (${report.knownIssue})`;

type Decided = (outcome: Outcome, reason: string, decisive: number | null) => Diagnosis;

/** The console names no failure of the kernel: the observations decides, with a machine-wide OOM as its explanation. */
function withoutReport(observations: Observations, oom: number | null, decided: Decided): Diagnosis {
  const { done, end, trouble, longestGapSeconds, ready, boot } = observations;
  if (boot !== null) return withoutReady(observations, boot, decided);
  const reason = done?.reason ?? '';
  if (end === 'silent') {
    return decided(
      'freeze',
      `silent without a word on the console, longest gap ${longestGapSeconds.toFixed(0)} s`,
      null,
    );
  }
  if (done?.status === 'killed') {
    const by = done.signal > 0 ? `killed by signal ${done.signal}` : 'killed';
    const what = oom === null ? `workload ${by}` : `workload ${by}, out of memory`;
    return decided('operation-killed', reason === '' ? what : `${what}: ${reason}`, oom);
  }
  if (oom !== null) return decided('operation-killed', 'out of memory, the kernel killed a process', oom);
  switch (done?.status) {
    case 'failed':
      return decided('operation-failed', reason || 'the workload failed its own check', null);
    case 'unsupported':
      return decided('unsupported', reason || 'this kernel lacks what the workload needs', null);
    case 'passed':
      return decided('stable', passed(observations), null);
    default:
  }
  switch (end) {
    case 'deadline':
      return decided('stable', 'stopped at the time limit while it still made progress', null);
    case 'stuck':
      return decided('operation-failed', 'the machine is alive, but the workload makes no progress', null);
    case 'exited':
      if (!ready)
        return decided(
          'harness-error',
          trouble || 'the machine ended before it answered, without a word',
          null,
        );
      // A guest that was up and reset itself (triple fault, or a panic whose text was lost) did so in its kernel, unless QEMU says otherwise.
      return trouble === ''
        ? decided('panic', 'the machine reset itself without a word on the console', null)
        : decided('harness-error', trouble, null);
    case 'done':
      return decided('harness-error', 'the wait ended as done, but the workload never said so', null);
    default:
      return decided('harness-error', trouble || `the wait ended as ${end}`, null);
  }
}

/** A kernel that booted, and wrote no report of why it stopped; or none that came to run. */
function withoutReady({ end, trouble }: Observations, boot: BootWords, decided: Decided): Diagnosis {
  const last = boot.last === '' ? '' : `, the last line is “${boot.last}”`;
  if (!boot.isKernels) {
    const console = boot.last === '' ? 'its console is empty' : `its console ends with “${boot.last}”`;
    const why = trouble || (end === 'exited' ? 'the machine ended' : 'the machine stopped');
    return decided('harness-error', `${why} before any kernel printed its version: ${console}`, null);
  }
  switch (end) {
    case 'silent':
      return decided('freeze', `silent without a report${last}`, null);
    case 'stuck':
      return decided('operation-failed', `the machine is alive, but never ready${last}`, null);
    default:
      return decided('harness-error', `${trouble || 'the machine ended before it was ready'}${last}`, null);
  }
}

function passed({ done, cameBack, longestGapSeconds }: Observations): string {
  const iterations =
    done === null
      ? ''
      : `${counted(done.iterations, 'iteration')}${done.stopped ? ', stopped at the time limit' : ''}`;
  return cameBack && longestGapSeconds > usualGapSeconds
    ? `${iterations}; silent for ${longestGapSeconds.toFixed(0)} s in between`
    : iterations;
}

/** Beats come once a second; a loaded host delays some by a few. More is the freeze that came back. */
const usualGapSeconds = 5;
