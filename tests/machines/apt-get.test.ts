import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import type { StoredAttempt } from '../../harness/results/attempt-schema.js';
import { readAttempts } from '../../harness/results/read-run.js';
import { readSummary } from '../../harness/summary/read-summary.js';
import { kmatrix } from '../cli/kmatrix.js';
import { userlandMatrix } from './userland-matrix.js';

t.test(
  'apt-get installs, upgrades and removes real packages in containers, and a killed dpkg is found',
  async (t) => {
    const folder = t.testdir({ runs: {} });
    // half as many containers
    const workloads = { 'apt-get': { iterations: 2 }, 'apt-get-control': {} };
    const expected = { 'apt-get-control': { outcomes: ['operation-killed'] } };
    const file = await userlandMatrix(folder, workloads, expected);
    const out = join(folder, 'runs');
    const words = [
      'run',
      '--matrix',
      file,
      '--out',
      out,
      '--accelerator',
      'tcg',
      '--kernel',
      'debian-6.1-cloud',
    ];
    const storages = ['--storage', 'plain', '--storage', 'overlay'];
    const { exitCode, stderr } = await kmatrix([...words, '--workload', 'apt-get*', ...storages]);
    t.equal(exitCode, 0, stderr);
    const run = join(out, ...(await readdir(out)));
    const attempts = new Map<string, StoredAttempt>();
    for await (const attempt of readAttempts(run)) attempts.set(attempt.key.cell, attempt);
    const id = (workload: string, storage = '') => `debian-6.1-cloud/${workload}/${storage}userland=bookworm`;
    for (const storage of ['', 'storage=overlay/']) {
      const attempt = attempts.get(id('apt-get', storage));
      t.match(attempt, { outcome: 'stable', iterations: 2, disks: [/^[0-9a-f]{64}$/] });
      const facts = attempt?.facts.filter(({ name }) => /^container-\d$/.test(name)) ?? [];
      t.same(
        facts.map(({ value }) => value),
        ['clean', 'clean'],
        `${storage}each container`,
      );
      for (const { evidence } of facts) t.match(evidence, /update .* install .* upgrade .* purge \d/);
      const killed = attempts.get(id('apt-get-control', storage));
      t.match(killed, { outcome: 'operation-killed', iterations: 0 });
      t.match(
        killed?.reason,
        /killed by signal 9: container 0, install, .*dpkg was killed, by a signal that apt-get doesn't name/,
      );
      t.match(killed?.evidence, /^apt\[0\]: .*Unpacking /m, 'its log');
      t.match(killed?.evidence, /^dpkg\[0\]: /m, 'what is left half done');
    }
    const { userlands } = await readSummary(run);
    t.match(userlands, [
      {
        row: 'bookworm',
        provenance: /packages of bookworm \(apt\)/,
        list: /^[0-9a-f]{64}$/,
        contents: Array,
      },
    ]);
  },
);
