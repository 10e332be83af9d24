import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { newestFirst } from '../../../harness/kernels/fetch/newest-first.js';
import { obtainKernel } from '../../../harness/kernels/sources/obtain-kernel.js';
import { rowOf } from './archive-context.js';
import { kernelFiles } from './archive-fixture.js';
import { makeLocalApt } from './local-apt.js';

const packageOf = (release: string, version: string) => ({
  name: `linux-image-${release}`,
  version,
  files: kernelFiles(release),
});
t.setTimeout(300_000);
const old = packageOf('6.1.0-9-amd64', '6.1.9-1');
const newer = packageOf('6.1.0-10-amd64', '6.1.10-1');

t.test('the newest package of a suite is fetched, verified, unpacked and bound to its row', async (t) => {
  const { publish, source, options, steps } = await makeLocalApt(t);
  await publish([old, newer]);
  const kernel = await obtainKernel(rowOf(source), options);
  t.equal(kernel.release, '6.1.0-10-amd64');
  t.match(
    kernel.provenance,
    /^linux-image-6\.1\.0-10-amd64 6\.1\.10-1 from \S+ \(apt\), SHA-256 [0-9a-f]{64}$/,
  );
  t.ok(steps().some((step) => step.startsWith('fetch linux-image-6.1.0-10-amd64')));
});

t.test('a second time needs no network, and no apt at all', async (t) => {
  const { publish, source, options, server, events } = await makeLocalApt(t);
  await publish([old]);
  const first = await obtainKernel(rowOf(source), options);
  server.requests.length = 0;
  events.length = 0;
  t.equal((await obtainKernel(rowOf(source), options)).id, first.id);
  t.same(server.requests, []);
  t.match(events, [{ type: 'image-ready', cached: true }]);
});

t.test('refresh asks the suite again, and finds what is new', async (t) => {
  const { publish, source, options } = await makeLocalApt(t);
  await publish([old]);
  const row = rowOf(source);
  t.equal((await obtainKernel(row, options)).release, '6.1.0-9-amd64');
  await publish([old, newer]);
  t.equal((await obtainKernel(row, options)).release, '6.1.0-9-amd64', 'not asked');
  t.equal((await obtainKernel(row, { ...options, refresh: true })).release, '6.1.0-10-amd64');
});

t.test('where the mirror is gone a refresh falls back to the cache, and says so', async (t) => {
  const { publish, source, options, server, steps } = await makeLocalApt(t);
  await publish([old]);
  const first = await obtainKernel(rowOf(source), options);
  await server.close();
  const cache = process.env.KMATRIX_CACHE ?? '';
  // neither lists nor packages are left: all must come from the mirror
  await rm(join(cache, 'apt'), { recursive: true });
  await rm(join(cache, 'downloads'), { recursive: true });
  const again = await obtainKernel(rowOf(source), { ...options, refresh: true });
  t.equal(again.id, first.id);
  t.ok(steps().some((step) => /^not refreshed, the cached 6\.1\.0-9-amd64 is used: /.test(step)));
});

t.test('an offline run has what the cache has, and says what it lacks', async (t) => {
  const { publish, source, options, server } = await makeLocalApt(t);
  await publish([old]);
  const offline = { ...options, offline: true };
  await t.rejects(obtainKernel(rowOf(source), offline), {
    name: 'ImageError',
    where: /offline/,
    remedy: 'run once with a network connection',
  });
  t.same(server.requests, []);
  const { id } = await obtainKernel(rowOf(source), options);
  // the entry is gone, lists and package are not
  await rm(join(process.env.KMATRIX_CACHE ?? '', 'kernels'), { recursive: true });
  server.requests.length = 0;
  t.equal((await obtainKernel(rowOf(source), offline)).id, id);
  t.same(server.requests, []);
});

t.test(
  'an expired index is used, said aloud, and marked in what the kernel is said to come from',
  async (t) => {
    const { publish, source, options, events } = await makeLocalApt(t);
    const day = 24 * 3600 * 1000;
    const until = (days: number) => ({ 'Valid-Until': new Date(Date.now() + days * day).toUTCString() });
    await publish([old], until(-3));
    const { provenance } = await obtainKernel(rowOf(source), options);
    const date = new Date(Date.now() - 3 * day).toISOString().slice(0, 10);
    const said = `${source.suite}'s index expired on ${date}`;
    t.ok(provenance.endsWith(`; ${said}`), provenance);
    const warnings = () => events.flatMap((event) => (event.type === 'image-warning' ? event.warning : []));
    t.same(warnings(), [`used anyway: ${said}`]);
    events.length = 0;
    await publish([old, newer], until(3));
    const fresh = await obtainKernel(rowOf(source), { ...options, refresh: true });
    t.match(fresh.provenance, /SHA-256 [0-9a-f]{64}$/);
    t.same(warnings(), [], 'one in date is nothing to speak of');
  },
);

t.test('of packages of one version the plainest is taken, whatever source finds them', async (t) => {
  const { publish, source, options } = await makeLocalApt(t);
  const names = ['6.1.0-9-cloud-amd64', '6.1.0-9-zz-amd64', '6.1.0-9-rt-amd64'];
  await publish(names.map((name) => packageOf(name, '6.1.9-1')));
  t.equal((await obtainKernel(rowOf(source), options)).release, '6.1.0-9-rt-amd64');
  const packages = names.map((name) => ({ name, version: '1' }));
  t.equal(packages.toSorted(newestFirst)[0]?.name, '6.1.0-9-rt-amd64');
});

t.test('a suite, a package, a distribution that is not there, each is an error of its own', async (t) => {
  const { publish, source, options } = await makeLocalApt(t);
  await publish([old]);
  const reject = (over: Partial<typeof source>, expected: object) =>
    t.rejects(obtainKernel(rowOf({ ...source, ...over }), options), { name: 'ImageError', ...expected });
  await reject({ suite: 'nosuch' }, { message: /in nosuch/, where: /404|does not have a Release file/ });
  await reject(
    { package: 'linux-image-9.*' },
    { message: /no package linux-image-9\.\*/, where: /were read without errors/ },
  );
  const other = source.distribution === 'debian' ? 'ubuntu' : 'debian';
  await reject({ distribution: other }, { message: /this host's apt has no \w+ mirror/ });
});

t.test('a package without a kernel in it is refused by name', async (t) => {
  const { publish, source, options } = await makeLocalApt(t);
  await publish([{ name: 'linux-image-6.1-dbg-amd64', version: '1', files: { 'usr/share/doc/x': 'x' } }]);
  await t.rejects(obtainKernel(rowOf(source), options), {
    name: 'ImageError',
    message: /linux-image-6\.1-dbg-amd64 1 has no kernel in it/,
  });
});

t.test('two processes that want the same row wait for each other: one fetches', async (t) => {
  const { publish, source, server } = await makeLocalApt(t);
  await publish([old]);
  const program = `
    import { obtainKernel } from '${import.meta.resolve('../../../harness/kernels/sources/obtain-kernel.js')}';
    const events = [];
    const options = { onEvent: (event) => events.push(event), offline: false, signal: new AbortController().signal };
    const { id } = await obtainKernel(${JSON.stringify(rowOf(source))}, options);
    console.log(JSON.stringify({ id, cached: events.at(-1).cached }));
  `;
  const run = async () =>
    JSON.parse((await execa('node', ['--input-type=module', '-e', program])).stdout) as {
      id: string;
      cached: boolean;
    };
  const [a, b] = await Promise.all([run(), run()]);
  t.equal(a.id, b.id);
  t.same([a.cached, b.cached].sort(), [false, true]);
  t.equal(server.requests.filter(({ path }) => path.endsWith('.deb')).length, 1);
});
