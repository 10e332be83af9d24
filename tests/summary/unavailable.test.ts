import t from 'tap';
import { renderMarkdown } from '../../harness/report/markdown/run.js';
import { renderTerminal } from '../../harness/report/terminal/run.js';
import { RunStore } from '../../harness/results/run-store.js';
import { alikeReasons } from '../../harness/summary/alike-reasons.js';
import { noUserland } from '../../harness/summary/missing-userlands.js';
import { summarise } from '../../harness/summary/summarise.js';
import { aCell, anAttempt, aRun, runsFolder } from '../results/stored-run.js';

const kernelOrg = (kernel: string, folder: string, version: string): string =>
  `linux-${version}.tar.xz can't be downloaded: the server can't be reached (getaddrinfo ENOTFOUND cdn.kernel.org); at ` +
  `https://cdn.kernel.org/pub/linux/kernel/${folder}/linux-${version}.tar.xz; check the network; or give a tree: ` +
  `kmatrix images build ${kernel} --tree FOLDER`;
const noPlace = (kernel: string): string =>
  `the tree of ${kernel} has no public place to fetch it from; at ${kernel}; build it: kmatrix images build ${kernel} --tree FOLDER`;

const kernels = [
  ['vanilla-2.6.32', kernelOrg('vanilla-2.6.32', 'v2.6/longterm/v2.6.32', '2.6.32.69')],
  ['vanilla-3.7', kernelOrg('vanilla-3.7', 'v3.x', '3.7.2')],
  ['spotify-2.6.32', noPlace('spotify-2.6.32')],
  ['vanilla-3.7-fixed', kernelOrg('vanilla-3.7-fixed', 'v3.x', '3.7.2')],
  ['rhel', noPlace('rhel')],
  ['mine', 'no image was imported as mine'],
] as const;

const wanted =
  "linux-*.tar.xz can't be downloaded: the server can't be reached (getaddrinfo ENOTFOUND cdn.kernel.org); at " +
  'https://cdn.kernel.org/pub/linux/kernel/*.tar.xz; check the network; or give a tree: ' +
  'kmatrix images build KERNEL --tree FOLDER';

async function aRunWithout() {
  const run = await RunStore.create(await runsFolder(), aRun(kernels.map(([id]) => aCell(id, 'lifecycle'))));
  for (const [kernel, reason] of kernels) await run.recordImage({ kernel, status: 'unavailable', reason });
  await run.close();
  return summarise(run.folder);
}

t.test('kernels that lack an image for one reason are one paragraph, the remedy in it once', async (t) => {
  const text = renderTerminal(await aRunWithout(), { color: false, folder: '', width: 1000 });
  const lines = text.split('\n').filter((line) => line.includes('unavailable') || line.startsWith('  '));
  t.same(lines, [
    `3 kernels unavailable: ${wanted}`,
    '  vanilla-2.6.32, vanilla-3.7, vanilla-3.7-fixed',
    '2 kernels unavailable: the tree of KERNEL has no public place to fetch it from; build it: kmatrix images build KERNEL --tree FOLDER',
    '  spotify-2.6.32, rhel',
    'mine: unavailable: no image was imported as mine',
  ]);
});

t.test('and one line of Markdown', async (t) => {
  const lines = renderMarkdown(await aRunWithout())
    .split('\n')
    .filter((line) => line.startsWith('- '));
  t.equal(lines.length, 3);
  t.match(
    lines[0],
    /^- 3 kernels unavailable \(vanilla-2\.6\.32, vanilla-3\.7, vanilla-3\.7-fixed\): linux-/,
  );
  t.equal(lines[2], '- mine: unavailable: no image was imported as mine');
});

t.test('what differs by more than a name stays apart: a status, a server, a hash, another word', (t) => {
  const all = (reasons: readonly string[]) =>
    alikeReasons(reasons.map((reason, at) => ({ name: `kernel-${at}`, reason })));
  t.equal(all(['HTTP 404 of a-1.deb', 'HTTP 503 of a-1.deb']).length, 2);
  t.equal(all(['no way to a.example', 'no way to b.example']).length, 2);
  t.equal(all(['at https://a.example/x', 'at https://b.example/x']).length, 2);
  t.equal(all(['wrong sha256: 12ab', 'wrong sha256: 34cd']).length, 2);
  t.same(all(['of /a/b/3.2.71, gone', 'of /a/c/3.2.71, gone']), [
    { names: ['kernel-0', 'kernel-1'], reason: 'of /a/*/3.2.71, gone' },
  ]);
  t.same(all(['linux-3.2.71.tar.xz', 'linux-3.0.101.tar.xz'])[0]?.reason, 'linux-*.tar.xz');
  t.same(all(['the tree of kernel-0', 'the tree of kernel-1'])[0]?.reason, 'the tree of KERNEL');
  t.same(all(['tree kernel-1 for kernel-0']), [
    { names: ['kernel-0'], reason: 'tree kernel-1 for kernel-0' },
  ]);
  t.same(all([]), []);
  t.end();
});

t.test('userlands that cells were to have and couldn’t are counted and told as kernels are', async (t) => {
  const ids = ['jessie', 'stretch'].map((suite) => `a/apt-get/userland=${suite}`);
  const run = await RunStore.create(await runsFolder(), aRun(ids.map((id) => aCell('a', 'apt-get', { id }))));
  for (const id of ids) {
    const suite = id.split('=')[1] ?? '';
    const reason = noUserland(
      suite,
      `InRelease of ${suite} can't be downloaded: the server can't be reached`,
    );
    await run.append(anAttempt(id, 0, 'unavailable', { reason }), '');
  }
  await run.close();
  const text = renderTerminal(await summarise(run.folder), { color: false, folder: '', width: 1000 });
  t.match(text, '2 attempts skipped for want of 2 userlands');
  t.match(
    text,
    "2 userlands unavailable: InRelease of USERLAND can't be downloaded: the server can't be reached",
  );
  t.match(text, '  jessie, stretch');
});
