import t from 'tap';
import { kmatrix } from './kmatrix.js';

t.test('kmatrix matrix lists what there is to run', async (t) => {
  const all = await kmatrix(['matrix']);
  t.equal(all.exitCode, 0, all.stderr);
  for (const heading of ['profiles:', 'kernels:', 'workloads:', 'storage:', 'kernelArguments:'])
    t.match(all.stdout, heading);
  t.match(all.stdout, /^vanilla-3\.2 +3\.2 +vanilla +tree +yes +(yes|no)$/m);
  for (const part of ['kernelArguments', 'kernel-arguments', 'boot']) {
    const one = await kmatrix(['matrix', part]);
    t.match(one.stdout, /^poisoned +no +slub_debug=FZP$/m, part);
    t.notMatch(one.stdout, 'kernels:');
  }
});

t.test('as JSON, with the attempts of each profile', async (t) => {
  const { stdout } = await kmatrix(['matrix', 'profiles', '--json']);
  const { profiles } = JSON.parse(stdout);
  const [smoke] = profiles.filter(({ id }: { id: string }) => id === 'smoke');
  t.ok(smoke.cells > 10 && smoke.attempts >= smoke.cells);
  t.equal((await kmatrix(['matrix', 'nope'])).exitCode, 2);
  t.match(
    (await kmatrix(['matrix', 'kernelArgumnets'])).stderr,
    /Did you mean kernelArguments\? Allowed choices/,
  );
  t.match((await kmatrix(['matrix', 'workload'])).stdout, /^lifecycle +lifecycle/m);
  const bad = await kmatrix(['matrix', '--matrix', '/none.yml']);
  t.equal(bad.exitCode, 2);
  t.match(bad.stderr, '/none.yml');
});
