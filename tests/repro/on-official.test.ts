import t from 'tap';
import type { Report } from '../../harness/diagnosis/types.js';
import type { Outcome } from '../../harness/matrix/types.js';
import { type ArmOnKernel, onOfficial } from '../../harness/repro/on-official.js';
import { aReport } from '../results/made-up-run.js';

const bug = { knownIssue: '#407', officialFlavours: ['ubuntu', 'debian'] };
const report = (signature: string, knownIssue: string | null): Report => aReport({ signature, knownIssue });
const met = (outcome: Outcome, ...reports: Report[]): ArmOnKernel['attempts'][number] => ({
  outcome,
  reports,
  decisive: reports.length === 0 ? null : 0,
});
const on = (id: string, flavour: string, ...attempts: ArmOnKernel['attempts']): ArmOnKernel => ({
  kernel: { id, flavour },
  attempts,
});
const oops = met('oops', report('victim', null), report('path', '#407'));

t.test('the same signature on an official kernel and on another is shared', async (t) => {
  t.same(onOfficial(bug, [on('v', 'vanilla', oops), on('u', 'ubuntu', met('stable'), oops)]), [
    { kernel: 'u', flavour: 'ubuntu', failing: 1, of: 2, signatures: ['path'], shared: ['path'] },
  ]);
});

t.test('another one is not, nor one of another issue, nor silence', async (t) => {
  const vanilla = on('v', 'vanilla', oops);
  const shared = (...attempts: ArmOnKernel['attempts']) =>
    onOfficial(bug, [vanilla, on('d', 'debian', ...attempts)])[0];
  t.match(shared(met('oops', report('else', null))), { failing: 1, signatures: ['else'], shared: [] });
  t.match(shared(met('oops', report('path', 'LP#720095'))), {
    failing: 0,
    of: 0,
    signatures: [],
    shared: [],
  });
  t.match(shared(met('freeze')), { failing: 1, signatures: [], shared: [] });
});

t.test('alone it has nothing to share with; unofficial or unavailable kernels say nothing', async (t) => {
  t.match(onOfficial(bug, [on('u', 'ubuntu', oops)]), [{ signatures: ['path'], shared: null }]);
  t.same(onOfficial(bug, [on('v', 'vanilla', oops), on('f', 'debian+aufs', oops)]), []);
  t.same(onOfficial(bug, [on('u', 'ubuntu', met('unavailable'))]), []);
  t.same(onOfficial(bug, [on('u', 'ubuntu')]), [], 'time ran out before it');
});
