import { readFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import { LiveTemplates } from '../../harness/templates/live-templates.js';
import { MachineSource, type Wanted } from '../../harness/templates/machine-source.js';
import type { Opened } from '../../harness/templates/opened.js';
import { liveMachineCount } from '../../harness/vm/live-machines.js';
import { isAlive } from './vm-console.js';
import { kernel, wantedMachine } from './wanted-machine.js';

const never = new AbortController().signal;

const wanted = (over: Partial<Wanted['spec']> = {}): Wanted => wantedMachine('fork', over);

/** Room for one template of 128 MiB, and QEMU's own memory. */
function sourceOf(t: Test, liveTemplatesMiB = 230) {
  const refused: string[] = [];
  const source = new MachineSource({
    standbys: 0,
    liveTemplatesMiB,
    signal: never,
    onRefused: (name, reason, instead) => void refused.push(`${name}: ${instead}: ${reason}`),
  });
  t.teardown(() => source[Symbol.asyncDispose]());
  return { source, refused };
}

/** Runs burn once and gives its end. */
async function burn({ session, machine }: Opened, seed: number): Promise<string> {
  const start = { workload: 'burn', iterations: 1, time: Math.floor(Date.now() / 1000), args: {} };
  session.start({ ...start, seed, entropy: '5a'.repeat(32) });
  const done = await session.done();
  session.poweroff();
  const { how, exitCode } = await machine.exit;
  return `${done?.status} ${done?.iterations}, ${how} ${exitCode}`;
}

const status = (pid: number | undefined, field: string): string =>
  new RegExp(`^${field}:\\s+(.*)$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '';

/** The process that a machine is a copy of. */
const originalOf = ({ machine }: Opened): number => Number(status(machine.pid, 'PPid'));

t.test('one boot, and then copies, several at a time', async (t) => {
  const { source, refused } = sourceOf(t);
  const all = await Promise.all([1, 2, 3].map(() => source.open(wanted(), never)));
  const [first] = all;
  if (!first) throw new Error('no machine');
  for (const { start, boot, earlier, bootSeconds } of all) {
    t.match({ start, bootSeconds }, { start: 'fork', bootSeconds: Number });
    t.equal(boot.ready?.release, kernel.release);
    t.match(earlier, /Linux version 6\.1\./, 'the boot’s words belong to each attempt');
  }
  t.equal(new Set(all.map(originalOf)).size, 1);
  t.equal(new Set(all.map(({ machine }) => machine.pid)).size, 3);
  const own = first.machine.privateMiB();
  t.ok(own !== null && own > 1 && own < 128, `${own} MiB are its own, not all of its memory`);
  // the sandbox's filter, and the one that forbids processes (seccomp(2)); kernels before 5.9 don't count them
  const filters = (pid: number | undefined) => Number(status(pid, 'Seccomp_filters') || Number.NaN);
  t.equal(status(first.machine.pid, 'Seccomp'), '2');
  t.not(filters(first.machine.pid), filters(originalOf(first)));
  t.same(await Promise.all(all.map((opened, seed) => burn(opened, seed))), Array(3).fill('passed 1, done 0'));
  t.equal(first.machine.privateMiB(), null);
  const late = await source.open(wanted(), never);
  const [one = 0, other = -1] = [late.boot.ready?.uptime, first.boot.ready?.uptime];
  t.ok(Math.abs(one - other) < 0.5, 'as the first began');
  t.equal(await burn(late, 4), 'passed 1, done 0');
  t.same(refused, []);
  t.comment(`ready ${late.readySeconds?.toFixed(3)} s after it was asked for`);
});

t.test('one that nobody uses makes room for another, and all end with the source', async (t) => {
  const before = liveMachineCount();
  const { source, refused } = sourceOf(t);
  const first = await source.open(wanted(), never);
  const kept = originalOf(first);
  const other = await source.open(wanted({ shape: { cpus: 1, memoryMiB: 128 } }), never);
  t.equal(other.start, 'template', 'no room while a copy of the first runs');
  t.ok(isAlive(kept));
  await burn(first, 1);
  await burn(other, 2);
  const third = await source.open(wanted({ shape: { cpus: 1, memoryMiB: 96 } }), never);
  t.equal(third.start, 'fork');
  t.notOk(isAlive(kept));
  const again = await source.open(wanted(), never);
  t.equal(again.start, 'template', 'and what gave way is not booted again');
  await burn(again, 3);
  const last = originalOf(third);
  await source[Symbol.asyncDispose]();
  t.match(await third.machine.exit, { how: 'died', signal: 'SIGKILL' });
  t.notOk(isAlive(last));
  t.equal(liveMachineCount(), before);
  t.same(refused, [], 'want of room is no refusal');
});

t.test(
  'where it was killed, attempts are restored from a saved template, and the reason is told',
  async (t) => {
    const { source, refused } = sourceOf(t);
    const first = await source.open(wanted(), never);
    process.kill(originalOf(first), 'SIGKILL');
    t.match(await first.machine.exit, { how: 'died', signal: 'SIGKILL' });
    const next = await source.open(wanted(), never);
    t.equal(next.start, 'template');
    t.equal(await burn(next, 2), 'passed 1, done 0');
    t.match(refused, [/^debian-6\.1-cloud: template: a machine can't be copied: QEMU ended/]);
  },
);

t.test('what can’t be copied is refused before anything is started', async (t) => {
  await using templates = new LiveTemplates(1, never);
  const before = liveMachineCount();
  const open = (name: string, request: Wanted) => templates.open(name, request, kernel.release, never);
  await t.rejects(open('kvm', wanted({ accelerator: 'kvm' })), { message: /KVM/ });
  const huge = wanted({ shape: { cpus: 2, memoryMiB: 2 ** 30 } });
  await t.rejects(open('huge', huge), {
    message: /more than the eighth of free memory that copied machines may use/,
  });
  t.equal(liveMachineCount(), before);
});
