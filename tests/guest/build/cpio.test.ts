import { execa } from 'execa';
import t from 'tap';
import { writeCpio } from '../../../harness/guest/build/cpio.js';

const entries = [
  { type: 'folder', path: 'dev' },
  { type: 'device', path: 'dev/console', major: 5, minor: 1 },
  { type: 'file', path: 'init', bytes: Buffer.from('#!'), executable: true },
  { type: 'file', path: 'odd', bytes: Buffer.from('12345'), executable: false },
] as const;

t.test('cpio(1) reads back names, modes, sizes and device numbers', async (t) => {
  const { stdout } = await execa('cpio', ['-itv', '--quiet', '--numeric-uid-gid'], {
    input: writeCpio(entries),
    env: { TZ: 'UTC' },
  });
  const seen = stdout.split('\n').map((line) => line.replace(/ +/g, ' ').replace(/ Jan +1 +1970/, ''));
  t.same(seen, [
    'drwxr-xr-x 1 0 0 0 dev',
    'crw------- 1 0 0 5, 1 dev/console',
    '-rwxr-xr-x 1 0 0 2 init',
    '-rw-r--r-- 1 0 0 5 odd',
  ]);
});

t.test('equal entries give equal bytes', async (t) => {
  t.ok(writeCpio(entries).equals(writeCpio(entries)));
});

t.test('a path that is absolute, climbs or comes twice is a bug of ours', async (t) => {
  for (const path of ['/etc', 'a/../b']) {
    t.throws(() => writeCpio([{ type: 'folder', path }]), { name: 'HarnessBug' });
  }
  t.throws(() => writeCpio([...entries, ...entries]), { name: 'HarnessBug' });
});
