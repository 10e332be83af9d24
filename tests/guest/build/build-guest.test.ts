import { appendFile, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import t, { type Test } from 'tap';
import { HostError, UsageError } from '../../../harness/errors.js';
import { buildGuest } from '../../../harness/guest/build/build-guest.js';
import type { GuestEvent } from '../../../harness/guest/build/guest-event.js';
import { projectRoot } from '../../../harness/host/project.js';
import { smallGuest } from './small-guest.js';

t.test('agent and workloads are static programs, and a second build is the first one', async (t) => {
  const sources = smallGuest(t);
  const events: GuestEvent[] = [];
  const onEvent = (event: GuestEvent) => events.push(event);
  const guest = await buildGuest({ sources, onEvent });
  t.match(events[0], { type: 'guest-step', step: /^compiling the guest.*usually/ });
  t.match(events.at(-2), { type: 'guest-progress', fraction: 1 });
  t.match(events.at(-1), { type: 'guest-ready' });
  t.same([...guest.workloads.keys()], ['lucky']);
  t.equal(await guest.calibrateOnHost(), 1234);
  t.equal((await execa(guest.workloads.get('lucky') ?? '', { reject: false })).exitCode, 7);
  const { mtimeMs } = await stat(guest.agent);
  const steps: string[] = [];
  events.length = 0;
  const again = await buildGuest({ sources, onStep: (step) => steps.push(step), onEvent });
  t.equal(again.id, guest.id);
  t.equal((await stat(again.agent)).mtimeMs, mtimeMs);
  t.same(steps, []);
  t.same(events, [], 'nothing is said of what the cache has');
});

t.test('two builds at once share one compilation', async (t) => {
  const sources = smallGuest(t);
  const steps: string[] = [];
  const onStep = (step: string) => void (step.startsWith('compile') && steps.push(step));
  const events: [GuestEvent[], GuestEvent[]] = [[], []];
  const [one, two] = await Promise.all(
    events.map((own) => buildGuest({ sources, onStep, onEvent: (event) => own.push(event) })),
  );
  t.equal(one?.id, two?.id);
  t.equal(steps.length, 3);
  const [compiled, waited] = events.toSorted((a, b) => b.length - a.length);
  t.match(compiled?.at(-1), { type: 'guest-ready' });
  t.match(
    waited,
    [{ type: 'guest-step', step: /^waiting for another/ }, { type: 'guest-ready' }],
    'it is told',
  );
});

t.test('a changed source is another guest; a broken entry is built again, never used', async (t) => {
  const sources = smallGuest(t);
  const before = await buildGuest({ sources });
  const program = before.workloads.get('lucky') ?? '';
  const good = await readFile(program);
  await appendFile(program, 'broken');
  const mended = await buildGuest({ sources });
  t.equal(mended.id, before.id);
  t.ok((await readFile(program)).equals(good), 'bytes as before');
  await appendFile(join(sources, 'lib', 'seven.h'), '/* changed */\n');
  t.not((await buildGuest({ sources })).id, before.id);
});

t.test("a wrong source is reported by the compiler's own line and leaves nothing in the cache", async (t) => {
  const sources = smallGuest(t);
  await writeFile(join(sources, 'workloads', 'lucky.c'), 'int main(void) {\n  return seven;\n}\n');
  const error = await buildGuest({ sources }).catch((error: unknown) => error);
  t.type(error, UsageError);
  t.match(error, { message: /'seven' undeclared/, where: /workloads\/lucky\.c:2:10$/ });
  const left = ['guest-programs-keys', 'staging'].map((name) => readdir(join(sources, 'cache', name)));
  t.same(await Promise.all(left), [[], []]);
});

t.test('a warning is an error, too', async (t) => {
  const sources = smallGuest(t);
  await writeFile(join(sources, 'workloads', 'lucky.c'), 'int main(void) { int unused; return 0; }\n');
  const error = await buildGuest({ sources }).catch((error: unknown) => error);
  t.match(error, { message: /unused variable/ });
});

t.test('without the compiler, the remedy says how to get it', async (t) => {
  const sources = smallGuest(t);
  const error = await buildGuest({ sources, compiler: 'no-such-gcc' }).catch((error: unknown) => error);
  t.type(error, HostError);
  t.match(error, { remedy: 'kmatrix doctor --install' });
});

t.test("the project's own guest compiles, and its calibration loop takes milliseconds here", async (t) => {
  process.env.KMATRIX_CACHE = t.testdir();
  const guest = await buildGuest();
  for (const name of [
    'burn',
    'lifecycle',
    'netns-churn',
    'pidns-exec',
    'pidns-reap',
    'docker-2013',
    'setns-probe',
    'feature-probe',
  ]) {
    t.ok(guest.workloads.has(name), name);
  }
  const ns = await guest.calibrateOnHost();
  t.ok(ns > 50_000 && ns < 1e9, `${ns} ns`);
  const { stdout } = await execa(guest.workloads.get('burn') ?? '', ['iterations=3', 'seed=1']);
  t.equal(stdout, '', 'burn has nothing to complain about on this host');
});

/** A driver of images/guest/fuzz with sources of the agent, under the sanitizers. */
async function fuzzer(t: Test, driver: string, names: readonly string[]): Promise<string> {
  const agent = join(projectRoot, 'images', 'guest', 'agent');
  const program = join(t.testdir(), driver);
  const library = join(projectRoot, 'images', 'guest', 'lib');
  const sources = [...names, 'json', 'frames', 'crc32'].map((name) => join(agent, `${name}.c`));
  const flags = [
    '-std=c99',
    '-D_GNU_SOURCE',
    '-Wall',
    '-Wextra',
    '-Werror',
    '-g',
    '-O1',
    '-fsanitize=address,undefined',
    '-fno-sanitize-recover',
  ];
  const main = join(projectRoot, 'images', 'guest', 'fuzz', `${driver}.c`);
  await execa('gcc', [...flags, `-I${agent}`, '-o', program, main, ...sources, join(library, 'km_base64.c')]);
  return program;
}

t.test("the agent's frame reader survives garbage, under the sanitizers", async (t) => {
  const { stdout } = await execa(await fuzzer(t, 'frame-fuzz', []), ['200000', '1']);
  t.match(
    stdout,
    /^accepted [1-9]\d* of 200000, rejected [1-9]\d*$/,
    'both whole and broken frames were tried',
  );
});

t.test('what the agent feeds to a workload is what the host sent, whatever came between', async (t) => {
  const { stdout } = await execa(await fuzzer(t, 'feed-fuzz', ['feed']), ['30', '1']);
  t.equal(stdout, '30 streams came through');
});
