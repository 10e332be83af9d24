/**
 * How long an attempt may take for what. Everything a guest has to compute scales with its slowness factor (guest time
 * over host time of one calibration loop); what a timer in the guest decides doesn't, since guest timers run in real time.
 */
export interface Limits {
  /**
   * Silence of the heartbeat before the machine is looked at: ten missed beats, and a little for slow machines. A timer in
   * the guest makes the beat: of 1,625 stable attempts, 1 to 32 times slower than their hosts, none was silent for more
   * than 1.7 s, the slow ones no longer than the fast.
   */
  readonly silenceSeconds: number;
  /** The workload's own time; then it is asked to stop. */
  readonly workloadSeconds: number;
  /** From `stop` to `done`: one iteration must fit. */
  readonly stopSeconds: number;
  /** What a machine may still do after it reported an oops, before it is ended. */
  readonly afterReportSeconds: number;
  /** Set where an attempt ends with its first report: so much quiet on the console, and the report is whole. */
  readonly reportQuietSeconds?: number;
  /** A console that said nothing for so long has said what it had to say. */
  readonly quietSeconds: number;
  /** From `poweroff` to the end of the process. */
  readonly powerOffSeconds: number;
}

/**
 * @param slowness guest over host, at least 1
 * @param endAtReport the report is all that is wanted: what the machine does after it is not waited for
 */
export function limitsFor(timeoutSeconds: number, slowness: number, endAtReport = false): Limits {
  const factor = Math.max(1, slowness);
  const limits = usualLimits(timeoutSeconds, factor);
  if (!endAtReport) return limits;
  return { ...limits, reportQuietSeconds: 0.2 + 0.02 * factor, afterReportSeconds: 2 + 0.1 * factor };
}

function usualLimits(timeoutSeconds: number, factor: number): Limits {
  return {
    silenceSeconds: 10 + 0.02 * factor,
    workloadSeconds: timeoutSeconds * factor,
    stopSeconds: 5 + 2 * factor,
    afterReportSeconds: 3 + factor,
    quietSeconds: 3 + 0.2 * factor,
    powerOffSeconds: 3 + factor,
  };
}

/** How many times slower than its host a guest runs the same loop; never under 1, so that deadlines only grow. */
export function slowness(guestNanoseconds: number, hostNanoseconds: number): number {
  if (!(guestNanoseconds > 0) || !(hostNanoseconds > 0)) return 1;
  return Math.min(Math.max(guestNanoseconds / hostNanoseconds, 1), mostBelieved);
}

/** TCG is 5 to 30 times slower than its host. A guest that claims more is broken or lies; it gets no days for that. */
const mostBelieved = 200;

/** A time meant for hardware, as long as this guest needs for it. */
export const scaledSeconds = (seconds: number, factor: number): number => seconds * Math.max(factor, 1);
