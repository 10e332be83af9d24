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

/** How far two reports that are printed at once, by two CPUs, may run into each other. */
const interleavedBytes = 16_384;

/** Network devices that are told apart. */
const deviceLimit = 100;

/** Lines between two headlines of one event: an OOM prints all tasks in between, the others a few lines. */
const reach = { near: 40, oom: 1000 };

/**
 * Finds every report in a console, in console order. Never throws, whatever the bytes; time is linear in their number.
 *
 * One event may have several headlines ("BUG: unable to handle …" then "Oops: 0000"): rules say what joins what, and it
 * is one report, at its first headline's line. A panic is a report of its own even where an oops led to it, so that both
 * can be seen; judge.ts decides which of them is the outcome.
 *
 * @param input a console; a Buffer is read as Latin-1, so that no byte can be invalid
 */
export function classify(input: string | Buffer): Report[] {
  const text = typeof input === 'string' ? input : input.toString('latin1');
  const stamped = isStamped(text);
  const reports: Report[] = [];
  let open: Event | null = null;
  const devices = new Set<string>();
  for (const headline of findHeadlines(text)) {
    if (headline.rule.family === 'network') {
      const device = headline.match[1] ?? '';
      if (!devices.has(device) && devices.size < deviceLimit) {
        devices.add(device);
        reports.push(report(text, alone(headline), headline.lineEnd, stamped));
      }
      continue;
    }
    if (open && joins(open, headline, text)) {
      open.last = headline;
      open.joined.add(headline.rule.family);
      if (headline.rule.takesOver) open.title = headline;
      continue;
    }
    if (open && isEndOf(open, headline)) {
      open.panic = headline;
      continue;
    }
    if (open) reports.push(...reportsOf(text, open, headline.lineStart, stamped));
    open = null;
    if (reports.length >= reportLimit) break;
    open = alone(headline);
  }
  if (open) reports.push(...reportsOf(text, open, text.length, stamped));
  return reports.sort((one, other) => one.line - other.line);
}

const alone = (headline: Headline): Event => ({
  first: headline,
  last: headline,
  title: headline,
  joined: new Set(),
  panic: null,
});

interface Event {
  readonly first: Headline;
  last: Headline;
  /** The headline that says best what it was. */
  title: Headline;
  readonly joined: Set<string>;
  /** The panic that followed, if one did. */
  panic: Headline | null;
}

function joins(open: Event, { rule, line, lineStart }: Headline, text: string): boolean {
  if (!rule.joins?.some((family) => family === open.title.rule.family || family === open.first.rule.family))
    return false;
  const lines = rule.family === 'oom' ? reach.oom : reach.near;
  if (line - open.last.line > lines) return false;
  if (rule.family === 'die' && open.joined.has('die')) return false;
  const between = text.slice(open.last.lineEnd, Math.min(lineStart, open.last.lineEnd + 200_000));
  return !between.includes('---[ end trace');
}

function isEndOf(open: Event, { rule, line }: Headline): boolean {
  return (
    rule.family === 'panic' &&
    open.panic === null &&
    open.title.rule.family !== 'panic' &&
    line - open.last.line <= reach.oom
  );
}

/**
 * An event, and the panic that ended it as a report of its own. With panic_on_warn and its like the panic's headline
 * comes before the stack of what it ends, and there is one stack for both.
 */
function reportsOf(text: string, event: Event, to: number, stamped: boolean): Report[] {
  const { panic } = event;
  if (!panic) return [report(text, event, to, stamped)];
  const cut = report(text, event, panic.lineStart, stamped);
  const hasStack = cut.frames.some((frame) => frame.reliable);
  const cause =
    hasStack || panic.line - event.last.line > reach.near ? cut : report(text, event, to, stamped);
  return [cause, report(text, alone(panic), to, stamped)];
}

function report(text: string, event: Event, to: number, stamped: boolean): Report {
  const { first, last, title } = event;
  const { rule } = title;
  const opening = consoleLine(first.before + first.match[0]);
  const end = Math.max(to, first.lineEnd);
  let body = readBody(text, first.lineStart, end, first.line, opening.caller);
  // Callers named: another's headline in between doesn't end this report, so look on for its own stack.
  if (opening.caller !== '' && body.frames.length === 0 && !rule.stackless)
    body = readBody(
      text,
      first.lineStart,
      Math.min(text.length, end + interleavedBytes),
      first.line,
      opening.caller,
    );
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
function isStamped(text: string): boolean {
  const lines = text
    .slice(0, 65_536)
    .split('\n')
    .filter((line) => line.trim() !== '');
  const stamps = lines.filter((line) => /^(?:<\d{1,3}>)?\[ *\d+\.\d+\]/.test(line)).length;
  return stamps > lines.length / 2;
}
