import { BootedVersions } from './boot-words.js';
import { type Headline, headlineFinder } from './headline-finder.js';
import { type Console, type Event, makeReport } from './make-report.js';
import { rules } from './rules/all-rules.js';
import { isSameStall } from './same-stall.js';
import type { Report } from './types.js';

const findHeadlines = headlineFinder(rules);

/** Reports of one console that are told apart; a console with more says the same thing over and over. */
const reportLimit = 10_000;

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
  const console = { text, stamped: isStamped(text), booted: new BootedVersions(text) };
  const reports: Report[] = [];
  let open: Event | null = null;
  const devices = new Set<string>();
  for (const headline of findHeadlines(text)) {
    if (headline.rule.family === 'network') {
      const device = headline.match[1] ?? '';
      if (!devices.has(device) && devices.size < deviceLimit) {
        devices.add(device);
        reports.push(makeReport(console, alone(headline), headline.lineEnd));
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
    if (open) reports.push(...reportsOf(console, open, headline.lineStart));
    open = null;
    if (reports.length >= reportLimit) break;
    open = alone(headline);
  }
  if (open) reports.push(...reportsOf(console, open, text.length));
  return reports.sort((one, other) => one.line - other.line);
}

const alone = (headline: Headline): Event => ({
  first: headline,
  last: headline,
  title: headline,
  joined: new Set([headline.rule.family]),
  panic: null,
});

function joins(open: Event, headline: Headline, text: string): boolean {
  const { rule, line, lineStart } = headline;
  if (!rule.joins?.some((family) => family === open.title.rule.family || family === open.first.rule.family))
    return false;
  const lines = rule.family === 'oom' ? reach.oom : reach.near;
  if (line - open.last.line > lines) return false;
  if (rule.family === 'die' && open.joined.has('die')) return false;
  if (rule.family === 'rcu' && !isSameStall(text, open.last, headline)) return false;
  // the unwinder still has to say something when the trace is over: a panic prints another
  if (rule.family === 'unwinder') return true;
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
function reportsOf(console: Console, event: Event, to: number): Report[] {
  const { panic, first } = event;
  const isMade = ({ frames }: Report): boolean =>
    frames.length > 0 || first.prefix === null || first.rule.vague !== true || event.last !== first;
  if (!panic) return [makeReport(console, event, to)].filter(isMade);
  const cut = makeReport(console, event, panic.lineStart);
  const hasStack = cut.frames.some((frame) => frame.reliable);
  const cause = hasStack || panic.line - event.last.line > reach.near ? cut : makeReport(console, event, to);
  return [...[cause].filter(isMade), makeReport(console, alone(panic), to)];
}

/** Whether this kernel stamps its lines: most of those in the first 64 KiB that are not blank. */
function isStamped(text: string): boolean {
  const lines = text
    .slice(0, 65_536)
    .split('\n')
    .filter((line) => line.trim() !== '');
  const stamps = lines.filter((line) => /^(?:<\d{1,3}>)?\[ *\d{1,9}\.\d+\]/.test(line)).length;
  return stamps > lines.length / 2;
}
