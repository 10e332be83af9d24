import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Test } from 'tap';
import type { ObtainOptions } from '../../../harness/kernels/sources/options.js';
import type { ImageEvent } from '../../../harness/kernels/types.js';
import type { AptSource } from '../../../harness/matrix/types.js';
import { makeArchive, makeKey } from './archive-fixture.js';
import { type ArchiveServer, serveArchive } from './archive-server.js';

export interface LocalApt {
  readonly server: ArchiveServer;
  /** Served folder. */
  readonly folder: string;
  readonly source: AptSource;
  readonly events: ImageEvent[];
  readonly options: ObtainOptions;
  readonly steps: () => string[];
  /** Publishes the suite anew with these packages, and these fields in its Release file. */
  readonly publish: (
    packages: Parameters<typeof makeArchive>[1]['packages'],
    fields?: Readonly<Record<string, string>>,
  ) => Promise<void>;
}

/**
 * A signed suite on loopback that this host's apt, by APT_CONFIG (apt.conf(5)), takes for its own distribution's mirror,
 * and a cache of its own.
 */
export async function makeLocalApt(t: Test): Promise<LocalApt> {
  const folder = t.testdir({ served: {}, cache: {}, lists: { partial: {} } });
  const served = join(folder, 'served');
  const [server, key, { distribution, suite }] = await Promise.all([
    serveArchive(served),
    makeKey(),
    hostSuite(),
  ]);
  await writeFile(
    join(folder, 'sources.list'),
    `deb [signed-by=${key.keyring}] ${server.url} ${suite} main\n`,
  );
  await writeFile(
    join(folder, 'apt.conf'),
    `Dir::Etc::sourcelist "${folder}/sources.list";\nDir::Etc::sourceparts "/dev/null";\n` +
      `Dir::State::lists "${folder}/lists";\nAcquire::http::Proxy::127.0.0.1 "DIRECT";\n`,
  );
  const before = { cache: process.env.KMATRIX_CACHE, apt: process.env.APT_CONFIG };
  process.env.KMATRIX_CACHE = join(folder, 'cache');
  process.env.APT_CONFIG = join(folder, 'apt.conf');
  t.teardown(async () => {
    restore('KMATRIX_CACHE', before.cache);
    restore('APT_CONFIG', before.apt);
    await server.close();
    await key.dispose();
  });
  const events: ImageEvent[] = [];
  return {
    server,
    folder: served,
    source: { kind: 'apt', distribution, suite, package: 'linux-image-*-amd64' },
    events,
    options: {
      onEvent: (event) => events.push(event),
      offline: false,
      signal: new AbortController().signal,
    },
    steps: () => events.flatMap((event) => (event.type === 'image-step' ? event.step : [])),
    async publish(packages, fields = {}) {
      const release = {
        ...fields,
        Origin: distribution,
        Date: new Date().toUTCString(),
        Architectures: 'amd64',
      };
      await makeArchive(served, { suite, packages, release });
      await key.sign(served, suite, 'inline');
    },
  };
}

async function hostSuite(): Promise<Pick<AptSource, 'distribution' | 'suite'>> {
  const text = await readFile('/etc/os-release', 'utf8');
  const field = (name: string) => new RegExp(`^${name}="?([^"\\n]*)"?$`, 'm').exec(text)?.[1] ?? '';
  return { distribution: field('ID') === 'ubuntu' ? 'ubuntu' : 'debian', suite: field('VERSION_CODENAME') };
}

function restore(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}
