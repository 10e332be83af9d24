import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { execa } from 'execa';
import t from 'tap';
import { withStaging } from '../../harness/cache/staging.js';
import { importedName } from '../../harness/kernels/binding.js';
import { publishKernel } from '../../harness/kernels/kernel-entries.js';
import { configText, header, whole } from '../kernels/config/configs.js';

const main = fileURLToPath(new URL('../../harness/cli/main.js', import.meta.url));
const cache = t.testdir();
process.env.KMATRIX_CACHE = cache;

const kmatrix = (words: readonly string[], input = '') =>
  execa(process.execPath, [main, 'check-config', ...words], { input, reject: false });

const good = configText(header('3.8.13'), whole['3.8']);
const poor = configText(
  header('3.2.71'),
  whole['3.2'].replace('VETH=m', '').replace('CGROUP_MEM_RES_CTLR=y', ''),
);

t.test('a file: groups with their states, exit 0 where all that is necessary is there', async (t) => {
  const folder = t.testdir({ good, 'good.gz': gzipSync(good) });
  const { stdout, stderr, exitCode } = await kmatrix([join(folder, 'good')]);
  t.equal(exitCode, 0, stderr);
  t.equal(stderr, '');
  t.match(stdout, /judged as Linux 3\.8\.13/);
  t.match(stdout, /^generally necessary: all there$/m);
  t.match(stdout, /^ {2}enabled +MEMCG$/m);
  t.match(stdout, /^ {2}module +VETH$/m);
  t.match(stdout, /^ {2}not applicable CGROUP_PIDS: came in 4\.3$/m);
  t.match(stdout, /^ {4}missing +OVERLAY|^ {4}not applicable OVERLAY_FS: came in 3\.18$/m);
  t.notMatch(stdout, '\u001b', 'no colour into a pipe');
  const zipped = await kmatrix([join(folder, 'good.gz')]);
  t.equal(zipped.exitCode, 0, zipped.stderr);
});

t.test('something necessary missing: exit 1, under the old name with its use', async (t) => {
  const { stdout, exitCode } = await kmatrix(['-'], poor);
  t.equal(exitCode, 1);
  t.match(stdout, /^generally necessary: 2 missing$/m);
  t.match(stdout, /^ {2}missing +CGROUP_MEM_RES_CTLR \(MEMCG\): memory limits \(docker run -m\)$/m);
});

t.test('--json is one document and nothing else', async (t) => {
  const { stdout, stderr, exitCode } = await kmatrix(['-', '--json'], poor);
  t.equal(exitCode, 1);
  t.equal(stderr, '');
  const document = JSON.parse(stdout);
  t.match(document, {
    kernel: '-',
    version: '3.2.71',
    summary: 'lacks MEMCG, VETH',
    necessary: { ok: false, missing: ['MEMCG', 'VETH'] },
  });
  t.same(Object.keys(document), [
    'kernel',
    'version',
    'summary',
    'necessary',
    'optional',
    'storage',
    'network',
  ]);
});

t.test('the version is taken from --release where the file has none, and wins where it has', async (t) => {
  const none = await kmatrix(['-'], 'CONFIG_SMP=y\n');
  t.equal(none.exitCode, 2);
  t.match(none.stderr, /--release/);
  const given = await kmatrix(['-', '--release', '2.6.32', '--json'], 'CONFIG_SMP=y\n');
  t.equal(JSON.parse(given.stdout).version, '2.6.32');
  const wrong = await kmatrix(['-', '--release', 'new'], good);
  t.equal(wrong.exitCode, 2);
});

t.test('a kernel in the cache: by its name, by its release; a near miss is told the nearest', async (t) => {
  const kernel = await withStaging(async (folder) => {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'bzImage'), 'no kernel, but nothing here runs it');
    await writeFile(join(folder, 'config'), good.replace(header('3.8.13'), '# a configuration'));
    return publishKernel(importedName('my-own-3.8'), {
      folder,
      release: '3.8.13-mine',
      provenance: 'a test',
      seconds: 0,
    });
  });
  for (const name of ['my-own-3.8', '3.8.13-mine', kernel.id]) {
    const { stdout, stderr, exitCode } = await kmatrix([name]);
    t.equal(exitCode, 0, stderr);
    t.match(stdout, /judged as Linux 3\.8\.13-mine/, 'by the release of the cache’s entry');
  }
  const near = await kmatrix(['my-own-3.9']);
  t.equal(near.exitCode, 2);
  t.match(near.stderr, /did you mean my-own-3\.8\?/);
  const row = await kmatrix(['vanilla-3.2']);
  t.equal(row.exitCode, 2);
  t.match(row.stderr, /the cache has no image of vanilla-3\.2/);
});

t.test('what can’t be read is one error: exit 2, what, where, and no stack', async (t) => {
  const folder = t.testdir({ garbage: Buffer.from([0, 1, 2, 3]), 'cut.gz': gzipSync(good).subarray(0, 60) });
  for (const words of [
    ['/nonexistent/.config'],
    [folder],
    [join(folder, 'garbage')],
    [join(folder, 'cut.gz')],
    ['qqqqqqqqqqqqqqqqqq'],
    [],
    ['-', '--nonsense'],
  ]) {
    const { stdout, stderr, exitCode } = await kmatrix(words);
    t.equal(exitCode, 2, words.join(' '));
    t.equal(stdout, '');
    t.notMatch(stderr, /^\s+at .*\.js:/m);
    t.not(stderr, '');
  }
});

t.test('its help has examples', async (t) => {
  const { stdout, exitCode } = await kmatrix(['--help']);
  t.equal(exitCode, 0);
  t.match(stdout, /Examples:\n {2}kmatrix check-config/);
});
