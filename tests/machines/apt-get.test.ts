import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { parse, stringify } from 'yaml';
import { projectRoot } from '../../harness/host/project.js';
import type { StoredAttempt } from '../../harness/results/attempt-schema.js';
import { readAttempts } from '../../harness/results/read-run.js';
import { readSummary } from '../../harness/summary/read-summary.js';
import { kmatrix } from '../cli/kmatrix.js';

/** Of matrix.yml: one kernel, two drivers, one userland; half as many containers. */
async function ownMatrix(folder: string): Promise<string> {
  const whole = parse(await readFile(join(projectRoot, 'matrix.yml'), 'utf8'), { merge: true });
  const pick = (rows: Record<string, unknown>, ...ids: string[]) =>
    Object.fromEntries(ids.map((id) => [id, rows[id]]));
  const { storage, userlands } = whole;
  const only = (control: object) => ({ ...control, kernels: ['debian-6.1-cloud'] });
  const workloads = pick(whole.workloads, 'apt-get', 'apt-get-control', 'burn', 'control-lie');
  const file = join(folder, 'matrix.yml');
  const matrix = {
    version: 1,
    kernels: pick(whole.kernels, 'debian-6.1-cloud'),
    workloads: { ...workloads, 'apt-get': { ...whole.workloads['apt-get'], iterations: 2 } },
    storage: pick(storage, 'plain', 'overlay'),
    kernelArguments: pick(whole.kernelArguments, 'default'),
    userlands,
    // two quick ones, without which a run has no verdict
    controls: { quiet: only(whole.controls.quiet), lie: only(whole.controls.lie) },
    defaults: whole.defaults,
    expected: [{ workload: 'apt-get-control', outcomes: ['operation-killed'], because: 'on purpose' }],
    profiles: { smoke: { kernel: 'debian-6.1-cloud', workload: 'apt-get*', storage: 'overlay' } },
  };
  await writeFile(file, stringify(matrix));
  return file;
}

t.test(
  'apt-get installs, upgrades and removes real packages in containers, and a killed dpkg is found',
  async (t) => {
    const folder = t.testdir({ runs: {} });
    const file = await ownMatrix(folder);
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
