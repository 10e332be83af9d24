import { AgentSession } from '../guest/agent.js';
import { slowness } from '../vm/limits.js';
import { Machine } from '../vm/machine.js';
import { awaitReady } from './await-ready.js';
import type { MachineRequest, Opened } from './opened.js';

/**
 * Powers a machine on and waits for its agent.
 *
 * @throws HostError where QEMU doesn't start; the signal's reason
 */
export async function openCold(
  { spec, calibrationNs }: MachineRequest,
  signal: AbortSignal,
): Promise<Opened> {
  const machine = await Machine.start(spec, { signal });
  const session = new AgentSession(machine.channel);
  try {
    const boot = await awaitReady(machine, session, spec.accelerator, signal);
    const bootSeconds = boot.ready ? (performance.now() - machine.startedAt) / 1000 : null;
    return {
      machine,
      session,
      start: 'cold',
      boot,
      bootSeconds,
      readySeconds: bootSeconds,
      slowness: boot.ready && slowness(boot.ready.calibrationNs, calibrationNs),
      earlier: '',
    };
  } catch (error) {
    await machine.end();
    throw error;
  }
}
