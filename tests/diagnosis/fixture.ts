import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../harness/host/project.js';

/** A console, and what a reader is expected to say of it. */
export interface Fixture {
  /** Path below tests/diagnosis/fixtures. */
  readonly name: string;
  readonly expected: ReadonlyMap<string, string>;
  /** As Latin-1. */
  readonly console: string;
}

/**
 * All fixtures: "key: value" lines of what is expected ("-" stands for nothing, "a | b" for either), a blank line, the
 * console. Those below reports/ stand for kinds of faults in reading, made up after public bug reports.
 */
export const fixtures: readonly Fixture[] = readdirSync(folder(), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.txt'))
  .sort()
  .map((name) => {
    const source = readFileSync(join(folder(), name), 'latin1');
    const border = source.indexOf('\n\n');
    const lines = source.slice(0, border).split('\n');
    const expected = new Map(
      lines.map((line): [string, string] => {
        const colon = line.indexOf(': ');
        return [line.slice(0, colon), line.slice(colon + 2)];
      }),
    );
    return { name, expected, console: source.slice(border + 2) };
  });

function folder(): string {
  return join(projectRoot, 'tests', 'diagnosis', 'fixtures');
}
