import { access, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { cacheFolder } from '../../harness/host/cache.js';
import { projectRoot } from '../../harness/host/project.js';
import { findQemu } from '../../harness/vm/qemu.js';
import type { MachineSpec } from '../../harness/vm/types.js';

/** What the test guest does once its user space is up (tests/fixtures/vm/init.c). */
export type Act = 'off' | 'panic' | 'flood' | 'sleep';

/**
 * A machine with this host's own distribution kernel and the test init, compiled into `folder`.
 *
 * @param folder of the test, removed with it
 */
export async function testMachine(folder: string, act: Act): Promise<MachineSpec> {
  return {
    qemu: await findQemu(),
    accelerator: 'tcg',
    bzImage: await distributionKernel(),
    initramfs: await testInitramfs(folder),
    shape: { cpus: 2, memoryMiB: 256 },
    bootArguments: [`act=${act}`],
  };
}

/** The newest kernel that this host's apt offers, fetched once. The smaller cloud flavour where there is one. */
async function distributionKernel(): Promise<string> {
  const name = await kernelPackage();
  const folder = join(await cacheFolder('test-kernels'), name);
  const kernel = join(folder, 'boot', `vmlinuz-${name.replace(/^linux-image-/, '')}`);
  if (await exists(kernel)) return kernel;
  const work = `${folder}.${process.pid}`;
  await mkdir(work, { recursive: true });
  try {
    await execa('apt-get', ['download', name], { cwd: work });
    await execa('sh', ['-c', 'dpkg-deb -x *.deb . && rm -- *.deb'], { cwd: work });
    await rename(work, folder);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return kernel;
}

async function kernelPackage(): Promise<string> {
  for (const meta of ['linux-image-cloud-amd64', 'linux-image-amd64', 'linux-image-virtual']) {
    const { stdout } = await execa('apt-cache', ['depends', meta], { reject: false });
    const name = /Depends: (linux-image-\S+)/.exec(stdout)?.[1];
    if (name !== undefined) return name;
  }
  throw new Error('apt offers no kernel: run apt-get update');
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

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
