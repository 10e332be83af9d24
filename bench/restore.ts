import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import { encodeFrame } from '../harness/guest/frames.js';
import { median } from '../harness/statistics/quantile.js';
import { LiveTemplate } from '../harness/templates/live-template.js';
import { obtainTemplate } from '../harness/templates/make-template.js';
import { Standby } from '../harness/templates/standby.js';
import type { Template } from '../harness/templates/template.js';
import { commandLine, machineDescriptors } from '../harness/vm/command-line.js';
import { endingWithParent } from '../harness/vm/ending-with-parent.js';
import { buildForkLibrary } from '../harness/vm/fork-library.js';
import { incomingUri } from '../harness/vm/saved-state.js';
import type { MachineSpec } from '../harness/vm/types.js';
import { benchKernels } from './kernels.js';
import type { Measure } from './measure.js';

const never = new AbortController().signal;

/**
 * Seconds from asking for a machine to its first answer: restored by kmatrix, given by a machine that stood by, and copied, against
 * QEMU started by hand with the same template and its commands written blindly.
 */
export async function measureRestore(kernels: readonly string[], runs: number): Promise<Measure[]> {
  const measures: Measure[] = [];
  for (const { row, kernel, image, spec, calibrationNs } of await benchKernels(kernels)) {
    const parts = { kernel: kernel.id, release: kernel.release };
    const request = { imageId: image.id, spec, calibrationNs };
    await using template = await obtainTemplate(request, parts, never);
    await using live = await LiveTemplate.boot(request, await buildForkLibrary(never), kernel.release, never);
    const [ours, waiting, copies, bare]: [number[], number[], number[], number[]] = [[], [], [], []];
    for (let run = 0; run <= runs; run++) {
      const times = [
        await restored(template, spec),
        await stoodBy(template, spec),
        await copied(live),
        await bareRestore(template, spec),
      ] as const;
      // the first round warms the page cache
      if (run === 0) continue;
      ours.push(times[0]);
      waiting.push(times[1]);
      copies.push(times[2]);
      bare.push(times[3]);
    }
    const other = { name: 'bare recipe', value: median(bare) };
    measures.push(
      {
        name: `restore to first answer, ${row.id}`,
        unit: 's',
        value: median(ours),
        other,
        target: { kind: 'at most', ratio: 1.2 },
      },
      {
        name: `from standby, ${row.id}`,
        unit: 's',
        value: median(waiting),
        other,
        target: { kind: 'at most', ratio: 0.5 },
      },
      {
        name: `copied, ${row.id}`,
        unit: 's',
        value: median(copies),
        other,
        target: { kind: 'at most', ratio: 0.5 },
      },
    );
  }
  return measures;
}

async function restored(template: Template, spec: MachineSpec): Promise<number> {
  const askedAt = performance.now();
  const { machine, readySeconds } = await (await Standby.start(template, spec, never)).wake(askedAt, never);
  await machine.end();
  return readySeconds ?? Number.NaN;
}

async function stoodBy(template: Template, spec: MachineSpec): Promise<number> {
  const standby = await Standby.start(template, spec, never);
  const { machine, readySeconds } = await standby.wake(performance.now(), never);
  await machine.end();
  return readySeconds ?? Number.NaN;
}

async function copied(live: LiveTemplate): Promise<number> {
  const { machine, readySeconds } = await live.copy(performance.now(), never);
  await machine.end();
  return readySeconds ?? Number.NaN;
}

function bareRestore(template: Template, spec: MachineSpec): Promise<number> {
  const began = performance.now();
  const words = commandLine(spec, { memory: { kind: 'file', path: template.memory, share: false } });
  const [program, ...rest] = endingWithParent([spec.qemu.binary, ...words, '-incoming', 'defer']);
  const state = openSync(template.state, 'r');
  const child = spawn(program, rest, {
    stdio: ['ignore', 'ignore', 'inherit', 'pipe', 'pipe', 'pipe', state],
  });
  const ends: readonly unknown[] = child.stdio;
  closeSync(state);
  const [console, channel, qmp] = (['console', 'channel', 'qmp'] as const).map(
    (name) => ends[machineDescriptors[name]] as Duplex,
  );
  // its end comes as a reset
  for (const end of [console, channel, qmp]) end?.on('error', () => {});
  console?.resume();
  const capabilities = [
    { capability: 'x-ignore-shared', state: true },
    { capability: 'events', state: true },
  ];
  const commands = [
    { execute: 'qmp_capabilities' },
    { execute: 'migrate-set-capabilities', arguments: { capabilities } },
    { execute: 'migrate-incoming', arguments: { uri: incomingUri(spec.qemu, template.state) } },
  ];
  for (const command of commands) qmp?.write(`${JSON.stringify(command)}\n`);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => reject(new Error('bare QEMU ended before the guest answered')));
    let said = '';
    let again: NodeJS.Timeout | undefined;
    child.once('exit', () => clearInterval(again));
    qmp?.on('data', (chunk: Buffer) => {
      const before = said.includes('"RESUME"');
      said += chunk.toString('latin1');
      if (before || !said.includes('"RESUME"')) return;
      // as kmatrix does: a hello may be lost
      let sent = 0;
      const hello = (): void => void channel?.write(encodeFrame(++sent, { type: 'hello' }));
      hello();
      again = setInterval(hello, 500);
    });
    let text = '';
    channel?.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (!text.includes('"type":"ready"')) return;
      const seconds = (performance.now() - began) / 1000;
      clearInterval(again);
      child.removeAllListeners('exit').once('exit', () => resolve(seconds));
      child.kill('SIGKILL');
    });
  });
}
