import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { readAttempts } from '../../harness/results/read-run.js';
import { kmatrix } from '../cli/kmatrix.js';
import { userlandMatrix } from './userland-matrix.js';

t.test('layers are snapshots of btrfs and of thin devices, made by the userland’s tools', async (t) => {
  const folder = t.testdir({ runs: {} });
  const out = join(folder, 'runs');
  const file = await userlandMatrix(folder, { layers: {}, 'layers-8': {} }, {});
  const { exitCode, stderr } = await kmatrix([
    ...['run', '--matrix', file, '--out', out, '--accelerator', 'tcg'],
    ...['--workload', 'layers*', '--storage', 'btrfs', '--storage', 'devicemapper'],
  ]);
  t.equal(exitCode, 0, stderr);
  const ends = new Map<string, string>();
  for await (const { key, outcome, iterations } of readAttempts(join(out, ...(await readdir(out)))))
    if (key.cell.includes('userland=')) ends.set(key.cell, `${outcome} ${iterations}`);
  t.same([...ends].sort(), [
    ['debian-6.1-cloud/layers-8/storage=btrfs/userland=bookworm', 'stable 1'],
    ['debian-6.1-cloud/layers-8/storage=devicemapper/userland=bookworm', 'stable 1'],
    ['debian-6.1-cloud/layers/storage=btrfs/userland=bookworm', 'stable 2'],
    ['debian-6.1-cloud/layers/storage=devicemapper/userland=bookworm', 'stable 2'],
  ]);
});
