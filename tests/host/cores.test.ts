import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { dirname, join } from 'node:path';
import t from 'tap';
import {
  type CoreFiles,
  coresHere,
  hasWholeHost,
  idleCores,
  processorTime,
} from '../../harness/host/cores.js';

/** A host's files below `folder`; names of cgroup files are from /sys/fs/cgroup on. */
function files(folder: string, text: Readonly<Record<string, string>>): CoreFiles {
  const paths = {
    stat: join(folder, 'stat'),
    ownCgroups: join(folder, 'own'),
    cgroups: join(folder, 'cgroups'),
  };
  for (const [name, content] of Object.entries(text)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return paths;
}

const stat = (...fields: number[]): string => `cpu  ${fields.join(' ')}\ncpu0 1 2 3\ncpu1 1 2 3\nctxt 5\n`;

t.test('idle cores are those of the time since the last look', async (t) => {
  const paths = files(t.testdir(), { stat: stat(100, 0, 100, 800, 0, 0, 0, 0, 7, 7) });
  const idle = idleCores(paths);
  // of 200 ticks of two cores 100 idled, 20 of them for a disk
  writeFileSync(paths.stat, stat(150, 10, 120, 880, 20, 5, 5, 10, 7, 7));
  t.equal(idle(), 1);
  writeFileSync(paths.stat, stat(350, 10, 120, 880, 20, 5, 5, 10, 7, 7));
  t.equal(idle(), 0, 'busy all the time');
  t.equal(idle(), 0, 'no time has passed');
  writeFileSync(paths.stat, stat(400, 10, 120, 880, 10, 5, 5, 10, 7, 7));
  t.equal(idle(), 0, 'time for disks may go backwards');
  writeFileSync(paths.stat, 'nonsense');
  t.equal(idle(), 0);
});

t.test('this host’s own file is understood', async (t) => {
  const { idle, total, cores } = processorTime('/proc/stat');
  t.equal(cores, cpus().length);
  t.ok(idle > 0 && total > idle, `${idle} of ${total} ticks`);
});

t.test('a quota bounds the cores, of either version of cgroups and of any cgroup above', async (t) => {
  const all = availableParallelism();
  const cores = (text: Readonly<Record<string, string>>): number => coresHere(files(t.testdir(), text));
  t.equal(cores({ own: '0::/\n', 'cgroups/cpu.max': '100000 100000\n' }), 1, 'a container');
  t.equal(cores({ own: '0::/\n', 'cgroups/cpu.max': '50000 100000\n' }), 1, 'never none');
  t.equal(
    cores({ own: '0::/a/b\n', 'cgroups/a/cpu.max': '100000 100000\n', 'cgroups/a/b/cpu.max': 'max 100000' }),
    1,
  );
  t.equal(
    cores({ own: '0::/gone\n', 'cgroups/cpu.max': '100000 100000\n' }),
    1,
    'a path of another name space',
  );
  const version1 = {
    'cgroups/cpu/job/cpu.cfs_quota_us': '100000\n',
    'cgroups/cpu/job/cpu.cfs_period_us': '100000\n',
  };
  t.equal(cores({ own: '4:cpu,cpuacct:/job\n0::/\n', ...version1 }), 1);
  t.equal(cores({ own: '4:memory:/job\n0::/\n', ...version1 }), all, 'another controller’s');
  t.equal(cores({ own: '0::/\n', 'cgroups/cpu.max': 'max 100000\n' }), all);
  t.equal(cores({ own: '0::/\n', 'cgroups/cpu.max': '99900000 100000\n' }), all);
  t.equal(cores({}), all);
});

t.test('with a quota the host’s idle cores are not ours', async (t) => {
  const folder = t.testdir();
  t.equal(hasWholeHost(files(folder, { own: '0::/\n' })), availableParallelism() === cpus().length);
  t.equal(
    hasWholeHost(files(folder, { own: '0::/\n', 'cgroups/cpu.max': '100000 100000' })),
    cpus().length === 1,
  );
});
