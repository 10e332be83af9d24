import type { Qmp } from './qmp.js';
import type { MachineExit } from './types.js';

interface Quittable {
  readonly qmp: Pick<Qmp, 'execute'>;
  readonly exit: Promise<MachineExit>;
  kill(): void;
}

/** QMP's quit, which lets QEMU flush its disks; SIGKILL after the grace. */
export async function quitMachine(machine: Quittable, graceSeconds: number): Promise<MachineExit> {
  const timer = setTimeout(() => machine.kill(), graceSeconds * 1000);
  try {
    // quit may be answered or not, QEMU may be stuck or gone: the exit below is the answer
    machine.qmp.execute('quit', {}, { timeoutSeconds: graceSeconds }).catch(() => {});
    return await machine.exit;
  } finally {
    clearTimeout(timer);
  }
}
