import { join } from 'node:path';
import process from 'node:process';
import { execa } from 'execa';
import t, { type Test } from 'tap';
import { kmatrixScript, until } from './kmatrix.js';

const code = join(import.meta.dirname, '../../harness/cli/end-on-signals.js');

/** A process that says what it is told, with a thread in a system call that doesn't return. */
async function stuck(t: Test, options: string) {
  const fifo = join(t.testdir(), 'fifo');
  await execa('mkfifo', [fifo]);
  const child = execa(process.execPath, ['--input-type=module', '--eval', script(fifo, options)], {
    reject: false,
    stderr: 'inherit',
  });
  t.teardown(() => void child.kill('SIGKILL'));
  let said = '';
  child.stdout.on('data', (text: Buffer) => {
    said += text;
  });
  const hears = async (words: string): Promise<void> =>
    void (await until(async () => said.includes(words) || undefined));
  await hears('stuck');
  return { child, hears, said: () => said.trim() };
}

const script = (fifo: string, options: string): string => `
  import { open } from 'node:fs/promises';
  import { endOnSignals } from ${JSON.stringify(code)};
  endOnSignals({
    interrupt: (signal) => console.log('wind up after', signal),
    abandon: () => console.log('abandon'),
    ${options}
  });
  process.on('exit', () => console.log('exit'));
  open(${JSON.stringify(fifo)}, 'r');
  console.log('stuck');
`;

for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
  t.test(`a process that doesn't wind up after ${signal} ends of it when the grace is over`, async (t) => {
    const { child, said } = await stuck(t, 'graceSeconds: 0.2');
    child.kill(signal);
    const { signal: ended } = await child;
    t.equal(ended, signal);
    t.match(said(), new RegExp(`wind up after ${signal}\\nabandon\\nexit$`));
  });
}

t.test('the same SIGTERM from two senders is one; a second SIGINT ends at once', async (t) => {
  const { child, hears, said } = await stuck(t, 'graceSeconds: 600, echoSeconds: 600');
  child.kill('SIGTERM');
  await hears('wind up after SIGTERM');
  child.kill('SIGTERM');
  child.kill('SIGINT');
  const { signal } = await child;
  t.equal(signal, 'SIGINT', 'not of the second SIGTERM');
  t.match(said(), /abandon\nexit$/);
});

t.test('a command that hangs in a read ends of a second signal', async (t) => {
  const fifo = join(t.testdir(), 'fifo');
  await execa('mkfifo', [fifo]);
  const child = execa(process.execPath, [kmatrixScript, 'classify', fifo], { reject: false });
  t.teardown(() => void child.kill('SIGKILL'));
  // its other end can be opened as soon as it reads
  const writer = execa('sh', ['-c', 'exec 3> "$0"; echo open; exec sleep 600', fifo], { reject: false });
  t.teardown(() => void writer.kill('SIGKILL'));
  for await (const line of writer.stdout) {
    t.equal(String(line).trim(), 'open');
    break;
  }
  // two that come together are one to a process
  await until(async () => !child.kill('SIGINT') || child.signalCode !== null || undefined);
  t.equal((await child).signal, 'SIGINT');
});
