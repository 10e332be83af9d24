import { execa } from 'execa';
import t from 'tap';
import { endingWithParent } from '../../harness/vm/ending-with-parent.js';

t.test('runs the command with its words as they are', async (t) => {
  const [program, ...words] = endingWithParent(['printf', '%s|', 'a b', '$HOME', '-c', '']);
  const { stdout } = await execa(program, words);
  t.equal(stdout, 'a b|$HOME|-c||');
});

t.test('runs nothing where the parent was gone before the signal was set', async (t) => {
  const [program, ...words] = endingWithParent(['echo', 'ran'], process.pid + 1);
  const { exitCode, stdout } = await execa(program, words, { reject: false });
  t.equal(exitCode, 125);
  t.equal(stdout, '');
});
