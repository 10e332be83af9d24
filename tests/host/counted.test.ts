import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { counted } from '../../harness/host/counted.js';
import { projectRoot } from '../../harness/host/project.js';

t.test('one is no plural', (t) => {
  t.same(
    [0, 1, 2].map((count) => counted(count, 'iteration')),
    ['0 iterations', '1 iteration', '2 iterations'],
  );
  t.end();
});

t.test('what can be one is never written with a plural beside it', async (t) => {
  const nouns = 'iterations|attempts|consoles|machines|reports|kernels|cells|runs|tests|userlands';
  // counts that are fixed, or of which one has words of its own
  const fixed =
    /mostAttempts|mostInARow|names\.length|kernels\.length|perKernel\.length|of \$\{of\}|runs === 1|iterations=/;
  const found: string[] = [];
  for (const name of await readdir(join(projectRoot, 'harness'), { recursive: true })) {
    if (!name.endsWith('.ts')) continue;
    for (const line of (await readFile(join(projectRoot, 'harness', name), 'utf8')).split('\n'))
      if (new RegExp(`\\$\\{[^}]*\\} (${nouns})\\b`).test(line) && !fixed.test(line))
        found.push(`${name}: ${line}`);
  }
  t.strictSame(found, []);
});
