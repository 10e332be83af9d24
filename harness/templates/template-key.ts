import { readFile } from 'node:fs/promises';
import { sha256 } from '../host/hash.js';
import { canonicalJson } from '../matrix/canonical-json.js';
import { commandLine } from '../vm/command-line.js';
import type { MachineRequest } from './opened.js';

/**
 * SHA-256 (hex) over what a saved machine depends on: image and disks by content, the command line with its file names left out,
 * QEMU by its version, and under KVM the host's processor, whose features the guest has seen.
 */
export async function templateKey({ imageId, spec }: MachineRequest): Promise<string> {
  const disks = spec.disks?.map(({ id }) => ({ id, path: id }));
  const words = commandLine({ ...spec, bzImage: 'bzImage', initramfs: 'initramfs', ...(disks && { disks }) });
  const processor = spec.accelerator === 'kvm' ? await processorOf() : [];
  return sha256(canonicalJson({ format: 4, imageId, words, qemu: spec.qemu.version, processor }));
}

/** Its name alone is not enough: hosts of one name mask different features. */
const processorOf = async (): Promise<string[]> => {
  const text = await readFile('/proc/cpuinfo', 'utf8');
  const [first = ''] = text.split('\n\n');
  return first.split('\n').filter((line) => /^(model|cpu family|stepping|microcode|flags|bugs)/.test(line));
};
