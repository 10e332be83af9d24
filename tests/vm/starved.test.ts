import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import process from 'node:process';
import t from 'tap';
import { starvedSeconds } from '../../harness/vm/starved.js';

t.test('a process that shares its processor with others waits, one that sleeps does not', async (t) => {
  const spin = (): ReturnType<typeof spawn> =>
    spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' });
  const spinners = Array.from({ length: 3 * availableParallelism() }, spin);
  const sleeper = spawn('sleep', ['60'], { stdio: 'ignore' });
  t.teardown(() => {
    for (const child of [...spinners, sleeper]) child.kill('SIGKILL');
  });
  const starved = async (): Promise<number> =>
    Math.max(...(await Promise.all(spinners.map(({ pid }) => starvedSeconds(pid)))));
  const before = await starved();
  while ((await starved()) < before + 0.2) await new Promise((resolve) => setTimeout(resolve, 50));
  t.ok((await starvedSeconds(sleeper.pid)) < 0.2);
});

t.test('a process that has ended, or never was, was never starved', async (t) => {
  t.equal(await starvedSeconds(2 ** 22 + 1), 0);
  t.equal(await starvedSeconds(undefined), 0);
});
