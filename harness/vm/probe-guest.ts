import { join } from 'node:path';
import { execa } from 'execa';
import { keyedEntry } from '../cache/keyed-entry.js';
import { HostError, messageOf } from '../errors.js';
import { findCompiler } from '../host/compiler.js';
import { sha256, sha256File } from '../host/hash.js';
import { makeFolder } from '../host/make-folder.js';
import { printable } from '../host/printable.js';
import { projectRoot } from '../host/project.js';
import { canonicalJson } from '../matrix/canonical-json.js';

/** The guest that tells whether an accelerator does what kernels need: firmware for QEMU's -bios. */
export interface ProbeGuest {
  /** SHA-256 (hex) over its bytes. */
  readonly id: string;
  readonly firmware: string;
}

/**
 * The probe guest (images/probe), from the cache or assembled first.
 *
 * @throws HostError where this host has no compiler for x86-64
 */
export async function buildProbeGuest(): Promise<ProbeGuest> {
  const folder = join(projectRoot, 'images', 'probe');
  const [source, layout] = [join(folder, 'probe.S'), join(folder, 'probe.ld')];
  const { command, version } = await findCompiler('gcc');
  const key = sha256(canonicalJson([version, flags, await sha256File(source), await sha256File(layout)]));
  const build = async (staged: string): Promise<unknown> => {
    await makeFolder(staged);
    const words = [...flags, `-Wl,-T,${layout}`, '-o', join(staged, firmwareFile), source];
    const { failed, stderr, shortMessage } = await execa(command, words, { reject: false });
    if (!failed) return { compiler: version };
    const error = stderr.split('\n').find((line) => /error/i.test(line)) ?? messageOf(shortMessage);
    throw new HostError(`the guest that probes KVM can't be assembled: ${printable(error, 300)}`, {
      where: source,
      remedy: 'it needs gcc and binutils for x86-64; --accelerator tcg works without it',
    });
  };
  const { folder: entry, id } = await keyedEntry('probe-guest', key, build);
  return { id, firmware: join(entry, firmwareFile) };
}

const firmwareFile = 'probe.bin';

/** The linker script writes plain bytes; a note with a build id would be among them. */
const flags = ['-nostdlib', '-static', '-no-pie', '-Wl,--build-id=none'];
