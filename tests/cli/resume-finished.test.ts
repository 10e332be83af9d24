import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { RunStore } from '../../harness/results/run-store.js';
import { anAttempt } from '../results/made-up-run.js';
import { aCell, aRun, runsFolder } from '../results/stored-run.js';
import { kmatrix } from './kmatrix.js';

t.test('a finished run that is to be resumed is said to be finished, with its table', async (t) => {
  const run = await RunStore.create(await runsFolder(), aRun([aCell('debian-6.1-cloud', 'lifecycle')]));
  await run.append(anAttempt('debian-6.1-cloud/lifecycle', 0, 'stable'), '');
  await run.close();
  const sessions = join(run.folder, 'sessions.jsonl');
  const before = await readFile(sessions, 'utf8');
  // where no machine could be started
  const env = { KMATRIX_QEMU: '/nowhere/qemu' };
  const { stdout, stderr, exitCode } = await kmatrix(['run', '--resume', run.folder], { env });
  t.match(stderr, /^run \S+ is already finished: nothing is left to run$/m);
  t.match(stdout, /debian-6\.1-cloud +stable/);
  t.equal(exitCode, 1, 'it had no controls');
  t.equal(await readFile(sessions, 'utf8'), before, 'no session was begun');
  const table = await readFile(join(run.folder, 'table.md'), 'utf8');
  t.match(table, 'debian-6.1-cloud', 'a run that was killed just before its table gets it');
  const asJson = await kmatrix(['run', '--resume', run.folder, '--json'], { env });
  t.match(JSON.parse(asJson.stdout), { attempts: { planned: 1, finished: 1 } });
});
