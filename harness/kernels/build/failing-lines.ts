import { printable } from '../../host/printable.js';

/**
 * The lines of a build's output that say why it failed: the first errors of compiler, assembler, linker or scripts. With
 * several jobs at once the last lines are those of innocent ones, so the end of the log says little.
 *
 * @param limit how many at most
 */
export function failingLines(lines: readonly string[], limit = 3): string[] {
  const causes = lines.filter((line) => cause.test(line) && !consequence.test(line));
  // make's own complaint is a consequence where something else complained, and the cause where nothing did
  const chosen = causes.length > 0 ? causes : lines.filter((line) => /^make(\[\d+\])?: \*\*\*/.test(line));
  return [...new Set(chosen)].slice(0, limit).map((line) => printable(line.trim(), 300));
}

const cause =
  /\b(fatal )?error: |: Error: |undefined reference to|multiple definition of|^ld: .*(error|cannot|can't|failed|discarded)|No rule to make target|No such file or directory|not found$|syntax error|^Can't use |^\*\*\* |: \*\*\* (?!\[)/;
const consequence = /^make(\[\d+\])?: \*\*\* (\[|wait|Waiting)|\(ignored\)|Error \d+ *$/;
