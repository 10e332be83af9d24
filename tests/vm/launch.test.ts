import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import t from 'tap';
import { machineDescriptors } from '../../harness/vm/command-line.js';
import { launchQemu } from '../../harness/vm/launch.js';

t.test('a program that ends tells how, with its own words, and has no connection left open', async (t) => {
  const started = launchQemu('/bin/sh', ['-c', 'echo no such machine >&2; exit 3']);
  t.same(await started.ended, { exitCode: 3, signal: null });
  t.equal(started.stderr(), 'no such machine\n');
  for (const line of [started.console, started.channel, started.qmp]) t.ok(line.destroyed);
});

t.test('one that was killed says so', async (t) => {
  const started = launchQemu('/bin/sh', ['-c', 'exec sleep 60']);
  started.kill();
  t.same(await started.ended, { exitCode: null, signal: 'SIGKILL' });
});

t.test(
  'each machine reads the whole state, also beside another, and none of it stays open here',
  async (t) => {
    const stateFile = join(t.testdir({ state: 'the state of a machine' }), 'state');
    const before = readdirSync('/proc/self/fd').length;
    const read = ['-c', `cat <&${machineDescriptors.state} >&2`];
    const machines = [1, 2].map(() => launchQemu('/bin/sh', read, { stateFile }));
    for (const { ended, stderr } of machines) {
      t.same(await ended, { exitCode: 0, signal: null });
      t.equal(stderr(), 'the state of a machine');
    }
    t.equal(readdirSync('/proc/self/fd').length, before);
  },
);

t.test('its heap may be in huge pages, unless a user says otherwise', async (t) => {
  const { GLIBC_TUNABLES } = process.env;
  t.teardown(() => {
    if (GLIBC_TUNABLES === undefined) delete process.env.GLIBC_TUNABLES;
    else process.env.GLIBC_TUNABLES = GLIBC_TUNABLES;
  });
  const told = async (): Promise<string> => {
    const started = launchQemu('/bin/sh', ['-c', 'echo "$GLIBC_TUNABLES" >&2']);
    await started.ended;
    return started.stderr();
  };
  delete process.env.GLIBC_TUNABLES;
  t.equal(await told(), 'glibc.malloc.hugetlb=1\n');
  process.env.GLIBC_TUNABLES = 'glibc.malloc.hugetlb=0';
  t.equal(await told(), 'glibc.malloc.hugetlb=1:glibc.malloc.hugetlb=0\n');
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
  const told = 'StartError: QEMU can’t be started: this process may open no more files; run fewer machines';
  for (const line of stdout.split('\n')) t.match(line, told);
  t.equal(stdout.split('\n').length, 2, 'one that boots, and one that would be restored');
});
