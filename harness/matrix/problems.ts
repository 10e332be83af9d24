import type { Document, LineCounter } from 'yaml';
import { isMap, isNode, isPair, isScalar } from 'yaml';
import type { z } from 'zod';
import { UsageError } from '../errors.js';
import { printable } from '../host/printable.js';
import { nearest } from './nearest.js';

/** One mistake in a file, at a place in its data. */
export interface Problem {
  readonly path: readonly PropertyKey[];
  readonly what: string;
  readonly remedy: string;
  /** The key itself is the mistake, not its value. */
  readonly atKey?: boolean;
  /** Path of the key that was meant, joined by NUL. */
  readonly suggests?: string;
}

/** One mistake, at a place in its text. */
export interface PlacedProblem {
  readonly line: number;
  readonly column: number;
  readonly what: string;
  readonly remedy: string;
}

/** One error for all mistakes of a file, in the order in which a reader meets them. */
export function usageErrorOf(file: string, problems: readonly PlacedProblem[]): UsageError {
  const ordered = problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
  const [first] = ordered;
  if (first !== undefined && ordered.length === 1) {
    return new UsageError(first.what, { where: placeOf(file, first), remedy: first.remedy });
  }
  const shown = ordered.slice(0, 50);
  const lines = shown.map((one) => `  ${placeOf(file, one)}: ${one.what}; ${one.remedy}`);
  const rest = ordered.length > shown.length ? [`  and ${ordered.length - shown.length} more`] : [];
  return new UsageError(`${ordered.length} errors\n${[...lines, ...rest].join('\n')}`, {
    where: file,
    remedy: 'fix them from the top: one may cause another',
  });
}

const placeOf = (file: string, { line, column }: PlacedProblem): string => `${file}:${line}:${column}`;

/** Finds the line and column of a mistake: its own node, else the closest one around it that is there. */
export function place(document: Document, lines: LineCounter, problem: Problem): PlacedProblem {
  const { line, col } = lines.linePos(offsetOf(document, problem));
  return {
    line: Math.max(1, line),
    column: Math.max(1, col),
    what: `${pathText(problem.path)}${problem.what}`,
    remedy: problem.remedy,
  };
}

function offsetOf(document: Document, { path, atKey }: Problem): number {
  for (let length = path.length; length > 0; length--) {
    const parent = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
    const key = path[length - 1];
    const pair = isMap(parent)
      ? parent.items.find((item) => isPair(item) && keyText(item.key) === String(key))
      : undefined;
    const value = document.getIn(path.slice(0, length), true);
    // a value that isn't there is pointed at by the key around it
    const preferKey = atKey === true || (length < path.length && !isScalar(value));
    const node = preferKey && pair !== undefined ? pair.key : value;
    if (isNode(node) && node.range) return node.range[0];
    if (pair !== undefined && isNode(pair.key) && pair.key.range) return pair.key.range[0];
  }
  return 0;
}

const keyText = (key: unknown): string =>
  typeof key === 'object' && key !== null && 'value' in key ? String(key.value) : String(key);

const pathText = (path: readonly PropertyKey[]): string =>
  path.length === 0 ? '' : `${printable(path.map(String).join('.'), 200)}: `;

/** What a schema found, in words; an unknown key suggests the nearest that `keysAt` knows at that place. */
export function problemsOf(
  error: z.ZodError,
  keysAt: (path: readonly PropertyKey[]) => readonly string[],
): Problem[] {
  const problems = error.issues.flatMap((issue) => problemsOfIssue(issue, [], keysAt));
  // a mistyped key is missing under its right name too; that is one mistake
  const meant = new Set(problems.map(({ suggests }) => suggests));
  return problems.filter(({ what, path }) => what !== missing || !meant.has(path.join('\0')));
}

const missing = 'missing';

function problemsOfIssue(
  issue: z.core.$ZodIssue,
  above: readonly PropertyKey[],
  keysAt: (path: readonly PropertyKey[]) => readonly string[],
): Problem[] {
  const path = [...above, ...issue.path];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => {
        const known = keysAt(path);
        const likely = nearest(key, known);
        const remedy = likely === undefined ? `known here: ${known.join(', ')}` : `did you mean '${likely}'?`;
        const suggests = [...path, likely ?? key].join('\0');
        return { path: [...path, key], what: 'unknown key', remedy, atKey: true, suggests };
      });
    case 'invalid_union': {
      // the branch that came furthest is the one that was meant
      const branch = issue.errors.toSorted((a, b) => depthOf(b) - depthOf(a))[0] ?? [];
      return branch.flatMap((inner) => problemsOfIssue(inner, path, keysAt));
    }
    case 'invalid_key':
      return issue.issues.map(({ message }) => ({
        path,
        what: message,
        remedy: 'choose another id',
        atKey: true,
      }));
    case 'invalid_type':
      return [typeProblem(issue, path)];
    case 'invalid_value':
      return [
        { path, what: 'not one of the known values', remedy: `use ${issue.values.map(String).join(', ')}` },
      ];
    case 'too_small':
      return [{ path, what: tooSmall(issue), remedy: `at least ${issue.minimum}` }];
    case 'too_big':
      return [{ path, what: 'too big', remedy: `at most ${issue.maximum}` }];
    default:
      return [{ path, what: issue.message, remedy: 'change it to fit' }];
  }
}

const depthOf = (issues: readonly z.core.$ZodIssue[]): number =>
  Math.max(0, ...issues.map((issue) => issue.path.length + (issue.code === 'invalid_type' ? 0 : 1)));

function typeProblem(issue: z.core.$ZodIssueInvalidType, path: readonly PropertyKey[]): Problem {
  const wanted =
    { int: 'a whole number', record: 'a map', object: 'a map' }[String(issue.expected)] ??
    `a ${issue.expected}`;
  return issue.message.endsWith('received undefined')
    ? { path, what: missing, remedy: `add it: ${wanted}` }
    : { path, what: issue.message.replace('Invalid input: ', ''), remedy: `write ${wanted}` };
}

const tooSmall = (issue: z.core.$ZodIssueTooSmall): string =>
  issue.message.startsWith('Too small') ? 'too small' : issue.message;
