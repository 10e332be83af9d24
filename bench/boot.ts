import { spawn } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { AgentSession } from '../harness/guest/agent.js';
import { median } from '../harness/statistics/quantile.js';
import { endingWithParent } from '../harness/vm/ending-with-parent.js';
import { kernelArguments } from '../harness/vm/kernel-arguments.js';
import { Machine } from '../harness/vm/machine.js';
import type { MachineSpec } from '../harness/vm/types.js';
import { benchKernels } from './kernels.js';
import type { Measure } from './measure.js';

/**
 * Seconds from process start to the agent's `ready`: kmatrix's machine against a bare QEMU with the same kernel, initramfs
 * and kernel arguments, started by hand with its serial ports on pipes. In turn, so that the host's mood hits both alike.
 */
export async function measureBoot(kernels: readonly string[], runs: number): Promise<Measure[]> {
  const measures: Measure[] = [];
  for (const { row, spec } of await benchKernels(kernels)) {
    const ours: number[] = [];
    const bare: number[] = [];
    for (let run = 0; run <= runs; run++) {
      const pair = [await bareBoot(spec), await kmatrixBoot(spec)] as const;
      // the first pair warms the page cache
      if (run === 0) continue;
      bare.push(pair[0]);
      ours.push(pair[1]);
    }
    measures.push({
      name: `boot to ready, ${row.id}`,
      unit: 's',
      value: median(ours),
      other: { name: 'bare QEMU', value: median(bare) },
      target: { kind: 'at most', ratio: 1.3 },
    });
  }
  return measures;
}

async function kmatrixBoot(spec: MachineSpec): Promise<number> {
  await using machine = await Machine.start(spec);
  await new AgentSession(machine.channel).ready();
  return (performance.now() - machine.startedAt) / 1000;
}

export function bareBoot({
  qemu,
  accelerator,
  bzImage,
  initramfs,
  shape,
  bootArguments,
}: MachineSpec): Promise<number> {
  const began = performance.now();
  const accel = accelerator === 'kvm' ? ['-accel', 'kvm', '-cpu', 'host'] : ['-accel', 'tcg,thread=multi'];
  const [program, ...rest] = endingWithParent([
    qemu.binary,
    ...[
      '-nodefaults',
      '-display',
      'none',
      '-no-reboot',
      '-m',
      `${shape.memoryMiB}M`,
      '-smp',
      String(shape.cpus),
      ...accel,
    ],
    ...['-serial', 'null', '-serial', 'stdio', '-kernel', bzImage, '-initrd', initramfs],
    ...['-append', [...kernelArguments, ...bootArguments].join(' ')],
  ]);
  const child = spawn(program, rest, { stdio: ['pipe', 'pipe', 'inherit'] });
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (!text.includes('"type":"ready"')) return;
      child.kill('SIGKILL');
      resolve((performance.now() - began) / 1000);
    });
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`bare QEMU ended before the guest of ${bzImage} was ready`)));
  });
}
