import { execa } from 'execa';
import fc from 'fast-check';
import t from 'tap';
import { backOffSeconds, retryAfterSeconds } from '../../../harness/kernels/fetch/back-off.js';
import { defaultPatience } from '../../../harness/kernels/fetch/context.js';
import { compareDebianVersions } from '../../../harness/kernels/fetch/debian-version.js';
import { inTurn, pauseHost } from '../../../harness/kernels/fetch/host-turns.js';
import { isInside } from '../../../harness/kernels/fetch/layout.js';
import { paragraphsOf, parseParagraph } from '../../../harness/kernels/fetch/paragraphs.js';
import { followRedirect } from '../../../harness/kernels/fetch/redirect.js';
import { parseRelease } from '../../../harness/kernels/fetch/release.js';

t.test('waits double from failure to failure, have an end, and never exceed it', async (t) => {
  const waits = [1, 2, 3, 4].map((failures) => backOffSeconds(failures, defaultPatience, 1));
  t.same(waits, [2, 4, 8, 16]);
  t.equal(backOffSeconds(4, defaultPatience, 0), 8);
  t.equal(backOffSeconds(60, defaultPatience, 1), defaultPatience.longestWaitSeconds);
});

t.test('Retry-After is seconds or a date, and no wait is shorter than asked', async (t) => {
  const now = Date.parse('Sun, 06 Nov 1994 08:49:37 GMT');
  t.equal(retryAfterSeconds('120', now, 0), 120);
  t.equal(retryAfterSeconds('120', now, 1), 132);
  t.equal(retryAfterSeconds('Sun, 06 Nov 1994 08:50:07 GMT', now, 0), 30);
  t.equal(retryAfterSeconds('Sun, 06 Nov 1994 08:00:00 GMT', now, 0), 0);
  for (const nothing of [undefined, 'soon']) t.equal(retryAfterSeconds(nothing, now, 0), undefined);
});

t.test('a host is asked one thing at a time, in order, and nothing while it wants a pause', async (t) => {
  const signal = new AbortController().signal;
  const order: string[] = [];
  const work = (name: string) => () =>
    new Promise<void>((resolve) => {
      order.push(`${name} begins`);
      setImmediate(() => {
        order.push(`${name} ends`);
        resolve();
      });
    });
  await Promise.all(['a', 'b'].map((name) => inTurn('one.invalid', signal, work(name))));
  t.same(order, ['a begins', 'a ends', 'b begins', 'b ends']);
  pauseHost('one.invalid', 0.1);
  const started = performance.now();
  await Promise.all([inTurn('one.invalid', signal, work('c')), inTurn('two.invalid', signal, work('d'))]);
  t.same(order.slice(4), ['d begins', 'd ends', 'c begins', 'c ends']);
  t.ok(performance.now() - started > 95);
});

t.test('who gives up waiting for a turn leaves the others theirs', async (t) => {
  const stop = new AbortController();
  let finish = (): void => {};
  const first = inTurn(
    'three.invalid',
    new AbortController().signal,
    () => new Promise<void>((resolve) => (finish = resolve)),
  );
  const second = inTurn('three.invalid', stop.signal, async () => t.fail('it had given up'));
  const third = inTurn('three.invalid', new AbortController().signal, async () => 'served');
  stop.abort(new Error('enough'));
  await t.rejects(second, { message: 'enough' });
  finish();
  await first;
  t.equal(await third, 'served');
});

t.test('paragraphs are the same however the bytes come', async (t) => {
  const line = fc.stringMatching(/^[A-Za-zäöü:. ]{1,20}$/).filter((text) => text.trim() !== '');
  const text = fc.array(fc.array(line, { minLength: 1, maxLength: 4 }), { maxLength: 6 });
  const property = fc.asyncProperty(text, fc.integer({ min: 1, max: 7 }), async (paragraphs, step) => {
    const wanted = paragraphs.map((lines) => lines.join('\n'));
    const bytes = Buffer.from(wanted.join('\n\n'));
    const chunks = Array.from({ length: Math.ceil(bytes.length / step) }, (_, index) =>
      bytes.subarray(index * step, (index + 1) * step),
    );
    const found: string[] = [];
    for await (const one of paragraphsOf(generate(chunks), { where: 'test', maximumBytes: 10_000 }))
      found.push(one);
    return JSON.stringify(found) === JSON.stringify(wanted);
  });
  await fc.assert(property, { numRuns: 200 });
  t.pass();
});

async function* generate(chunks: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* chunks;
}

t.test('redirects may lead to https or stay without it, never leave it', async (t) => {
  const follow = (from: string, location: string) =>
    followRedirect(new URL(from), location, new Set(), from).href;
  t.equal(follow('http://a.invalid/x', '/y#part'), 'http://a.invalid/y');
  t.equal(follow('http://a.invalid/x', 'https://b.invalid/'), 'https://b.invalid/');
  t.equal(follow('https://a.invalid/x', '//b.invalid/z'), 'https://b.invalid/z');
  for (const place of ['http://a.invalid/x', 'ftp://a.invalid/', 'data:,x']) {
    t.throws(() => follow('https://a.invalid/x', place), {
      name: 'ImageError',
      message: /away from https/,
      remedy: /./,
    });
  }
  t.throws(() => follow('https://a.invalid/x', 'http://['), {
    message: /a redirect without a valid URL: .* to http:/,
  });
});

t.test('a field may go on over lines, and a line that is none is an error', async (t) => {
  const fields = parseParagraph('Package: a\nDescription: short\n long\n  longer\nSHA1:\n x', 'test');
  t.same(
    [...fields],
    [
      ['package', 'a'],
      ['description', 'short\nlong\nlonger'],
      ['sha1', '\nx'],
    ],
  );
  t.throws(() => parseParagraph('Package: a\n<html>', 'test'), { name: 'ImageError', where: 'test' });
});

t.test('a Release file that contradicts itself or lists nothing is refused', async (t) => {
  const [a, b] = ['a'.repeat(32), 'b'.repeat(64)];
  const two = (size: number) => `Suite: x\nMD5Sum:\n ${a} 1 p\nSHA256:\n ${b} ${size} p\n`;
  t.same(parseRelease(two(1), 'test').files.get('p'), { bytes: 1, digests: { sha256: b, md5: a } });
  t.throws(() => parseRelease(two(2), 'test'), { message: /two sizes/ });
  t.throws(() => parseRelease('Suite: x\n', 'test'), { message: /lists no files/ });
  t.throws(() => parseRelease(`SHA256:\n ${a} 1 p\n`, 'test'), { message: /makes no sense/ });
  t.throws(() => parseRelease(`Valid-Until: never\nMD5Sum:\n ${a} 1 p\n`, 'test'), { message: /no date/ });
});

t.test('paths of real archives are inside, others are not', async (t) => {
  for (const path of [
    'pool/main/l/linux-2.6/linux-image-2.6.38-2-amd64_2.6.38-4_amd64.deb',
    'a/b~c+d:e_1.0.deb',
  ]) {
    t.ok(isInside(path), path);
  }
  for (const path of [
    '',
    '/a',
    'a//b',
    '../a',
    'a/..',
    'a/../b',
    'a/./b',
    'a%2fb',
    'a\\b',
    'a\0b',
    'a b',
    `${'a'.repeat(1001)}`,
  ]) {
    t.notOk(isInside(path), JSON.stringify(path));
  }
});

t.test('versions of kernel packages are ordered as dpkg orders them', async (t) => {
  const versions =
    '2.6.32-5 2.6.32-48squeeze6 2.6.38-4 3.2.102-1 3.2.9-1 3.2.102-1~bpo60+1 3.3.6-1~experimental.1 1:1 3.8~rc5-1';
  const list = versions.split(' ');
  for (const a of list) {
    for (const b of list) {
      const { exitCode } = await execa('dpkg', ['--compare-versions', a, 'lt', b], { reject: false });
      t.equal(compareDebianVersions(a, b) < 0, exitCode === 0, `${a} < ${b}`);
    }
  }
});
