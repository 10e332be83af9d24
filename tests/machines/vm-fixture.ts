import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { projectRoot } from '../../harness/host/project.js';
import { findQemu } from '../../harness/vm/qemu.js';
import type { MachineSpec } from '../../harness/vm/types.js';
import { debianKernel } from './debian-kernel.js';

/** What the test guest does once its user space is up (tests/fixtures/vm/init.c). */
export type Act = 'off' | 'panic' | 'flood' | 'sleep';

/**
 * A machine with Debian's kernel and the test init, compiled into `folder`.
 *
 * @param folder of the test, removed with it
 */
export async function testMachine(folder: string, act: Act): Promise<MachineSpec> {
  return {
    qemu: await findQemu(),
    accelerator: 'tcg',
    bzImage: (await debianKernel()).bzImage,
    initramfs: await testInitramfs(folder),
    shape: { cpus: 2, memoryMiB: 256 },
    bootArguments: [`act=${act}`],
  };
}

async function testInitramfs(folder: string): Promise<string> {
  const root = join(folder, 'root');
  await mkdir(join(root, 'dev'), { recursive: true });
  const source = join(projectRoot, 'tests', 'fixtures', 'vm', 'init.c');
  await execa('musl-gcc', [
    '-static',
    '-Os',
    '-Wall',
    '-Wextra',
    '-Werror',
    '-o',
    join(root, 'init'),
    source,
  ]);
  // /dev/console: the kernel opens it for init's standard streams; devtmpfs is not mounted on an initramfs
  await execa(
    'sh',
    ['-c', 'mknod dev/console c 5 1 2>/dev/null || true; find . | cpio -o -H newc --quiet > ../initramfs'],
    {
      cwd: root,
    },
  );
  return join(folder, 'initramfs');
}
