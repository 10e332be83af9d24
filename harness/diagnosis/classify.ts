import { printable } from '../host/printable.js';
import { consoleLine } from './console-line.js';
import { findHeadlines, type Headline } from './find-headlines.js';
import { guiltyFunction } from './guilty-function.js';
import { matchKnownIssue } from './match-known-issue.js';
import { type Body, readBody } from './read-body.js';
import type { Rule } from './rules/rule.js';
import { signatureOf } from './signature.js';
import type { Report } from './types.js';

/** Reports of one console that are told apart; a console with more says the same thing over and over. */
const reportLimit = 10_000;

/** Lines between two headlines of one event: an OOM prints all tasks in between, the others a few lines. */
const reach = { near: 40, oom: 1000 };

/**
 * Finds every report in a console, in console order. Never throws, whatever the bytes; time is linear in their number.
 *
 * One event may have several headlines ("BUG: unable to handle …" then "Oops: 0000"): rules say what joins what, and it
 * is one report, at its first headline's line. A panic is a report of its own even where an oops led to it, so that both
 * can be seen; judge.ts decides which of them is the outcome.
 *
 * @param text a console; a Buffer is read as Latin-1, so that no byte can be invalid
 */
export function classify(text: string | Buffer): Report[] {
  const console = typeof text === 'string' ? text : text.toString('latin1');
  const stamped = isStamped(console);
  const reports: Report[] = [];
  let open: Event | null = null;
  for (const headline of findHeadlines(console)) {
    if (open && joins(open, headline, console)) {
      open.last = headline;
      open.joined.add(headline.rule.family);
      if (headline.rule.takesOver) open.rule = headline.rule;
      if (headline.rule.takesOver) open.title = headline;
      continue;
    }
    if (open) reports.push(report(console, open, headline.lineStart, stamped));
    if (reports.length === reportLimit) return reports;
    open = { first: headline, last: headline, title: headline, rule: headline.rule, joined: new Set() };
  }
  if (open) reports.push(report(console, open, console.length, stamped));
  return reports;
}

interface Event {
  readonly first: Headline;
  last: Headline;
  title: Headline;
  rule: Rule;
  readonly joined: Set<string>;
}

function joins(open: Event, { rule, line, lineStart, match }: Headline, console: string): boolean {
  if (!rule.joins?.some((family) => family === open.rule.family || family === open.first.rule.family))
    return false;
  if (rule.family === 'network') return match[1] === open.title.match[1];
  const lines = rule.family === 'oom' ? reach.oom : reach.near;
  if (line - open.last.line > lines) return false;
  if (rule.family === 'die' && open.joined.has('die')) return false;
  const between = console.slice(open.last.lineEnd, Math.min(lineStart, open.last.lineEnd + 200_000));
  return !between.includes('---[ end trace');
}

function report(console: string, event: Event, to: number, stamped: boolean): Report {
  const { first, last, rule, title } = event;
  const opening = consoleLine(first.before + first.match[0]);
  const body = readBody(console, first.lineStart, Math.max(to, first.lineEnd), first.line, opening.caller);
  const guilty = guiltyFunction(rule.guilty, title.match.groups?.fn ?? '', body);
  const words = wording(rule, title.match);
  const frames = body.frames.map(({ frame }) => frame);
  const found = {
    kind: rule.kind,
    title: guilty === '' ? words : `${words} in ${guilty}`,
    function: guilty,
    signature: rule.signature ?? signatureOf(rule.kind, guilty, frames, words),
    corrupted: isCorrupted(rule, first, body, guilty, stamped && opening.seconds === null),
    line: first.line,
    endLine: Math.max(body.endLine, last.line),
    frames,
    cpu: body.cpu,
    pid: body.pid,
    comm: printable(body.comm, 64),
    seconds: opening.seconds,
  };
  return { ...found, knownIssue: matchKnownIssue(found) };
}

function wording(rule: Rule, match: RegExpExecArray): string {
  const words = rule.title.replace(/\$([1-3])/g, (_, group: string) => match[Number(group)] ?? '');
  return printable(words.trim(), 160);
}

/**
 * Corrupted: others wrote into the headline; a stack that should be there isn't; or the console is stamped and the
 * headline isn't, which is how text looks that user space wrote itself (a dmesg printed in a container, a hoax).
 */
function isCorrupted(rule: Rule, first: Headline, body: Body, guilty: string, unstamped: boolean): boolean {
  if (unstamped) return true;
  if (first.interleaved && first.before.trim() !== '' && rule.family !== 'oom') return true;
  if (rule.stackless || rule.guilty === 'none') return false;
  return guilty === '' && !body.frames.some(({ frame }) => frame.reliable);
}

/** Whether this kernel stamps its lines: most of those in the first 64 KiB that are not blank. */
function isStamped(console: string): boolean {
  const lines = console
    .slice(0, 65_536)
    .split('\n')
    .filter((line) => line.trim() !== '');
  const stamps = lines.filter((line) => /^(?:<\d{1,3}>)?\[ *\d+\.\d+\]/.test(line)).length;
  return stamps > lines.length / 2;
}
