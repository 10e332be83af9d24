import { chmod, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { execa } from 'execa';
import t, { type Test } from 'tap';
import { projectRoot } from '../../harness/host/project.js';
import { until } from '../cli/kmatrix.js';

/** What kmatrix is to setup.mjs: doctor ends well; a run tells its pid, and what it is told, in a file. */
const standIn = `
  import { appendFileSync } from 'node:fs';
  if (process.argv[2] === 'run') {
    for (const signal of ['SIGTERM', 'SIGHUP'])
      process.on(signal, () => {
        appendFileSync('told', signal + ' ');
        process.exit(130);
      });
    setInterval(() => {}, 1000);
    appendFileSync('pid', String(process.pid) + '\\n');
  }
`;

/** A checkout with packages as new as their lock file, or with none, and an npm that says what it is asked for. */
async function checkout(t: Test, { packages }: { readonly packages: boolean }) {
  const root = t.testdir({
    bin: {},
    tools: {},
    'package.json': '{"type": "module"}',
    'package-lock.json': '',
  });
  await mkdir(join(root, 'dist/harness/cli'), { recursive: true });
  await writeFile(join(root, 'dist/harness/cli/main.js'), standIn);
  await copyFile(join(projectRoot, 'tools/setup.mjs'), join(root, 'tools/setup.mjs'));
  const npm = join(root, 'bin/npm');
  await writeFile(npm, '#!/bin/sh\necho "npm $1" >&2\n');
  await chmod(npm, 0o755);
  if (packages) {
    await mkdir(join(root, 'node_modules'));
    await writeFile(join(root, 'node_modules/.package-lock.json'), '');
  }
  const env = { PATH: `${join(root, 'bin')}${delimiter}${process.env.PATH}` };
  const setup = execa(process.execPath, ['tools/setup.mjs', 'nightly'], { cwd: root, env, reject: false });
  const pid = async (): Promise<number | undefined> =>
    Number(/^(\d+)\n/.exec(await readFile(join(root, 'pid'), 'utf8').catch(() => ''))?.[1]) || undefined;
  return { root, setup, pid };
}

const isThere = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
  t.test(`${signal} to npm run nightly ends what it started, which is told so`, async (t) => {
    const { root, setup, pid } = await checkout(t, { packages: true });
    const started = await until(pid);
    t.teardown(() => isThere(started) && process.kill(started, 'SIGKILL'));
    setup.kill(signal);
    // not of its streams, which what it started has as well
    const exitCode = await new Promise((resolve) => setup.once('exit', resolve));
    t.equal(exitCode, 128 + constants.signals[signal]);
    t.notOk(isThere(started), 'it did not go on in the background');
    t.equal(await readFile(join(root, 'told'), 'utf8').catch(() => ''), `${signal} `);
  });
}

t.test('what is done before there is kmatrix is said, with the time that it takes', async (t) => {
  for (const [packages, wanted] of [
    [true, /kmatrix: building kmatrix \(usually .*seconds\)\nnpm run\n/],
    [false, /kmatrix: installing npm packages .*\(npm ci; usually .*minutes\)\nnpm ci\n/],
  ] as const) {
    const { setup, pid } = await checkout(t, { packages });
    await until(pid);
    setup.kill('SIGTERM');
    const { stderr, stdout } = await setup;
    t.match(stderr, wanted);
    t.equal(stdout, '');
  }
});
