import { consoleLine } from './console-line.js';
import { decimalFrames, type ParsedFrame, parseFrame } from './parse-frame.js';
import { WildJump } from './wild-jump.js';

/** What follows a headline. */
export interface Body {
  readonly frames: readonly ParsedFrame[];
  /** Frames of "lock …, at: function" lines, in order. */
  readonly locks: readonly ParsedFrame[];
  readonly cpu: number | null;
  readonly pid: number | null;
  readonly comm: string;
  /** Last line that belongs to the event, from 1. */
  readonly endLine: number;
  /** "---[ end trace" or another kernel's word that it is over. */
  readonly ended: boolean;
  /** A `<TASK>` or another stack's mark without its end. */
  readonly isOpen: boolean;
  /** The last line of the text is one of a trace, and breaks off. */
  readonly isTorn: boolean;
  /** The version that the report names: 3.7.2; '' where it names none. */
  readonly version: string;
  /** A line had what was looked for. */
  readonly isMarked: boolean;
}

/** How a body's lines are to be read. */
export interface Reading {
  /** Where the kernel names the caller of each line, lines of other callers are someone else's, and are left out. */
  readonly caller: string;
  /** What the report's lines have in front. */
  readonly prefix: RegExp | null;
  /** Something to look for. */
  readonly mark?: RegExp | undefined;
}

/** Lines of one report that are read, and foreign lines in a row after which it's over. */
const bodyLimit = 1500;
const patience = 40;
const frameLimit = 128;

/**
 * Reads lines from `from` up to `to`, the next event's headline, or until the report is over.
 *
 * @param line number of the line at `from`
 */
export function readBody(text: string, from: number, to: number, line: number, reading: Reading): Body {
  const { caller, prefix, mark } = reading;
  const frames: ParsedFrame[] = [];
  const locks: ParsedFrame[] = [];
  const who: Who = { cpu: null, pid: null, comm: '' };
  const jump = new WildJump();
  let endLine = line;
  let foreign = 0;
  let ended = false;
  let isTorn = false;
  let isMarked = false;
  let version = '';
  const open = new Set<string>();
  let start = from;
  for (let number = line; number < line + bodyLimit && start < to && !ended; number += 1) {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 || newline > to ? to : newline;
    const parsed = consoleLine(text.slice(start, Math.min(end, start + 4096)), prefix);
    start = end + 1;
    if (caller !== '' && parsed.caller !== '' && parsed.caller !== caller) continue;
    const found = jump.read(parsed.text, parseFrame(parsed.text));
    for (const frame of found ? [found, ...decimalFrames(parsed.text).slice(1)] : [])
      if (frames.length < frameLimit && !isRepeated(frame, frames)) frames.push(frame);
    const stack = found ? null : stackMark.exec(parsed.text);
    if (stack?.[2] !== undefined) open[stack[1] === '/' ? 'delete' : 'add'](stack[2]);
    if (open.size > 0 && oldEndOfStack.test(parsed.text)) open.clear();
    if (mark && !isMarked) isMarked = mark.test(parsed.text);
    if (version === '' && (number === line || !found)) version = versionIn(parsed.text);
    isTorn = end === text.length && !found && number > line && tornLine.test(parsed.text);
    const lock = found ? null : lockLine.exec(parsed.text);
    const lockFrame = lock?.[1] === undefined ? null : parseFrame(` ${lock[1]}`);
    if (lockFrame && locks.length < frameLimit) locks.push(lockFrame);
    readWho(parsed.text, who);
    ended = number > line && endMark.test(parsed.text);
    if (found || lock || ended || number === line || dumpLine.test(parsed.text)) {
      endLine = number;
      foreign = 0;
    } else if (++foreign > patience) break;
  }
  return { frames, locks, ...who, endLine, ended, isOpen: open.size > 0, isTorn, version, isMarked };
}

/** x86 prints the instruction pointer up to three times: in the headline's IP:, among the registers, at the end. */
function isRepeated({ frame, instruction }: ParsedFrame, frames: readonly ParsedFrame[]): boolean {
  const same = (other: ParsedFrame): boolean =>
    other.instruction && other.frame.function === frame.function && other.frame.offset === frame.offset;
  return instruction && frames.some(same);
}

interface Who {
  cpu: number | null;
  pid: number | null;
  comm: string;
}

/** Whose context it was: four eras of the same header. The first that is seen counts. */
function readWho(text: string, who: Who): void {
  if (who.pid !== null || !whoWords.test(text)) return;
  const modern =
    /\bCPU: (\d{1,5}) (?:UID: \d+ )?PID: (\d{1,8}) Comm: (.{1,32}?) (?:Not tainted|Tainted|Kdump)/.exec(text);
  const old = modern
    ? null
    : /\bPid: (\d{1,8}), comm: +(.{1,16}?)(?: (?:Not tainted|Tainted)|, |$)/.exec(text);
  const process = modern || old ? null : /^Process (.{1,16}?) \(pid: (\d{1,8}),/.exec(text);
  const stuck = /CPU#(\d{1,5}) stuck for \S+ \[(.{1,32}):(\d{1,8})\]/.exec(text);
  if (modern) assign(who, modern[1], modern[2], modern[3]);
  else if (old) assign(who, undefined, old[1], old[2]);
  else if (process) assign(who, undefined, process[2], process[1]);
  else if (stuck) assign(who, stuck[1], stuck[3], stuck[2]);
  else {
    const task = /INFO: task (.{1,64}?):(\d{1,8}) (?:blocked|can't die|is blocked)/.exec(text);
    if (task) assign(who, undefined, task[2], task[1]);
    const cpu = /^CPU (\d{1,5})\s*$/.exec(text);
    if (cpu) who.cpu = Number(cpu[1]);
  }
}

const whoWords = /Comm: |comm: |^Process |CPU#|INFO: task|^CPU \d/;

function assign(who: Who, cpu: string | undefined, pid: string | undefined, comm: string | undefined): void {
  if (cpu !== undefined) who.cpu = Number(cpu);
  if (pid !== undefined) who.pid = Number(pid);
  if (comm !== undefined) who.comm = comm;
}

/** `<TASK>` since 5.16; before 4.9 a stack ended with `<EOI>` or `<<EOE>>`. */
const stackMark = /^\s*<(\/?)(TASK|IRQ|NMI|SOFTIRQ|ENTRY|#[A-Z]{2})>\s*$/;
const oldEndOfStack = /<EO[IE]>/;

/** A frame that was about to come. */
const tornLine =
  /^\s*(?:\[?<?[0-9a-f]{4,16}>?\]?\s*)?(?:\? )?[A-Za-z_][\w.]{2,64}\+(?:0(?:x[0-9a-f]*\/?(?:0?x?))?)?$|^\s*\[<[0-9a-f]{0,16}>?\]?$/;

/** "Not tainted 3.7.2 #1", "Tainted: G W 2.6.32-5-amd64 #1", "4.10.0+ #260 Not tainted", "EFLAGS: 00010246 (2.6.17)". */
function versionIn(text: string): string {
  if (!versionWords.test(text)) return '';
  return versionAfter.exec(text)?.[1] ?? versionFirst.exec(text)?.[1] ?? '';
}

const versionWords = /ainted|EFLAGS: [0-9a-f]{8} +\(/;
const versionAfter =
  /(?:ainted:? |EFLAGS: [0-9a-f]{8} +\()[^\n]{0,80}?\(?\b(\d{1,2}\.\d{1,3}(?:\.\d{1,3})?)[\w.+~-]{0,80}(?: #|\)|$)/;
const versionFirst = /^\s*(\d{1,2}\.\d{1,3}(?:\.\d{1,3})?)[\w.+~-]{0,80} #\d/;

const lockLine = /(?:, at: |\bat:\s+)((?:\[<[0-9a-f]{8,16}>\] )?[A-Za-z_]\S{1,160})/;

const endMark = /---\[ end (?:trace|Kernel panic)/;

/** Lines that only a report prints: registers, code, stacks, headers, markers. */
const dumpLine =
  /^\s*(?:Call Trace|Backtrace|backtrace|Stack\b|Code: |Modules linked in|CPU: |Pid: |Process |Hardware name|R[A-Z0-9]{2}: |E[A-Z]{2}: |RSP|CR[0-9]|DR[0-9]|FS: |CS: |PGD |PUD |\*pd|IP: |Oops|task: |Workqueue: |<\/?[A-Z]+>|Tainted|Object |Redzone |Padding |Kernel Offset|Rebooting in|[0-9a-f]{16} [0-9a-f]{16}|={6,}|-{6,}|stack backtrace|other info|which lock|but task is|the existing dependency|-> #)/;
