import t from 'tap';
import { lastLine } from '../../harness/cli/last-line.js';

t.test('a line is given when it is whole, the last of several, none of blanks', async (t) => {
  const last = lastLine();
  t.equal(last('Linux ver'), undefined);
  t.equal(last('sion 3.2\r\n\r\n'), 'Linux version 3.2');
  t.equal(last('one\ntwo\n  \nthr'), 'two');
  t.equal(last('ee\n'), 'three');
});

t.test('of a console without newlines no more is kept than its end', async (t) => {
  const last = lastLine();
  const chunk = 'x'.repeat(1024);
  for (let kibibytes = 0; kibibytes < 1024; kibibytes++) last(chunk);
  const line = last('end\n') ?? '';
  t.match(line, /x{4000}end$/);
  t.ok(line.length <= 4096, String(line.length));
});
