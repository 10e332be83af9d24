import t from 'tap';
import { storedAttempt } from '../../harness/results/attempt-schema.js';
import { anAttempt, aReport } from './made-up-run.js';

t.test('a report that was stored before kmatrix looked for truncation has it unknown', async (t) => {
  const attempt = { ...anAttempt('a/b/c/d', 0, 'oops', { reports: [aReport()] }), console: '' };
  const { truncated: _, ...older } = aReport();
  t.equal(storedAttempt.parse({ ...attempt, reports: [older] }).reports[0]?.truncated, null);
  t.equal(storedAttempt.parse(attempt).reports[0]?.truncated, false);
});
