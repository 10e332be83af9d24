import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import t from 'tap';
import { isAlive } from './vm-console.js';

/** A process of its own that starts a machine and tells its pid. */
const holder = fileURLToPath(new URL('./vm-holder.js', import.meta.url));

for (const [signal, how] of [
  ['SIGKILL', 'one'],
  ['SIGTERM', 'one'],
  ['SIGINT', 'one'],
  ['SIGHUP', 'one'],
  ['SIGKILL', 'copy'],
  ['SIGTERM', 'copy'],
] as const) {
  t.test(`a harness that ends of ${signal} leaves no machine and no file (${how})`, async (t) => {
    const folder = t.testdir({ tmp: {} });
    const child = execa(process.execPath, [holder, folder, how], {
      env: { TMPDIR: `${folder}/tmp` },
      reject: false,
      buffer: false,
    });
    const [line]: Buffer[] = await once(child.stdout, 'data');
    const pids = String(line).trim().split(' ').map(Number);
    t.equal(pids.length, how === 'copy' ? 2 : 1);
    for (const pid of pids) t.ok(isAlive(pid), `QEMU runs as ${pid}`);
    child.kill(signal);
    t.equal((await child).signal, signal);
    for (const pid of pids) t.ok(await gone(pid), `${pid} is gone`);
    t.strictSame(await readdir(`${folder}/tmp`), [], 'no temporary file');
  });
}

/** Polls: it is no child of ours, so nobody tells when it ends. */
async function gone(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 100; tries++) {
    if (!isAlive(pid)) return true;
    await delay(50);
  }
  return false;
}
