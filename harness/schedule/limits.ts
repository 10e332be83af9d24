/**
 * How long an attempt may take for what. Everything a guest has to compute scales with its slowness factor (guest time
 * over host time of one calibration loop); what a timer in the guest decides doesn't, since guest timers run in real time.
 */
export interface Limits {
  /** Silence of the heartbeat before the machine is looked at: ten missed beats, and what a beat itself costs. */
  readonly silenceSeconds: number;
  /** The workload's own time; then it is asked to stop. */
  readonly workloadSeconds: number;
  /** From `stop` to `done`: one iteration must fit. */
  readonly stopSeconds: number;
  /** What a machine may still do after it reported an oops, before it is ended. */
  readonly afterReportSeconds: number;
  /** A console that said nothing for so long has said what it had to say. */
  readonly quietSeconds: number;
  /** From `poweroff` to the end of the process. */
  readonly powerOffSeconds: number;
}

/** @param slowness guest over host, at least 1 */
export function limitsFor(timeoutSeconds: number, slowness: number): Limits {
  const factor = Math.max(1, slowness);
  return {
    silenceSeconds: 10 + 0.5 * factor,
    workloadSeconds: timeoutSeconds * factor,
    stopSeconds: 5 + 2 * factor,
    afterReportSeconds: 3 + factor,
    quietSeconds: 3 + 0.2 * factor,
    powerOffSeconds: 3 + factor,
  };
}
