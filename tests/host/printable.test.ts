import fc from 'fast-check';
import t from 'tap';
import { printable } from '../../harness/host/printable.js';

t.test('what moves a cursor, turns text round or hides in it is shown as an escape', async (t) => {
  t.equal(printable('a\u001b[2Jb'), 'a\\u{1b}[2Jb');
  t.equal(printable('bell\u0007 null\u0000 c1\u009b'), 'bell\\u{7} null\\u{0} c1\\u{9b}');
  t.equal(printable('right to \u202eleft'), 'right to \\u{202e}left');
  t.equal(printable('zero\u200bwidth'), 'zero\\u{200b}width');
  t.equal(printable('line\u2028separator'), 'line\\u{2028}separator');
  t.equal(printable('\r'), '\\u{d}');
});

t.test('letters of any script, tabs and newlines stay', async (t) => {
  const text = 'Größe\t漢字 🐧\nnext';
  t.equal(printable(text), text);
});

t.test('what is too long is cut, and says so', async (t) => {
  t.equal(printable('x'.repeat(10), 4), 'xxxx…');
});

t.test('nothing that a guest can print gets through', async () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => !/(?![\t\n])\p{Cc}/u.test(printable(text))));
});
