import { HarnessBug, HostError } from '../errors.js';
import { probeKvm } from './probe-kvm.js';
import type { Accelerator, AcceleratorName, Qemu } from './types.js';

/** What a user may ask for. */
export type AcceleratorChoice = 'auto' | AcceleratorName;

/**
 * Decides what runs the guests. /dev/kvm may open, create a machine, and still never run a guest's first instruction
 * (nested virtualisation that is half there), so KVM is trusted only after it ran a probe guest.
 *
 * @throws HostError where KVM is asked for by name and doesn't work; the signal's reason
 */
export async function chooseAccelerator(
  qemu: Qemu,
  wish: AcceleratorChoice,
  { signal, probe = (asked) => probeKvm(asked, { signal }) }: ChooseOptions = {},
): Promise<Accelerator> {
  switch (wish) {
    case 'tcg':
      return { name: 'tcg', reason: 'asked for' };
    case 'kvm': {
      const { works, reason } = await probe(qemu);
      if (works) return { name: 'kvm', reason };
      throw new HostError(`KVM does not work: ${reason}`, {
        where: '/dev/kvm',
        remedy: 'let kmatrix choose (auto), or ask for tcg, which needs nothing from the host',
      });
    }
    case 'auto': {
      const { works, reason } = await probe(qemu);
      return { name: works ? 'kvm' : 'tcg', reason };
    }
    default:
      throw new HarnessBug(`no such accelerator: ${wish satisfies never}`);
  }
}

export interface ChooseOptions {
  readonly signal?: AbortSignal | undefined;
  readonly probe?: (qemu: Qemu) => Promise<KvmProbe>;
}

export interface KvmProbe {
  readonly works: boolean;
  /** One clause: "KVM ran a probe guest", "/dev/kvm is absent". */
  readonly reason: string;
}
