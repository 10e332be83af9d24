import t from 'tap';
import type { UserlandRecord } from '../../../harness/results/session.js';
import { userlandDifferences, userlandText } from '../../../harness/summary/compare/userlands.js';

const userland = (row: string, ...contents: string[]): UserlandRecord => ({
  row,
  disk: `disk of ${contents.join()}`,
  contents,
  list: `${contents.join()} as a hash`,
  provenance: `${contents.length} packages`,
});

t.test('a row of which two runs had two userlands is named with what differs', (t) => {
  const [one, other] = [
    [userland('bookworm', 'dash 1 amd64', 'less 1 amd64'), userland('bullseye', 'dash 1 amd64')],
    [userland('bullseye', 'dash 1 amd64'), userland('bookworm', 'dash 1 amd64', 'less 2 amd64')],
  ];
  const differences = userlandDifferences(one, other);
  t.match(differences, [{ row: 'bookworm', only: [['less 1 amd64'], ['less 2 amd64']] }]);
  t.equal(differences.length, 1, 'the same list is the same userland, whatever its disk');
  t.match(differences.map(userlandText), [
    /^The userland bookworm is another: A dash.*…, B dash.*…: less 1 amd64 in A alone, less 2 amd64 in B alone\.$/,
  ]);
  t.same(
    userlandDifferences(one, [userland('jessie', 'dash 1 amd64')]),
    [],
    'a row of one run alone says nothing',
  );
  t.end();
});

t.test('many packages are counted', (t) => {
  const many = Array.from({ length: 20 }, (_, at) => `p${at} 1 amd64`);
  const [difference] = userlandDifferences([userland('a', ...many)], [userland('a', 'q 1 amd64')]);
  t.match(difference && userlandText(difference), /p5 1 amd64 in A alone, 15 more\.$/);
  t.end();
});
