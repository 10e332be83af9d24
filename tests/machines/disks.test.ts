import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { execa } from 'execa';
import t, { type Test } from 'tap';
import { LocalContent, referenceTo } from '../../harness/attempt/local-content.js';
import { LocalRunner } from '../../harness/attempt/local-runner.js';
import type { Attempt, AttemptResult } from '../../harness/attempt/types.js';
import { publishDisk } from '../../harness/disks/disk.js';
import { buildStartFiles } from '../../harness/disks/start-files.js';
import { buildImage } from '../../harness/guest/build/initramfs.js';
import { MachineSource } from '../../harness/templates/machine-source.js';
import { starts } from '../../harness/templates/opened.js';
import { findQemu } from '../../harness/vm/qemu.js';
import { debianKernel } from './debian-kernel.js';
import { kernelAttempts } from './kernel-attempts.js';
import { cellWith, guestWith } from './own-workload.js';
import { pinnedAccelerator as accelerator } from './pinned-accelerator.js';
import { wantedMachine } from './wanted-machine.js';

/** Says the checksum of a file on the disk and of one that came with the start, and whether that can be run. */
const workload = `
#include "km.h"
#include "km_file.h"
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>
static uint32_t table[256];
static void tell(const char *name, const char *path) {
    static unsigned char bytes[65536];
    uint32_t crc = 0xffffffffu;
    ssize_t got;
    struct stat about = {0};
    int file = open(path, O_RDONLY);
    km_must(file, path);
    fstat(file, &about);
    while ((got = read(file, bytes, sizeof bytes)) > 0)
        for (ssize_t i = 0; i < got; i++)
            crc = table[(crc ^ bytes[i]) & 0xff] ^ (crc >> 8);
    close(file);
    km_fact_number(name, (double)(uint32_t)~crc, "mode %o", about.st_mode & 0777u);
}
int main(int argc, char **argv) {
    km_args(argc, argv);
    for (uint32_t i = 0; i < 256; i++) {
        table[i] = i;
        for (int bit = 0; bit < 8; bit++)
            table[i] = (table[i] >> 1) ^ (0xedb88320u & (0u - (table[i] & 1)));
    }
    km_must(km_folder("/run/disk"), "mkdir");
    km_must(mount("/dev/vda", "/run/disk", "squashfs", MS_RDONLY, NULL), "mount /dev/vda");
    tell("disk", "/run/disk/on-disk");
    tell("file", "/files/deep/down/program");
    tell("data", "/files/data");
    int read_only = 0;
    km_must(ioctl(open("/dev/vda", O_RDONLY), BLKROGET, &read_only), "BLKROGET");
    km_fact_number("read-only", read_only, "BLKROGET");
    km_iteration_done();
    return 0;
}
`;

const never = new AbortController().signal;

const ids = ['vanilla-2.6.32', 'vanilla-3.2'];
const cached = await kernelAttempts(t, ids);
const folder = t.testdir({ root: {} });
const onDisk = randomBytes(3_000_000);
await writeFile(join(folder, 'root', 'on-disk'), onDisk);
const squashfs = join(folder, 'squashfs');
await execa('mksquashfs', [join(folder, 'root'), squashfs, '-comp', 'gzip', '-all-root', '-no-xattrs']);
const disk = await publishDisk(squashfs);

interface Program {
  readonly id: string;
  readonly crcs: readonly [file: number, data: number];
}

/** A program of 20 MB and a small file: bytes that no block is full of. */
async function startFiles(): Promise<Program> {
  const [program, data] = [randomBytes(20_000_001), randomBytes(5)];
  await writeFile(join(folder, 'program'), program);
  await writeFile(join(folder, 'data'), data);
  const { id } = await buildStartFiles([
    { path: 'deep/down/program', source: join(folder, 'program'), isExecutable: true },
    { path: 'data', source: join(folder, 'data'), isExecutable: false },
  ]);
  return { id, crcs: [crc32(program), crc32(data)] };
}

function check(t: Test, result: AttemptResult, { crcs }: Program): void {
  t.equal(result.outcome, 'stable', result.reason);
  const facts = Object.fromEntries(
    result.facts.map(({ name, value, evidence }) => [name, { value, evidence }]),
  );
  t.match(facts, {
    disk: { value: crc32(onDisk) },
    file: { value: crcs[0], evidence: 'mode 755' },
    data: { value: crcs[1], evidence: 'mode 644' },
    'read-only': { value: 1 },
  });
}

for (const id of ['debian-6.1-cloud', ...ids]) {
  const known = id === 'debian-6.1-cloud' ? { kernel: await debianKernel() } : cached.cached(id);
  if (known === undefined) {
    t.test(`${id} has disks`, { skip: `lacks the kernel ${id} in the cache` }, () => {});
    continue;
  }
  t.test(`${id} reads one disk and files that come late, however its machine began`, async (t) => {
    const guest = await guestWith(t, 'disk-probe', workload);
    const image = referenceTo(await buildImage({ kernel: known.kernel, guest, modules: ['squashfs'] }));
    const cell = await cellWith('disk-probe', { kernel: id, timeoutSeconds: 30 });
    const host = { qemu: await findQemu(), calibrationNs: await guest.calibrateOnHost() };
    for (const start of starts) {
      await using runner = new LocalRunner(
        { ...host, accelerator, content: new LocalContent() },
        { start, jobs: 1, onRefused: (_, reason) => t.fail(reason), signal: never },
      );
      // the second time the template was there before the files were
      for (const index of [0, 1]) {
        const program = await startFiles();
        const key = { cell: cell.id, index, seed: 1 };
        const attempt: Attempt = { key, cell, image, disks: [disk.id], files: program.id };
        const { result } = await runner.run(attempt, { signal: never, onState: () => {} });
        t.equal(result.start, start);
        t.match(result, { disks: [disk.id], files: program.id });
        check(t, result, program);
      }
    }
  });
}

t.test(
  'files that the slot doesn’t hold are refused, in the agent’s own words; the next start is served',
  async (t) => {
    const source = new MachineSource({
      ...{ standbys: 0, liveTemplatesMiB: 0, signal: never },
      onRefused: (_, reason) => t.fail(reason),
    });
    t.teardown(() => source[Symbol.asyncDispose]());
    const { session, machine } = await source.open(wantedMachine('template'), never);
    t.teardown(() => machine.end());
    const refused = new Promise<string>((resolve) => {
      session.on('frame', (frame) => {
        if (frame.type === 'refused') resolve(frame.reason);
      });
    });
    const order = {
      workload: 'burn',
      seed: 1,
      iterations: 1,
      time: Date.now() / 1000,
      entropy: '5a'.repeat(32),
    };
    session.start({ ...order, args: {}, files: 'f'.repeat(64) });
    t.match(await refused, /^the slot doesn't hold f+: No medium found$/);
    session.start({ ...order, args: {} });
    t.match(await session.done(), { status: 'passed' }, 'and the next start is served');
  },
);
