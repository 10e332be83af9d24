import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { HostError } from '../errors.js';
import { withFileErrors } from '../host/file-errors.js';
import { machineDescriptors } from './command-line.js';
import { awaitProgress } from './deadline.js';
import type { Machine } from './machine.js';
import { isQemuAtLeast } from './qemu.js';
import type { Qemu } from './types.js';

/**
 * Writes the state of a machine, all but its RAM, to `file`; the RAM stays in the shared file that it runs in. The machine
 * is stopped afterwards and good for nothing else.
 *
 * QEMU's migration with x-ignore-shared (migration/ram.c): a state of 0.3 MB, whatever the memory. It has the guest
 * running, so that it runs by itself again where it is restored. The state comes over a UNIX socket in a folder that only
 * we may enter: `migrate fd:` wants a descriptor passed over QMP, which Node can't, and `exec:` is denied by the sandbox.
 *
 * @throws HostError where QEMU refuses, or the file can't be written
 */
export async function saveState(machine: Machine, file: string, signal: AbortSignal): Promise<void> {
  await machine.qmp.execute('migrate-set-capabilities', capabilities);
  const folder = await mkdtemp(join(tmpdir(), 'kmatrix-'));
  try {
    await withFileErrors(file, () => receive(machine, join(folder, 'state'), file, signal));
    const { status } = (await machine.qmp.execute('query-migrate')) as { status?: unknown };
    if (status !== 'completed') {
      throw new HostError(`QEMU did not save the machine: its migration is ${String(status)}`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Makes a machine ready to take a state, so that only the state itself is left to wait for.
 *
 * @throws QmpError where this QEMU can't
 */
export async function prepareRestore(machine: Machine): Promise<void> {
  await machine.qmp.execute('migrate-set-capabilities', capabilities);
}

/**
 * Where a machine takes its state from, for `migrate-incoming`: the descriptor that it was started with. A plain file there
 * is deprecated since QEMU 9.1, which has `file:` for it (since 8.2; docs/about/deprecated.rst).
 */
export function incomingUri({ version }: Qemu, stateFile: string): string {
  return !isQemuAtLeast(version, [9, 1]) ? `fd:${machineDescriptors.state}` : `file:${stateFile}`;
}

/**
 * Has a prepared machine take the state that it was started with. It runs when this returns: bytes sent to a serial port
 * before would go to a device whose state is yet to be replaced.
 *
 * @param uri see incomingUri
 * @throws HostError where QEMU doesn't take the state
 */
export async function restoreState(machine: Machine, uri: string, signal?: AbortSignal): Promise<void> {
  let listen = (_: string, __: Readonly<Record<string, unknown>>): void => {};
  const outcome = new Promise<'running' | 'failed'>((resolve) => {
    listen = (name, data) => {
      if (name === 'RESUME') resolve('running');
      if (name === 'MIGRATION' && data.status === 'failed') resolve('failed');
    };
  });
  machine.qmp.on('event', listen);
  try {
    await machine.qmp.execute('migrate-incoming', { uri });
    const waited = await awaitProgress(
      Promise.race([outcome, machine.exit.then(({ stderr }) => stderr.trim() || 'it ended')]),
      () => 0,
      restoreLimits,
      { signal },
    );
    const end = waited.end === 'reached' ? waited.value : `nothing in ${restoreLimits.totalSeconds} s`;
    if (end !== 'running') throw new HostError(`QEMU did not take the saved state: ${end}`);
  } finally {
    machine.qmp.off('event', listen);
  }
}

/** 20 ms of work, on a host that may be busy with other things. */
const restoreLimits = { totalSeconds: 120, quietSeconds: 120 };

const capabilities = {
  capabilities: [
    { capability: 'x-ignore-shared', state: true },
    { capability: 'events', state: true },
  ],
};

/** One connection, from QEMU, into the file; over when both are through. */
async function receive(machine: Machine, path: string, file: string, signal: AbortSignal): Promise<void> {
  const server = createServer({ pauseOnConnect: false });
  const received = new Promise<void>((resolve, reject) => {
    server.once('connection', (socket) => {
      pipeline(socket, createWriteStream(file), { signal }).then(resolve, reject);
    });
    server.once('error', reject);
    void machine.exit.then(({ stderr }) => reject(new HostError(`QEMU ended while it saved: ${stderr}`)));
  });
  received.catch(() => {});
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(path, resolve);
  });
  try {
    await machine.qmp.execute('migrate', { uri: `unix:${path}` });
    await received;
  } finally {
    server.close();
  }
}
