import { consoleLine } from './console-line.js';
import { type ParsedFrame, parseFrame } from './parse-frame.js';
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
}

/** Lines of one report that are read, and foreign lines in a row after which it's over. */
const bodyLimit = 1500;
const patience = 40;
const frameLimit = 128;

/**
 * Reads lines from `from` up to `to`, the next event's headline, or until the report is over. Where the kernel names
 * the caller of each line, lines of other callers are someone else's, and are left out.
 *
 * @param line number of the line at `from`
 */
export function readBody(text: string, from: number, to: number, line: number, caller: string): Body {
  const frames: ParsedFrame[] = [];
  const locks: ParsedFrame[] = [];
  const who: Who = { cpu: null, pid: null, comm: '' };
  const jump = new WildJump();
  let endLine = line;
  let foreign = 0;
  let ended = false;
  let start = from;
  for (let number = line; number < line + bodyLimit && start < to && !ended; number += 1) {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 || newline > to ? to : newline;
    const parsed = consoleLine(text.slice(start, Math.min(end, start + 4096)));
    start = end + 1;
    if (caller !== '' && parsed.caller !== '' && parsed.caller !== caller) continue;
    const found = jump.read(parsed.text, parseFrame(parsed.text));
    if (found && frames.length < frameLimit && !isRepeated(found, frames)) frames.push(found);
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
  return { frames, locks, ...who, endLine, ended };
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

const lockLine = /(?:, at: |\bat:\s+)((?:\[<[0-9a-f]{8,16}>\] )?[A-Za-z_]\S{1,160})/;

const endMark = /---\[ end (?:trace|Kernel panic)/;

/** Lines that only a report prints: registers, code, stacks, headers, markers. */
const dumpLine =
  /^\s*(?:Call Trace|Backtrace|backtrace|Stack\b|Code: |Modules linked in|CPU: |Pid: |Process |Hardware name|R[A-Z0-9]{2}: |E[A-Z]{2}: |RSP|CR[0-9]|DR[0-9]|FS: |CS: |PGD |PUD |\*pd|IP: |Oops|task: |Workqueue: |<\/?[A-Z]+>|Tainted|Object |Redzone |Padding |Kernel Offset|Rebooting in|[0-9a-f]{16} [0-9a-f]{16}|={6,}|-{6,}|stack backtrace|other info|which lock|but task is|the existing dependency|-> #)/;
