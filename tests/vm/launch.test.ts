import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import t from 'tap';
import { launchQemu } from '../../harness/vm/launch.js';

t.test('a program that ends tells how, with its own words, and has no connection left open', async (t) => {
  const started = launchQemu('/bin/sh', ['-c', 'echo no such machine >&2; exit 3']);
  t.same(await started.ended, { exitCode: 3, signal: null });
  t.equal(started.stderr(), 'no such machine\n');
  for (const line of [started.console, started.channel, started.qmp]) t.ok(line.destroyed);
});

t.test('one that was killed, likewise', async (t) => {
  const started = launchQemu('/bin/sh', ['-c', 'echo here >&2; exec sleep 60'], { stateFile: '/dev/null' });
  started.kill();
  t.same(await started.ended, { exitCode: null, signal: 'SIGKILL' });
});

t.test('where nothing can be started the reason is among its words', async (t) => {
  const { PATH } = process.env;
  process.env.PATH = '/nowhere';
  t.teardown(() => {
    process.env.PATH = PATH;
  });
  const started = launchQemu('/bin/sh', []);
  t.equal((await started.ended).signal, null);
  t.match(started.stderr(), /setpriv ENOENT/);
});

t.test('a process that may open no more files says so, and how to go on', async (t) => {
  const script = fileURLToPath(new URL('out-of-files.js', import.meta.url));
  const { stdout } = await execa('sh', ['-c', 'ulimit -n 60; exec "$0" "$1"', process.execPath, script]);
  t.match(stdout, /HostError: QEMU can’t be started: this process may open no more files/);
});
