import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import t, { type Test } from 'tap';
import { bootstrap } from '../../../harness/disks/userlands/bootstrap.js';

/** A mmdebstrap of the test's own comes first on PATH: `script` is what it does, in a shell. */
async function withOwn(t: Test, script: string) {
  const folder = t.testdir({ bin: {} });
  const program = join(folder, 'bin/mmdebstrap');
  await writeFile(program, `#!/bin/sh\n${script}\n`);
  await chmod(program, 0o755);
  const { PATH = '' } = process.env;
  process.env.PATH = `${join(folder, 'bin')}${delimiter}${PATH}`;
  t.teardown(() => {
    process.env.PATH = PATH;
  });
  const steps: string[] = [];
  const make = (signal = new AbortController().signal) =>
    bootstrap(join(folder, 'root.tar'), {
      suite: 'bookworm',
      sources: '/etc/own.list',
      include: ['less'],
      leaveOut: ['usr/share/doc'],
      epoch: 7,
      signal,
      onStep: (step) => void steps.push(step),
    });
  return { folder, make, steps };
}

t.test('mmdebstrap is told suite, packages and folders, and its steps are passed on', async (t) => {
  const { folder, make, steps } = await withOwn(
    t,
    `for word; do last2=$last1 last1=$last last=$word; done
echo "I: extracting archives..." >&2
printf '%s\\n' "$SOURCE_DATE_EPOCH" "$@" > "$last1"`,
  );
  await make();
  const said = (await readFile(join(folder, 'root.tar'), 'utf8')).split('\n');
  for (const word of [
    '7',
    '--include=less',
    '--dpkgopt=path-exclude=/usr/share/doc/*',
    'bookworm',
    '/etc/own.list',
  ])
    t.ok(said.includes(word), word);
  t.same(steps, ['extracting archives']);
});

t.test(
  'one that fails says why in its own words; one that is missing, and a full disk, are told apart',
  async (t) => {
    const failing = await withOwn(t, 'echo "I: x" >&2; echo "E: Unable to locate package less" >&2; exit 25');
    await t.rejects(failing.make(), {
      name: 'ImageError',
      message: /mmdebstrap made no bookworm: E: Unable to locate package less/,
      where: '/etc/own.list',
    });
    const full = await withOwn(t, 'echo "E: write: No space left on device" >&2; exit 28');
    await t.rejects(full.make(), { name: 'HostError', message: /no space left for a userland of bookworm/ });
    const { folder, make } = await withOwn(t, '');
    // setpriv alone
    await mkdir(join(folder, 'alone'));
    await writeFile(join(folder, 'alone/setpriv'), '#!/bin/sh\nexit 127\n', { mode: 0o755 });
    process.env.PATH = join(folder, 'alone');
    await t.rejects(make(), { name: 'ImageError', message: /mmdebstrap is not installed/ });
  },
);

t.test('an abort ends it and all that it started, and is waited for until its tree is gone', async (t) => {
  const { folder, make } = await withOwn(
    t,
    `trap 'wait; rmdir "$(dirname "$0")/../tree"; exit 143' TERM
sleep 600 &
mkdir "$(dirname "$0")/../tree"
wait`,
  );
  const controller = new AbortController();
  const making = make(controller.signal);
  const begun = async (): Promise<void> => {
    while (!(await readdir(folder)).includes('tree')) await new Promise((resolve) => setImmediate(resolve));
  };
  await begun();
  controller.abort(new Error('enough'));
  await t.rejects(making, { message: 'enough' });
  t.notOk((await readdir(folder)).includes('tree'));
});
