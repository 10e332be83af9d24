import t from 'tap';
import { LocalContent } from '../../harness/attempt/local-content.js';
import { LocalRunner } from '../../harness/attempt/local-runner.js';
import { buildImage } from '../../harness/guest/build/initramfs.js';
import { findQemu } from '../../harness/vm/qemu.js';
import { debianKernel } from './debian-kernel.js';
import { cellWith, guestWith } from './own-workload.js';
import { pinnedAccelerator as accelerator } from './pinned-accelerator.js';

const workload = `
#include "km.h"
#include <unistd.h>
int main(int argc, char **argv) {
    km_args(argc, argv);
    if (km_is("way", "wait"))
        pause();
    km_iteration_done();
    return 0;
}
`;

t.test('a workload that stands still in a machine that lives: its tasks are the evidence', async (t) => {
  const [kernel, guest, qemu] = await Promise.all([
    debianKernel(),
    guestWith(t, 'stand-still', workload),
    findQemu(),
  ]);
  const { signal } = new AbortController();
  const image = await buildImage({ kernel, guest, modules: [] });
  await using runner = new LocalRunner(
    { qemu, accelerator, calibrationNs: await guest.calibrateOnHost(), content: new LocalContent() },
    { start: 'template', jobs: 1, onRefused: (_, reason) => t.fail(reason), signal },
  );
  const run = async (way: string) => {
    const cell = await cellWith('stand-still', { arguments: { way }, timeoutSeconds: 1 });
    const key = { cell: cell.id, index: 0, seed: 1 };
    return (await runner.run({ key, cell, image }, { signal, onState: () => {} })).result;
  };
  const waits = await run('wait');
  t.match(waits, {
    outcome: 'operation-failed',
    reason: /the machine is alive, but the workload makes no progress/,
  });
  t.match(waits.evidence, /SysRq w:[\s\S]*SysRq t:[\s\S]*stand-still/);
  const ends = await run('end');
  t.match(ends, { outcome: 'stable', evidence: '' }, 'one that ends isn’t asked');
});
