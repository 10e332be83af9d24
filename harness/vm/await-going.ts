import { awaitProgress } from './deadline.js';
import type { Machine } from './machine.js';

/**
 * A QEMU that closed its lines is going by itself: how it went is lost where it is killed on the way, and what its console
 * still holds is read when it has gone. One that a guest has taken over may close them and stay, so this ends.
 *
 * @throws the signal's reason
 */
export async function awaitGoing(machine: Machine, signal: AbortSignal): Promise<void> {
  if (machine.channel.ended) await awaitProgress(machine.exit, () => 0, goingLimits, { signal });
}

const goingLimits = { totalSeconds: 5, quietSeconds: 5 };
