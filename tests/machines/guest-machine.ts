import type { Test } from 'tap';
import { AgentSession } from '../../harness/guest/agent.js';
import { buildGuest } from '../../harness/guest/build/build-guest.js';
import { buildImage } from '../../harness/guest/build/initramfs.js';
import type { DoneFrame, GuestFrame, HostFrame, ReadyFrame } from '../../harness/guest/types.js';
import { awaitProgress, bootLimits } from '../../harness/vm/deadline.js';
import { Machine } from '../../harness/vm/machine.js';
import { findQemu } from '../../harness/vm/qemu.js';
import { debianKernel } from './debian-kernel.js';

export interface GuestMachine extends AsyncDisposable {
  readonly machine: Machine;
  readonly session: AgentSession;
  readonly ready: ReadyFrame;
}

/** A machine with the guest as a run boots it, greeted; the test fails where its agent never answers. */
export async function guestMachine(
  t: Test,
  modules: readonly string[] = ['veth'],
  offered: readonly string[] = [],
  extraFiles: ReadonlyMap<string, string> = new Map(),
): Promise<GuestMachine> {
  const [kernel, guest, qemu] = await Promise.all([debianKernel(), buildGuest(), findQemu()]);
  const { bzImage } = kernel;
  const { initramfs } = await buildImage({ kernel, guest, modules, offered, extraFiles });
  const shape = { cpus: 2, memoryMiB: 256 };
  const machine = await Machine.start({
    qemu,
    accelerator: 'tcg',
    bzImage,
    initramfs,
    shape,
    bootArguments: [],
  });
  const session = new AgentSession(machine.channel);
  const boot = await awaitProgress(session.ready(), () => machine.console.lastByteAt, bootLimits('tcg'));
  if (boot.end !== 'reached' || boot.value === null) {
    await machine[Symbol.asyncDispose]();
    throw new Error(`no ready (${boot.end}): ${machine.console.text().slice(-2000)}`);
  }
  t.comment(`${kernel.release} ready after ${boot.seconds.toFixed(1)} s`);
  return { machine, session, ready: boot.value, [Symbol.asyncDispose]: () => machine[Symbol.asyncDispose]() };
}

/** A start order with the parts that tests don't care about filled in. */
export const order = (
  workload: string,
  iterations: number,
  args: Record<string, string | number> = {},
): Omit<Extract<HostFrame, { type: 'start' }>, 'type'> => ({
  workload,
  iterations,
  args,
  seed: 7,
  time: Math.floor(Date.now() / 1000),
  entropy: '00'.repeat(32),
});

/** Starts a workload and gives its own end and the frames before it: several can run one after another in one machine. */
export async function runWorkload(
  { session, machine }: GuestMachine,
  ...words: Parameters<typeof order>
): Promise<{ done: DoneFrame; frames: readonly GuestFrame[] }> {
  const frames: GuestFrame[] = [];
  // a listener, not one wait after another: several frames can come in one read
  let listen: (frame: GuestFrame) => void = () => {};
  const done = new Promise<DoneFrame>((resolve, reject) => {
    listen = (frame) => void (frame.type === 'done' ? resolve(frame) : frames.push(frame));
    void machine.exit.then(() => reject(new Error(`${words[0]}: the machine ended`)));
  });
  session.on('frame', listen);
  try {
    session.start(order(...words));
    return { done: await done, frames };
  } finally {
    session.off('frame', listen);
  }
}
