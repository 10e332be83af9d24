import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { readRecipe } from '../../../harness/disks/userlands/recipe.js';

t.test('an older suite has its own names, and lacks some', async (t) => {
  const now = await readRecipe('bookworm');
  const stretch = await readRecipe('stretch');
  t.same(
    [now, stretch].map(({ repository }) => repository.filter((name) => name.startsWith('libreadline'))),
    [['libreadline8'], ['libreadline7']],
  );
  const squeeze = await readRecipe('squeeze');
  t.ok(squeeze.tools.includes('btrfs-tools'));
  t.notOk(squeeze.tools.includes('btrfs-progs') || squeeze.tools.includes('stress-ng'));
  t.ok(squeeze.repository.length >= 5);
});

t.test('a recipe that can’t be read is named', async (t) => {
  const file = join(t.testdir(), 'recipe.yml');
  await t.rejects(readRecipe('bookworm', file), { name: 'UsageError', where: file });
  await writeFile(file, 'version: 1\nleaveOut: []\ntools: []\nrepository: [Hello]\n');
  await t.rejects(readRecipe('bookworm', file), { name: 'UsageError', message: /a package/ });
});
