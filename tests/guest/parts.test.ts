import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { projectRoot } from '../../harness/host/project.js';

/** A program of the guest's library, run on this host: its facts are lines on stdout. */
async function compile(folder: string, main: string): Promise<string> {
  const library = join(projectRoot, 'images/guest/lib');
  const [source, program] = [join(folder, 'main.c'), join(folder, 'main')];
  await writeFile(source, main);
  const files = ['km', 'km_file', 'km_loop', 'km_mapper', 'km_module', 'km_probe_storage'];
  const sources = files.map((name) => join(library, `${name}.c`));
  await execa('gcc', ['-std=c99', '-D_GNU_SOURCE', `-I${library}`, '-o', program, source, ...sources]);
  return program;
}

t.test('a part is built in, a module, absent, or not probed: its probe or its module failed', async (t) => {
  const main = `
    #include "km.h"
    #include "km_module.h"
    #include <errno.h>
    int main(int argc, char **argv) {
      const struct km_module none = {0, ""}, loaded = {"xfs", ""}, failed = {0, "module xfs doesn't load; why"};
      km_args(argc, argv);
      km_part("a", 1, &none, "e%d", 1);
      km_part("b", 1, &loaded, "e");
      km_part("c", 1, &failed, "e");
      km_part("d", 0, &none, "e");
      km_part("e", 0, &loaded, "e");
      km_part("f", 0, &failed, "e%d", 2);
      km_part("g", -1, &loaded, "e");
      km_fact("h", -1, "e");
      km_fact("i", km_answer(0), "e");
      km_fact("j", km_answer(ENODEV), "e");
      km_fact("k", km_answer(ENOMEM), "e");
      return 0;
    }`;
  const { stdout } = await execa(await compile(t.testdir(), main));
  t.same(
    stdout.split('\n').map((line) => line.split('\t').slice(1)),
    [
      ['a', 'part', 'built-in', 'e1'],
      ['b', 'module', 'xfs', 'e'],
      ['c', 'part', 'built-in', 'e'],
      ['d', 'part', 'absent', 'e'],
      ['e', 'part', 'absent', 'e'],
      ['f', 'part', 'not-probed', "module xfs doesn't load; why; e2"],
      ['g', 'part', 'not-probed', 'e'],
      ['h', 'part', 'not-probed', 'e'],
      ['i', 'part', 'built-in', 'e'],
      ['j', 'part', 'absent', 'e'],
      ['k', 'part', 'not-probed', 'e'],
    ],
  );
});

/** A /run of its own, in which nobody may mount any more. */
const inside = ['--user', '--map-root-user', '--mount', 'sh', '-c'];
const unmounting = 'mount -t tmpfs run /run && exec setpriv --bounding-set=-sys_admin "$0"';
const able = (await execa('unshare', [...inside, unmounting, 'true'], { reject: false })).exitCode === 0;

t.test(
  'a probe that can’t prepare what it needs says so, not that the kernel lacks the part',
  { skip: !able && 'lacks permission to mount in a user namespace (unshare)' },
  async (t) => {
    const main = `
    #include "km.h"
    #include "km_probes.h"
    int main(int argc, char **argv) {
      km_args(argc, argv);
      km_probe_loop();
      return 0;
    }`;
    const program = await compile(t.testdir(), main);
    const { stdout } = await execa('unshare', [...inside, unmounting, program]);
    t.equal(stdout, 'fact\tstorage.loop\tpart\tnot-probed\tmount of ramfs: Operation not permitted');
  },
);
