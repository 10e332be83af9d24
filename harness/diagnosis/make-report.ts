import { printable } from '../host/printable.js';
import type { BootedVersions } from './boot-words.js';
import { consoleLine } from './console-line.js';
import { guiltyFunction } from './guilty-function.js';
import type { Headline } from './headline-finder.js';
import { matchKnownIssue } from './match-known-issue.js';
import { type Body, type Reading, readBody } from './read-body.js';
import type { Family, Rule } from './rules/rule.js';
import { sharedPrefixOfBody } from './shared-prefix.js';
import { signatureOf } from './signature.js';
import type { Report } from './types.js';
import { isStackLost, isTruncated } from './wholeness.js';

/** One event: its headlines, from the first to the last. */
export interface Event {
  readonly first: Headline;
  last: Headline;
  /** The headline that says best what it was. */
  title: Headline;
  readonly joined: Set<Family>;
  /** The panic that followed, if one did. */
  panic: Headline | null;
}

/** What is the same for all reports of a console. */
export interface Console {
  readonly text: string;
  /** This kernel stamps its lines. */
  readonly stamped: boolean;
  readonly booted: BootedVersions;
}

/** How far two reports that are printed at once, by two CPUs, may run into each other. */
const interleavedBytes = 16_384;

/**
 * Reads an event's body and says what it was.
 *
 * @param to offset at which the next event begins
 */
export function makeReport(console: Console, event: Event, to: number): Report {
  const { first, last, title } = event;
  const { rule } = title;
  const opening = consoleLine(first.before + first.match[0], first.prefix);
  const body = bodyOf(console, event, Math.max(to, first.lineEnd), opening.caller);
  const guilty = guiltyFunction(rule.guilty, title.match.groups?.fn ?? '', body);
  const narrower = body.isMarked ? rule.narrower : undefined;
  const words = narrower?.title ?? wording(rule, title.match);
  const frames = body.frames.map(({ frame }) => frame);
  const version = (): string => body.version || console.booted.before(first.lineStart);
  const found = {
    kind: rule.kind,
    title: guilty === '' ? words : `${words} in ${guilty}`,
    function: guilty,
    signature: narrower?.signature ?? rule.signature ?? signatureOf(rule.kind, guilty, frames, words),
    corrupted: isCorrupted(rule, first, body, guilty, console.stamped && opening.seconds === null),
    truncated: isTruncated(body, {
      rule,
      isAlone: last === first,
      families: event.joined,
      panicked: event.panic !== null,
      version,
    }),
    line: first.line,
    endLine: Math.max(body.endLine, last.line),
    frames,
    cpu: body.cpu,
    pid: body.pid,
    comm: printable(body.comm, 64),
    seconds: opening.seconds,
  };
  return { ...found, knownIssue: matchKnownIssue(found, version) };
}

function bodyOf({ text }: Console, { first, title }: Event, end: number, caller: string): Body {
  const { rule } = title;
  const read = (to: number, more: Partial<Reading> = {}): Body =>
    readBody(text, first.lineStart, to, first.line, {
      caller,
      prefix: first.prefix,
      mark: rule.narrower?.mark,
      ...more,
    });
  const body = read(end);
  if (body.frames.length > 0 || rule.stackless) return body;
  // Callers named: another's headline in between doesn't end this report, so look on for its own stack.
  if (caller !== '') return read(Math.min(text.length, end + interleavedBytes));
  const prefix = first.prefix === null ? sharedPrefixOfBody(text, first.lineStart) : null;
  return prefix === null ? body : read(end, { prefix });
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
  if (rule.family !== 'panic' && isStackLost(body)) return true;
  // helpers and nobody who called them: the rest of the stack went elsewhere
  if (guilty === '' && (rule.guilty === 'stack' || rule.guilty === 'entry') && rule.family !== 'panic')
    return true;
  return guilty === '' && !body.frames.some(({ frame }) => frame.reliable);
}
