import process from 'node:process';
import t from 'tap';
import { coresHere, hasWholeHost } from '../../harness/host/cores.js';
import { capacity } from '../../harness/run/capacity.js';

t.test('jobs that were given are kept, and nothing is filled beyond them', (t) => {
  const given = capacity(3);
  t.equal(given.jobs, 3);
  t.equal(given.spare, undefined);
  t.end();
});

t.test('without a word, as many as cores; more while they idle, where the whole host is ours', (t) => {
  const { jobs, spare } = capacity(undefined);
  t.equal(jobs, coresHere());
  if (hasWholeHost()) t.match(spare, { mostJobs: 4 * jobs, idleCores: Function });
  else t.equal(spare, undefined);
  t.end();
});

t.test('part of the memory stays for the host, and each standby takes some', (t) => {
  const whole = process.availableMemory() / 2 ** 20;
  const [few, many] = [capacity(1).memoryMiB, capacity(9).memoryMiB];
  t.ok(few < whole * 0.75, `${few} of ${Math.round(whole)} MiB`);
  t.ok(many < few, `${many} with nine machines`);
  t.equal(capacity(1_000_000).memoryMiB, 1, 'never none: one machine at a time still runs');
  t.end();
});
