import { randomBytes } from 'node:crypto';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import type { FetchContext, Patience } from '../../../harness/kernels/fetch/context.js';
import type { ImageEvent } from '../../../harness/kernels/types.js';
import type { ArchiveSource, KernelRow } from '../../../harness/matrix/types.js';
import { type ArchiveRecipe, kernelFiles, makeArchive, makeKey, type SigningKey } from './archive-fixture.js';
import { type ArchiveServer, serveArchive } from './archive-server.js';

/** Short enough for a test; every wait still happens. */
export const hasty: Patience = { idleSeconds: 2, attempts: 4, firstWaitSeconds: 0.02, longestWaitSeconds: 3 };

export interface Bench {
  /** Served folder. */
  readonly folder: string;
  readonly server: ArchiveServer;
  readonly context: FetchContext;
  readonly events: ImageEvent[];
  readonly warnings: () => string[];
}

/** An empty served folder, a cache of its own, and a context that remembers its events; gone with the test. */
export async function makeBench(t: Test, over: Partial<FetchContext> = {}): Promise<Bench> {
  const folder = t.testdir({ served: {}, cache: {} });
  const before = process.env.KMATRIX_CACHE;
  process.env.KMATRIX_CACHE = `${folder}/cache`;
  const server = await serveArchive(`${folder}/served`);
  t.teardown(async () => {
    if (before === undefined) delete process.env.KMATRIX_CACHE;
    else process.env.KMATRIX_CACHE = before;
    await server.close();
  });
  const events: ImageEvent[] = [];
  const context: FetchContext = {
    kernel: 'row',
    signal: new AbortController().signal,
    onEvent: (event) => events.push(event),
    offline: false,
    patience: hasty,
    ...over,
  };
  const warnings = () => events.flatMap((event) => (event.type === 'image-warning' ? event.warning : []));
  return { folder: `${folder}/served`, server, context, events, warnings };
}

/** A key for the whole file of tests. */
export async function fileKey(t: Test, how: { expired?: boolean } = {}): Promise<SigningKey> {
  const key = await makeKey(how);
  t.teardown(key.dispose);
  return key;
}

/** A bench with a signed archive, and the source that names its one kernel. */
export async function makeSignedBench(
  t: Test,
  key: SigningKey,
  recipe: ArchiveRecipe,
  how: 'inline' | 'detached' = 'inline',
): Promise<Bench & { source: ArchiveSource }> {
  const bench = await makeBench(t);
  await makeArchive(bench.folder, recipe);
  await key.sign(bench.folder, recipe.suite, how);
  return { ...bench, source: sourceOf(bench.server.url, recipe.suite, key) };
}

/** The same on a copy of a prepared archive, unsigned: making packages takes longer than all the rest. */
export async function copyBench(t: Test, prepared: string): Promise<Bench> {
  const bench = await makeBench(t);
  await cp(prepared, bench.folder, { recursive: true });
  return bench;
}

/** Folder with an archive of the suite squeeze and one kernel package, unsigned. */
export async function prepareArchive(t: Test, over: Partial<ArchiveRecipe> = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kmatrix-archive-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const release = '2.6.32-5-amd64';
  // incompressible, so that the package is long enough to be cut
  const files = { ...kernelFiles(release), [`lib/modules/${release}/kernel/big.ko`]: randomBytes(400_000) };
  const packages = [{ name: `linux-image-${release}`, version: '2.6.32-48', files }];
  await makeArchive(folder, { suite: 'squeeze', packages, ...over });
  return folder;
}

/** Where the package lies in it. */
export const debPath = 'pool/main/l/linux/linux-image-2.6.32-5-amd64_2.6.32-48_amd64.deb';

export const sourceOf = (baseUrl: string, suite: string, key: SigningKey): ArchiveSource => ({
  kind: 'archive',
  baseUrl,
  suite,
  component: 'main',
  package: 'linux-image-*-amd64',
  keyrings: [key.keyring],
  acceptExpired: false,
});

export const rowOf = (source: KernelRow['source']): KernelRow => ({
  id: 'row',
  line: '2.6.32',
  flavour: 'test',
  source,
  bootArguments: [],
  verified: false,
});
