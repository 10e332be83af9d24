import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import t, { type Test } from 'tap';
import { obtainUserland } from '../../../harness/disks/userlands/obtain-userland.js';
import { readRecipe } from '../../../harness/disks/userlands/recipe.js';
import { removeUserland } from '../../../harness/disks/userlands/remove-userland.js';
import type { UserlandRow } from '../../../harness/matrix/axes.js';
import { makeLocalApt } from '../../kernels/fetch/local-apt.js';

t.setTimeout(900_000);

/** A mirror on loopback with the recipe's packages, and a mmdebstrap of the test's own, which makes a system of one package. */
async function withMirror(t: Test) {
  const apt = await makeLocalApt(t);
  const { source, publish } = apt;
  const { distribution, suite } = source;
  const folder = join(apt.folder, '../own');
  for (const name of ['bin', 'root/var/lib/dpkg']) await mkdir(join(folder, name), { recursive: true });
  const status =
    'Package: base\nStatus: install ok installed\nArchitecture: amd64\nMaintainer: n\nVersion: 1\nDescription: d\n';
  await writeFile(join(folder, 'root/var/lib/dpkg/status'), status);
  const script = `#!/bin/sh\nfor word; do tar=$last last=$word; done\ntar -C ${folder}/root -cf "$tar" ./var\n`;
  await writeFile(join(folder, 'bin/mmdebstrap'), script);
  await chmod(join(folder, 'bin/mmdebstrap'), 0o755);
  const { PATH = '' } = process.env;
  process.env.PATH = `${join(folder, 'bin')}${delimiter}${PATH}`;
  t.teardown(() => {
    process.env.PATH = PATH;
  });
  const { tools, repository } = await readRecipe(suite);
  const offer = (version: string) =>
    publish(
      [...tools, ...repository].map((name) => ({ name, version, files: { [`usr/bin/${name}`]: name } })),
    );
  const row: UserlandRow = {
    ...{ id: 'own', usual: false, modules: [], arguments: {}, kernelArguments: [] },
    userland: { apt: { distribution, suite } },
  };
  return { ...apt, offer, row };
}

t.test(
  'once made it stays; asked for anew it is another only where the suite has something new',
  async (t) => {
    const { offer, row, options, server, steps } = await withMirror(t);
    await offer('1.0-1');
    const first = await obtainUserland(row, options);
    t.ok(first.contents.includes('repository hello 1.0-1'), first.contents.join());
    const again = { ...options, refresh: true };
    t.equal((await obtainUserland(row, again)).disk.id, first.disk.id, 'nothing is new');
    await offer('1.1-1');
    t.equal((await obtainUserland(row, options)).disk.id, first.disk.id, 'nobody asked');
    const second = await obtainUserland(row, again);
    t.not(second.disk.id, first.disk.id);
    t.ok(second.contents.includes('repository hello 1.1-1'));
    t.equal((await obtainUserland(row, options)).disk.id, second.disk.id);
    await server.close();
    const cache = process.env.KMATRIX_CACHE ?? '';
    await rm(join(cache, 'apt'), { recursive: true });
    await rm(join(cache, 'downloads'), { recursive: true });
    t.equal((await obtainUserland(row, again)).disk.id, second.disk.id);
    t.ok(steps().some((step) => step.startsWith('not refreshed, the cached one is used: ')));
    t.equal((await obtainUserland(row, { ...again, offline: true })).disk.id, second.disk.id);
  },
);

t.test('one that is removed is gone with its key, and one that isn’t there is said so', async (t) => {
  const { offer, row, options } = await withMirror(t);
  await offer('1.0-1');
  const { disk, name } = await obtainUserland(row, options);
  t.match(await removeUserland(row), { name: 'own', userland: { id: disk.id, name } });
  await t.rejects(obtainUserland(row, { ...options, offline: true }), { message: /not in the cache/ });
  await t.rejects(removeUserland(row), { name: 'UsageError', message: /own is not in the cache/ });
});
