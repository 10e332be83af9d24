import t from 'tap';
import { isOfLine } from '../../harness/versions/kernel-version.js';

t.test('a release is of the line that its version begins with, whole numbers of it', async (t) => {
  for (const [release, line] of [
    ['3.2.71', '3.2'],
    ['3.2.0-4-amd64', '3.2'],
    ['3.2', '3.2'],
    ['3.4-trunk-amd64', '3.4'],
    ['2.6.32-642.el6.x86_64', '2.6.32'],
    ['2.6.32.69', '2.6.32'],
    ['6.12.0-rc1+', '6.12'],
  ] as const)
    t.ok(isOfLine(release, line), `${release} is of ${line}`);
  for (const [release, line] of [
    ['3.20.0', '3.2'],
    ['3.2.71', '3.20'],
    ['2.6.38', '2.6.32'],
    ['2.6.3', '2.6.32'],
    ['6.12.1', '3.2'],
    ['mine', '3.2'],
  ] as const)
    t.notOk(isOfLine(release, line), `${release} is not of ${line}`);
});
