import t from 'tap';
import { isInLines, lineRange } from '../../harness/versions/kernel-lines.js';

const lines = ['2.6.32', '2.6.38', '3.0', '3.1', '3.2', '3.8', '3.10', '3.18', '4.9', '10.0'];
const inRange = (text: string): string[] => lines.filter((line) => isInLines(line, lineRange.parse(text)));

t.test('lines are compared by their numbers', async (t) => {
  t.same(inRange('<3.8 !=3.1'), ['2.6.32', '2.6.38', '3.0', '3.2']);
  t.same(inRange('>=3.2 <=3.10'), ['3.2', '3.8', '3.10']);
  t.same(inRange('>4.9'), ['10.0']);
  t.same(inRange('2.6.32'), ['2.6.32']);
  t.same(inRange('=3.1'), ['3.1']);
  t.same(
    lines.filter((line) => isInLines(line, undefined)),
    lines,
  );
});

t.test('what is no range is refused', async (t) => {
  for (const text of ['', '3', '<', '< 3.8', '<3.8,!=3.1', '~3.8', '<3.8-rc1', '3.2.71.1'])
    t.notOk(lineRange.safeParse(text).success, text);
});
