import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import t from 'tap';
import { projectRoot } from '../../harness/host/project.js';

/** Rooms in the order that docs/design.md states: a line of its list, six blanks and a name. */
async function statedRooms(): Promise<string[]> {
  const design = await readFile(join(projectRoot, 'docs/design.md'), 'utf8');
  const [, list = ''] = /^ {4}harness\/\n((?: {6}.*\n)+)/m.exec(design) ?? [];
  return [...list.matchAll(/^ {6}([a-z]+)(?:\/|\.ts) /gm)].map(([, name = '']) => name);
}

/** File below harness/ → the files there that it imports, types too. */
async function importsOf(folder: string): Promise<Map<string, readonly string[]>> {
  const names = await readdir(folder, { recursive: true });
  const files = names.filter((name) => name.endsWith('.ts'));
  const read = files.map(async (file) => {
    const text = await readFile(join(folder, file), 'utf8');
    const specifiers = text.matchAll(/\b(?:from|import)\s*\(?\s*'(\.[^']+)\.js'/g);
    const imported = [...specifiers].map(([, path = '']) => `${normalize(join(dirname(file), path))}.ts`);
    return [file, imported] as const;
  });
  return new Map(await Promise.all(read));
}

const roomOf = (file: string): string => file.replace(/\.ts$/, '').split('/')[0] ?? '';

/** Imports of a room that comes later in the list. */
const backwards = (imports: ReadonlyMap<string, readonly string[]>, rooms: readonly string[]): string[] =>
  [...imports].flatMap(([file, imported]) =>
    imported
      .filter((other) => rooms.indexOf(roomOf(other)) > rooms.indexOf(roomOf(file)))
      .map((other) => `${file} imports ${other}`),
  );

/** One circle of files that import each other; [] where there is none. */
function circle(imports: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return [];
    path.push(file);
    for (const other of imports.get(file) ?? []) {
      const found = visit(other);
      if (found.length > 0) return found;
    }
    path.pop();
    done.add(file);
    return [];
  };
  for (const file of imports.keys()) {
    const found = visit(file);
    if (found.length > 0) return found;
  }
  return [];
}

const imports = await importsOf(join(projectRoot, 'harness'));
const rooms = await statedRooms();

t.test('docs/design.md lists the rooms that there are', async (t) => {
  t.same([...rooms].sort(), [...new Set([...imports.keys()].map(roomOf))].sort());
});

t.test('no room imports one that comes later', async (t) => {
  t.same(backwards(imports, rooms), []);
});

t.test('no files import each other in a circle', async (t) => {
  t.same(circle(imports), []);
});

t.test('no room has a face', async (t) => {
  t.same(
    [...imports.keys()].filter((file) => file.endsWith('/index.ts')),
    [],
  );
});

t.test('an import that runs backwards is seen, and so is a circle', async (t) => {
  const made = new Map([
    ['vm/a.ts', ['host/b.ts', 'cli/c.ts']],
    ['host/b.ts', []],
    ['cli/c.ts', ['cli/d.ts']],
    ['cli/d.ts', ['cli/c.ts']],
  ]);
  t.same(backwards(made, ['host', 'vm', 'cli']), ['vm/a.ts imports cli/c.ts']);
  t.same(circle(made), ['cli/c.ts', 'cli/d.ts', 'cli/c.ts']);
});
