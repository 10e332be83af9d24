import { open } from 'node:fs/promises';
import process from 'node:process';
import { messageOf } from '../errors.js';
import { codeOf } from '../host/file-errors.js';

/**
 * Where KVM's device is looked for. KMATRIX_KVM_DEVICE names another file, for tests that play a host which has one, or hasn't;
 * QEMU itself opens /dev/kvm all the same.
 */
export const kvmDevice = (): string => process.env.KMATRIX_KVM_DEVICE || '/dev/kvm';

/** Why the device can't be used, as a clause; null where it opens. By opening it: root may access what a sandbox then keeps shut. */
export async function deviceObstacle(device = kvmDevice()): Promise<string | null> {
  try {
    await (await open(device, 'r+')).close();
    return null;
  } catch (error) {
    switch (codeOf(error)) {
      case 'ENOENT':
        return `${device} is absent`;
      case 'EACCES':
      case 'EPERM':
        return `${device} is not open to this user (group kvm)`;
      default:
        return `${device} does not open: ${messageOf(error)}`;
    }
  }
}
