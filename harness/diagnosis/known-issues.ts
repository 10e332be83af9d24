import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { UsageError } from '../errors.js';
import { projectRoot } from '../host/project.js';
import { reportKinds } from './types.js';

const matchRule = z
  .strictObject({
    /** Empty: any kind. */
    kinds: z.array(z.enum(reportKinds)).default([]),
    /** Functions that must all be among the reliable frames (or be the guilty function). */
    allOf: z.array(z.string().min(1)).default([]),
    /** Functions of which one must be. */
    anyOf: z.array(z.string().min(1)).default([]),
    /** A module that a reliable frame must be in. */
    module: z.string().default(''),
    why: z.string().min(1),
  })
  .refine((rule) => rule.allOf.length + rule.anyOf.length > 0 || rule.module !== '', {
    message: 'a rule needs allOf, anyOf or module: a kind alone would match anything',
  });

/** 2.6.32, 3.8; no suffix. */
const version = z.string().regex(/^\d+(\.\d+){1,2}$/);

const knownIssue = z.strictObject({
  /** As people call it: "#407", "LP#720095". */
  id: z.string().min(1),
  title: z.string().min(1),
  /** For people. */
  affected: z.string().min(1),
  fixed: z.string().min(1),
  /**
   * Kernels outside it don't have the bug, whatever their frames look like; a report that names no version is matched by
   * its frames alone. Absent: any kernel.
   */
  versions: z.strictObject({ from: version, before: version }).optional(),
  commit: z.string().default(''),
  url: z.string().default(''),
  match: z.array(matchRule).min(1),
  mustNot: z.array(matchRule).default([]),
});

/** A bug with a name, and how to know it again. */
export type KnownIssue = z.infer<typeof knownIssue>;

let loaded: readonly KnownIssue[] | undefined;

/** The issues of bugs/known-issues.yml, read once. */
export function knownIssues(): readonly KnownIssue[] {
  loaded ??= loadKnownIssues(join(projectRoot, 'bugs', 'known-issues.yml'));
  return loaded;
}

/** @param id as a report names it; null (a report of no known issue) gives undefined */
export const knownIssueOf = (id: string | null): KnownIssue | undefined =>
  knownIssues().find((issue) => issue.id === id);

/**
 * @throws UsageError with line and column where the file doesn't parse or doesn't fit
 */
export function loadKnownIssues(path: string): readonly KnownIssue[] {
  return parseKnownIssues(readFileSync(path, 'utf8'), path);
}

/** @param name of the file, for errors */
export function parseKnownIssues(source: string, name: string): readonly KnownIssue[] {
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines });
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${name}:${line}:${col}`;
  };
  const [broken] = document.errors;
  if (broken)
    throw new UsageError(broken.message.split('\n')[0] ?? 'not YAML', { where: place(broken.pos[0]) });
  const parsed = z.strictObject({ issues: z.array(knownIssue) }).safeParse(document.toJS());
  if (parsed.success) return parsed.data.issues;
  const [issue] = parsed.error.issues;
  const path = issue?.path.filter((key) => typeof key !== 'symbol') ?? [];
  throw new UsageError(`${path.join('.') || 'document'}: ${issue?.message ?? 'does not fit'}`, {
    where: place(offsetOf(document, path)),
    remedy: 'see the schema in harness/diagnosis/known-issues.ts',
  });
}

/** Where the node of a path begins, or the nearest node above it that exists. */
function offsetOf(document: ReturnType<typeof parseDocument>, path: readonly (string | number)[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node: unknown = document.getIn(path.slice(0, length), true);
    if (node !== null && typeof node === 'object' && 'range' in node && Array.isArray(node.range)) {
      return Number(node.range[0]);
    }
  }
  return 0;
}
