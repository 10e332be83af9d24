import { AgentSession, type Start } from '../../guest/agent.js';
import { awaitReady } from '../../templates/await-ready.js';
import type { Machine } from '../../vm/machine.js';
import type { AcceleratorName } from '../../vm/types.js';
import { awaitReport, type Ending, type ReportLimits } from './await-report.js';

/** As a run that is kept is watched: the rest of a report, and no more. Each second of a recording costs several to replay. */
export const untilReport: Required<ReportLimits> = {
  workloadSeconds: 600,
  graceSeconds: 10,
  quietSeconds: 1.5,
};

/**
 * Takes a machine that boots to its first report, or to the end of its workload. The machine goes on afterwards.
 *
 * @throws what the signal was aborted with
 */
export async function runToReport(
  machine: Machine,
  order: Start,
  {
    accelerator,
    limits,
    signal,
  }: { accelerator: AcceleratorName; limits: ReportLimits; signal: AbortSignal },
): Promise<Ending | 'never ready'> {
  const session = new AgentSession(machine.channel);
  const { ready } = await awaitReady(machine, session, accelerator, signal);
  if (ready === null) return 'never ready';
  session.start(order);
  return await awaitReport(machine, session, limits, signal);
}
