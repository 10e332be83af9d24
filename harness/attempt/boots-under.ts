import { HostError, StartError } from '../errors.js';
import { openCold } from '../templates/open-cold.js';
import type { MachineHost } from './machine-host.js';
import { machineSpec } from './machine-spec.js';
import type { Attempt } from './types.js';

/**
 * Whether an attempt's machine comes to READY on this host, by powering it on: once, and again only where QEMU didn't start.
 *
 * @throws the signal's reason
 */
export async function bootsUnder(attempt: Attempt, host: MachineHost, signal: AbortSignal): Promise<boolean> {
  const spec = machineSpec(await host.content.open(attempt), host);
  for (let tries = 1; ; tries++) {
    try {
      const { machine, boot } = await openCold(
        { imageId: attempt.image.id, spec, calibrationNs: host.calibrationNs },
        signal,
      );
      await machine.end();
      return boot.ready !== null;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof StartError && tries === 1) continue;
      if (error instanceof HostError) return false;
      throw error;
    }
  }
}
