import t from 'tap';
import { UnreachableHosts } from '../../harness/cli/unreachable-hosts.js';
import { ImageError } from '../../harness/errors.js';
import { unreachableError, unreachableHost } from '../../harness/kernels/fetch/unreachable.js';
import type { RunEvent } from '../../harness/schedule/types.js';

const lacks = (kernel: string, host: string | null = 'cdn.kernel.org'): RunEvent => ({
  ...{ type: 'image-unavailable', kernel, of: 'kernel', reason: `no ${kernel}.tar.xz` },
  host: host ?? undefined,
});
const ready = (kernel: string): RunEvent => ({
  ...{ type: 'image-ready', kernel, release: '6.1', seconds: 1, cached: true },
});
const started = (...kernels: readonly string[]): RunEvent => ({
  ...{ type: 'run-started', run: 'RUN', cells: 1, accelerator: 'tcg', accelReason: '' },
  attempts: Object.fromEntries(kernels.map((kernel) => [kernel, 1])),
});
const over: RunEvent = { type: 'run-finished', run: 'RUN', interrupted: false };

/** Lines of these events, each at the number of the event that brought it. */
function told(...events: readonly RunEvent[]): string[] {
  const hosts = new UnreachableHosts();
  return [
    ...events.flatMap((event, at) => hosts.on(event).lines.map((line) => `${at} ${line}`)),
    ...hosts.rest().map((line) => `rest ${line}`),
  ];
}

const both = "2 kernels unavailable, as cdn.kernel.org can't be reached: a, b; the first error: no a.tar.xz";

t.test('a server that can’t be reached is told once, with the kernels that lack for it', (t) => {
  t.strictSame(told(started('a', 'b', 'c'), lacks('a'), lacks('b'), ready('c')), [`3 ${both}`]);
  t.strictSame(told(started('a', 'b'), lacks('a'), lacks('b'), over), [`2 ${both}`], 'each is decided');
  t.strictSame(told(lacks('a'), lacks('b'), lacks('rhel', null)), [`2 ${both}`]);
  t.strictSame(told(lacks('a'), lacks('b')), [`rest ${both}`]);
  t.strictSame(told(started('a', 'b', 'z'), lacks('a'), over), ['2 a: unavailable: no a.tar.xz']);
  t.strictSame(told(lacks('a'), lacks('x', 'archive.debian.org'), lacks('b'), over), [
    `3 ${both}`,
    '3 x: unavailable: no x.tar.xz',
  ]);
  t.strictSame(told(lacks('a'), lacks('a'), over), ['2 a: unavailable: no a.tar.xz'], 'each of them once');
  const userland: RunEvent = { ...lacks('bookworm'), type: 'image-unavailable', of: 'userland' } as RunEvent;
  t.match(told(lacks('a'), userland), [/^rest 2 images unavailable, as cdn\.kernel\.org .*: a, bookworm;/]);
  t.notOk(new UnreachableHosts().on(lacks('rhel', null)).isHeld, 'another reason has its own line');
  t.end();
});

t.test('the server is found below what an error was made into', (t) => {
  const cause = unreachableError('a.tar', 'https://cdn.kernel.org/pub/a.tar', 'ENOTFOUND');
  t.equal(unreachableHost(cause), 'cdn.kernel.org');
  t.equal(unreachableHost(new ImageError('or give a tree', { cause })), 'cdn.kernel.org');
  t.equal(unreachableHost(new ImageError('no such file', { cause: new Error('ENOENT') })), undefined);
  t.end();
});
