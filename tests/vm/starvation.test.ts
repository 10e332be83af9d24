import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import process from 'node:process';
import t from 'tap';
import { Starvation } from '../../harness/vm/starvation.js';

t.test('a process that shares its processor with others waits, one that sleeps does not', async (t) => {
  const spinners = Array.from({ length: 3 * availableParallelism() }, () =>
    spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }),
  );
  const sleeper = spawn('sleep', ['60'], { stdio: 'ignore' });
  t.teardown(() => {
    for (const child of [...spinners, sleeper]) child.kill('SIGKILL');
  });
  const all = spinners.map(({ pid }) => new Starvation(pid));
  let waited = 0;
  while (waited < 0.2) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    waited += Math.max(...all.map((one) => one.since()));
  }
  const idle = new Starvation(sleeper.pid);
  idle.since();
  t.ok(idle.since() < 0.2);
});

t.test('only what was waited since the last look counts', async (t) => {
  const own = new Starvation(process.pid);
  own.since();
  t.ok(own.since() < 5, 'not all that this process ever waited');
});

t.test('a process that has ended, or never was, was never starved', async (t) => {
  t.equal(new Starvation(2 ** 22 + 1).since(), 0);
  t.equal(new Starvation(undefined).since(), 0);
});
