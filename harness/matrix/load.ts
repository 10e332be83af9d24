import { readFile, stat } from 'node:fs/promises';
import { type Document, LineCounter, parseDocument } from 'yaml';
import { messageOf, UsageError } from '../errors.js';
import { sha256 } from '../host/hash.js';
import { type Axis, usualAxes } from './axes.js';
import { canonicalJson } from './canonical-json.js';
import { checkReferences } from './check-references.js';
import { type PlacedProblem, place, problemsOf, usageErrorOf } from './problems.js';
import { rowsOf } from './rows.js';
import { type MatrixFile, matrixFileOf } from './schema.js';
import { keysOfSchema } from './schema-keys.js';
import type { Matrix } from './types.js';

/** More than any matrix needs, and little enough to be parsed at once. */
const maximumBytes = 4 * 1024 * 1024;

/**
 * Reads and checks matrix.yml: syntax, schema, and that every name and pattern means something.
 *
 * @param axes that it has sections for
 * @throws UsageError that lists every mistake, each with file:line:column, what is wrong and what to do
 */
export async function loadMatrix(path: string, axes: readonly Axis[] = usualAxes): Promise<Matrix> {
  const file = parseMatrix(path, await readText(path), axes);
  return { path, hash: sha256(canonicalJson(file)), ...rowsOf(file, axes) };
}

async function readText(path: string): Promise<string> {
  let bytes: Buffer;
  try {
    if ((await stat(path)).size > maximumBytes) {
      throw new UsageError(`larger than ${maximumBytes} bytes`, {
        where: path,
        remedy: 'name a file that is a matrix',
      });
    }
    bytes = await readFile(path);
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    throw new UsageError(`the matrix can't be read: ${messageOf(cause)}`, {
      where: path,
      remedy: 'name a matrix.yml that exists and can be read',
      cause,
    });
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    const { line, column } = firstBadByte(bytes);
    throw new UsageError('not UTF-8', {
      where: `${path}:${line}:${column}`,
      remedy: 'save the file as UTF-8',
      cause,
    });
  }
}

/** A lossy decoding puts U+FFFD where the first bad byte is; one in the file itself is found before only if it is one. */
function firstBadByte(bytes: Buffer): { readonly line: number; readonly column: number } {
  const before = new TextDecoder('utf-8').decode(bytes).split('\uFFFD', 1)[0] ?? '';
  const lines = before.split('\n');
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}

function parseMatrix(path: string, text: string, axes: readonly Axis[]): MatrixFile {
  const matrixFile = matrixFileOf(axes);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const syntax = [...document.errors, ...document.warnings].map((error): PlacedProblem => {
    const { line, col } = lines.linePos(error.pos[0]);
    return { line, column: col, what: error.message, remedy: syntaxRemedy(error.code) };
  });
  // what a parser says after the first broken place is mostly its echo
  if (syntax.length > 0) throw usageErrorOf(path, onlyDuplicates(document) ? syntax : syntax.slice(0, 1));
  let data: unknown;
  try {
    // nested aliases grow without bound ("billion laughs"); a matrix has a handful
    data = document.toJS({ maxAliasCount: 50 });
  } catch (cause) {
    throw new UsageError(messageOf(cause), {
      where: `${path}:1:1`,
      remedy: 'write the values out instead of nesting aliases',
      cause,
    });
  }
  const parsed = matrixFile.safeParse(data);
  const problems = parsed.success
    ? checkReferences(parsed.data, axes)
    : problemsOf(parsed.error, (at) => keysOfSchema(matrixFile, at));
  if (parsed.success && problems.length === 0) return parsed.data;
  throw usageErrorOf(
    path,
    problems.map((problem) => place(document, lines, problem)),
  );
}

const onlyDuplicates = (document: Document): boolean =>
  document.errors.every(({ code }) => code === 'DUPLICATE_KEY');

const syntaxRemedy = (code: string): string =>
  code === 'DUPLICATE_KEY' ? 'remove or rename one of the two' : 'fix the YAML at this place';
