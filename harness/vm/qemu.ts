import { execa } from 'execa';
import { HostError, messageOf } from '../errors.js';
import type { Qemu } from './types.js';

/**
 * The QEMU of this host: KMATRIX_QEMU (a name or a path), else qemu-system-x86_64 on PATH.
 *
 * @throws HostError where it can't be started or doesn't say a version
 */
export async function findQemu(): Promise<Qemu> {
  const binary = process.env.KMATRIX_QEMU || 'qemu-system-x86_64';
  const { stdout, failed, shortMessage, cause } = await execa(binary, ['--version'], {
    reject: false,
    timeout: 30_000,
    maxBuffer: 64 * 1024,
  });
  const version = parseQemuVersion(stdout ?? '');
  if (failed || version === undefined) {
    throw new HostError(
      failed ? 'QEMU is not installed, or does not start' : 'this is not QEMU: it names no version',
      {
        where: binary,
        remedy: 'kmatrix doctor --install',
        cause: cause ?? (failed ? new Error(messageOf(shortMessage)) : undefined),
      },
    );
  }
  const build = parseQemuBuild(stdout);
  return { binary, version, ...(build !== undefined && { build }) };
}

/** "QEMU emulator version 7.2.22 (Debian 1:7.2+…)" is 7.2.22. */
export const parseQemuVersion = (text: string): string | undefined =>
  /^QEMU emulator version (\d+\.\d+(?:\.\d+)?)/m.exec(text)?.[1];

/** Whether a version is that one or newer; the third number says nothing of features. */
export function isQemuAtLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [first = 0, second = 0] = version.split('.').map(Number);
  return first > major || (first === major && second >= minor);
}

/** Of the same line what stands in brackets: two builds of one version may differ in patches and options. */
const parseQemuBuild = (text: string): string | undefined =>
  /^QEMU emulator version [\d.]+ \((.{1,200})\)$/m.exec(text)?.[1];
