import { AgentSession } from '../../guest/index.js';
import { Machine, type MachineSpec } from '../../vm/index.js';
import { awaitReady } from './await-ready.js';
import type { Opened } from './opened.js';

/**
 * Powers a machine on and waits for its agent.
 *
 * @throws HostError where QEMU doesn't start; the signal's reason
 */
export async function openCold(spec: MachineSpec, signal: AbortSignal): Promise<Opened> {
  const machine = await Machine.start(spec, { signal });
  const session = new AgentSession(machine.channel);
  try {
    const boot = await awaitReady(machine, session, spec.accelerator, signal);
    const bootSeconds = boot.ready ? (performance.now() - machine.startedAt) / 1000 : null;
    return { machine, session, start: 'cold', boot, bootSeconds, readySeconds: bootSeconds, earlier: '' };
  } catch (error) {
    await machine.end();
    throw error;
  }
}
