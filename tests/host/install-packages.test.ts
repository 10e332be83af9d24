import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { execa } from 'execa';
import t, { type Test } from 'tap';
import { installPackages } from '../../harness/host/install-packages.js';
import type { Requirement } from '../../harness/host/requirements.js';

const { failed } = await execa('apt-cache', ['--version'], { reject: false });
const skip = failed && 'apt is not installed';

/** What apt-get would be asked to do: a test installs nothing. apt-cache stays the host's own. */
async function recordAptGet(t: Test, exitCode = 0): Promise<() => Promise<string[]>> {
  const folder = t.testdir({ asked: '' });
  const asked = join(folder, 'asked');
  await writeFile(join(folder, 'apt-get'), `#!/bin/sh\necho "$*" >> '${asked}'\nexit ${exitCode}\n`);
  await writeFile(join(folder, 'sudo'), '#!/bin/sh\nexec "$@"\n');
  for (const name of ['apt-get', 'sudo']) await chmod(join(folder, name), 0o755);
  const before = process.env.PATH;
  process.env.PATH = `${folder}:${before}`;
  t.teardown(() => {
    process.env.PATH = before;
  });
  return async () => (await readFile(asked, 'utf8')).split('\n').filter(Boolean);
}

const needs = (program: string, name: string): Requirement => ({
  group: 'run',
  program,
  package: name,
  why: `the purpose of ${program}`,
});

t.test(
  'a package that apt doesn’t know is named with what is missing then; the others go in',
  { skip },
  async (t) => {
    const asked = await recordAptGet(t);
    const all = [
      needs('flock', 'util-linux'),
      needs('one', 'kmatrix-no-such-package'),
      needs('two', 'kmatrix-no-such-package'),
      needs('bash', 'bash'),
    ];
    await t.rejects(installPackages(all), {
      name: 'HostError',
      message: 'apt has no package kmatrix-no-such-package',
      where: 'missing without it: one (the purpose of one), two (the purpose of two)',
      remedy: /the other packages are installed/,
    });
    t.same(await asked(), ['update', 'install --yes --no-install-recommends util-linux bash']);
  },
);

t.test('where apt knows all, all go in at once, and that is that', { skip }, async (t) => {
  const asked = await recordAptGet(t);
  await installPackages([
    needs('flock', 'util-linux'),
    needs('setpriv', 'util-linux'),
    needs('bash', 'bash'),
  ]);
  t.same(await asked(), ['update', 'install --yes --no-install-recommends util-linux bash']);
});

t.test('where it knows none, nothing is installed', { skip }, async (t) => {
  const asked = await recordAptGet(t);
  await t.rejects(installPackages([needs('one', 'kmatrix-no-such-package')]), { name: 'HostError' });
  t.same(await asked(), ['update']);
});

t.test('apt’s own failure is told with the command that failed', { skip }, async (t) => {
  await recordAptGet(t, 100);
  await t.rejects(installPackages([needs('bash', 'bash')]), {
    name: 'HostError',
    message: 'installing packages failed (100)',
    where: /apt-get update$/,
  });
});
