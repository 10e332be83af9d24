import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import t, { type Test } from 'tap';
import { projectRoot } from '../../harness/host/project.js';

/** A program of these files of the guest's library, run on this host. */
async function guestProgram(t: Test, files: readonly string[], main: string) {
  const library = join(projectRoot, 'images/guest/lib');
  const folder = t.testdir({ 'main.c': main });
  const program = join(folder, 'main');
  const sources = files.map((name) => join(library, `${name}.c`));
  await execa('gcc', [
    ...['-std=c99', '-D_GNU_SOURCE', `-I${library}`],
    ...['-o', program, join(folder, 'main.c'), ...sources],
  ]);
  return { folder, program };
}

t.test('a process in a mount that fails ends the workload at once, with its own words', async (t) => {
  const main = `
    #include "km.h"
    #include "km_users.h"
    int main(int argc, char **argv) {
      km_args(argc, argv);
      km_users_start(km_text("root", ""), "given", km_text("given", ""));
      km_users_check();
      km_users_stop();
      return 0;
    }`;
  const { folder, program } = await guestProgram(t, ['km', 'km_file', 'km_process', 'km_users'], main);
  const root = join(folder, 'root');
  await mkdir(root);
  await writeFile(join(root, 'given'), 'text');
  const words = [`root=${root}`, 'seed=1'];
  const well = await execa(program, [...words, 'given=text'], { reject: false });
  t.match(well, { exitCode: 0, stdout: '' });
  // 60 s is how long one that stands still is waited for
  const wrong = await execa(program, [...words, 'given=other'], { reject: false, timeout: 50_000 });
  t.match(wrong, { exitCode: 1, timedOut: false });
  t.match(wrong.stdout, /^reason\ta process in the mount read something else than given has$/m);
});

t.test(
  'a union that a kernel refuses is unsupported; one that it had mounted before has failed',
  async (t) => {
    // this host's kernel isn't asked: the first calls do as they are told
    const main = `
    #include "km.h"
    #include "km_layers.h"
    #include <errno.h>
    #include <sys/mount.h>
    static long mounts;
    int mount(const char *source, const char *target, const char *type, unsigned long flags, const void *data) {
      (void)source, (void)target, (void)type, (void)flags, (void)data;
      errno = EINVAL;
      return mounts++ < km_number("works", 0, 0, 9) ? 0 : -1;
    }
    int main(int argc, char **argv) {
      km_args(argc, argv);
      for (int layer = 2; layer < 4; layer++)
        km_layers_overlay.mount(&km_layers_overlay, "/l", layer, "/root");
      km_layers_overlay.mount(&km_layers_overlay, "/l", 2, "/root");
      return 0;
    }`;
    const { program } = await guestProgram(t, ['km', 'km_file', 'km_kernel_log', 'km_layers_union'], main);
    const run = async (works: number) => {
      const { exitCode, stdout } = await execa(program, [`works=${works}`], { reject: false });
      return [exitCode, stdout.replace(/; .*/, '')];
    };
    t.same(await run(0), [77, 'reason\toverlay: mount with 1 lower layer: Invalid argument']);
    t.same(await run(1), [77, 'reason\toverlay: mount with 2 lower layers: Invalid argument']);
    t.same(await run(2), [
      1,
      'reason\toverlay: mount with 1 lower layer, which worked before: Invalid argument',
    ]);
    t.same(await run(3), [0, '']);
  },
);
