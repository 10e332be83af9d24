import type { Frame } from './types.js';

/** A frame, and whether it is the instruction pointer's own. */
export interface ParsedFrame {
  readonly frame: Frame;
  readonly instruction: boolean;
}

/**
 * Reads one line of a stack trace or an instruction pointer line, of x86 in all eras and of the other
 * architectures' common forms.
 *
 * @param text a line as {@link import('./console-line.js').consoleLine} leaves it
 */
export function parseFrame(text: string): ParsedFrame | null {
  const plus = text.indexOf('+0x');
  if (plus === -1) return inlined(text) ?? armFrame(text) ?? decimalFrames(text)[0] ?? null;
  const pointer = instructionLine.exec(text);
  if (pointer) return make(pointer[1], pointer[2], pointer[3], true, true);
  const match = stackLine.exec(text);
  if (match)
    return make(
      match[2],
      match[3],
      match[4],
      match[1] === undefined && !text.includes('(unreliable)') && !text.includes(' (?)'),
      false,
    );
  return armFrame(text);
}

/**
 * klogd put names for addresses, with decimal offsets: `[d_lookup+28/416]`, `[ext3:ext3_lookup+28/416]`; x86-64 did so
 * itself to 2.6.17: `<ffffffff8018a1b2>{:ext3:ext3_lookup+28}`. Both have several frames in one line.
 */
export function decimalFrames(text: string): ParsedFrame[] {
  if (!text.includes('+') || !decimalLine.test(text)) return [];
  const instruction = /^\s*[RE]?IP\b/.test(text);
  return [...text.matchAll(decimalFrame)].flatMap(([, module, name, at, size, module64, name64, at64]) => {
    const offset = name === undefined ? hex(at64) : `${hex(at)}/${hex(size)}`;
    return make(name ?? name64, offset, module ?? module64, true, instruction) ?? [];
  });
}

const hex = (decimal = ''): string => `0x${Number(decimal).toString(16)}`;

/** `do_sys_open`: what compilers append (.isra.3, .part.0, .constprop.1, .cold, .llvm.123) is cut off; every prefix
 *  of a system call's entry, which changed five times, becomes sys_. */
export function normalFunction(name: string): string {
  // the entry point of a function on ppc64, whose plain name is its descriptor
  const start = name.startsWith('.') ? 1 : 0;
  const dot = name.indexOf('.', start + 1);
  const bare = name.slice(start, dot === -1 ? undefined : dot);
  const call = systemCall.exec(bare);
  return call?.[1] === undefined ? bare : `sys_${call[1]}`;
}

function inlined(text: string): ParsedFrame | null {
  if (!text.endsWith('[inline]')) return null;
  const match = inlineLine.exec(text);
  return match ? make(match[1], '', '', true, false) : null;
}

function armFrame(text: string): ParsedFrame | null {
  if (!text.includes(' from ')) return null;
  const match = armLine.exec(text);
  return match ? make(match[1], match[2], match[3] ?? match[4], true, false) : null;
}

function make(
  name: string | undefined,
  offset: string | undefined,
  module: string | undefined,
  reliable: boolean,
  instruction: boolean,
): ParsedFrame | null {
  if (!name) return null;
  const frame = {
    function: normalFunction(name),
    offset: offset ? `+${offset}` : '',
    module: module ?? '',
    reliable,
  };
  return { frame, instruction };
}

const address = String.raw`(?:\[?<?[0-9a-f]{8,16}>?\]?:?\s+){0,3}`;
const symbol = String.raw`(\.?[A-Za-z_$<][\w.$:<>]{0,127})`;
const offset = String.raw`\+(0x[0-9a-f]{1,8}(?:\/0x[0-9a-f]{1,8})?)`;
const module = String.raw`(?:\s+\[([\w-]{1,64})[^\]\n]{0,64}\])?`;

/** RIP, EIP and IP of x86; PC of arm, pc of arm64, NIP of powerpc, epc of MIPS and RISC-V, PSW of s390. */
const instructionLine = new RegExp(
  String.raw`^\s*(?:R?IP|EIP|pc|PC|NIP|epc|(?:Krnl )?PSW)(?: is at)?\s*:?\s+(?:[0-9a-f]{2,4}:)?\s*(?:0x)?${address}\(?${symbol}${offset}${module}`,
);
const stackLine = new RegExp(
  String.raw`^\s*(?:<[A-Z]{2,5}>\s*)?\(?(?:\[?<?[0-9a-f]{8,16}>?\]?\s+){0,2}(?:\[<[0-9a-f]{8,16}>\]\s*){0,2}(?:\[[\w.:]{1,128}\+\d{1,7}\/\d{1,10}\]\s+)?(\?\s*)?\(?${symbol}${offset}\)?${module}`,
);
const inlineLine = new RegExp(String.raw`^\s*(?:\[\s*inline\s*\]\s*)?${symbol}\s+\S+:\d+ \[inline\]$`);
const armLine = new RegExp(
  String.raw`^\s*(?:\[<[0-9a-f]{8,16}>\]\s*)?\(?${symbol}(?:${offset})?${module}\)?${module} from (?:\[<|${symbol}${offset})`,
);
const decimalLine = /^\s*(?:[RE]?IP\b|Call Trace:|\[(?:\w+:)?[A-Za-z_.]|<|\{)/;
const decimalFrame =
  /\[(?:(\w{1,64}):)?(\.?[A-Za-z_][\w.]{0,127})\+(\d{1,7})\/(\d{1,10})\]|\{:?(?:(\w{1,64}):)?([A-Za-z_][\w.]{0,127})\+(\d{1,7})\}/g;
const systemCall =
  /^(?:__x64_sys_|__ia32_sys_|__arm64_sys_|__se_sys_|__do_sys_|__se_compat_sys_|__ia32_compat_sys_|__x64_compat_sys_|__do_compat_sys_|compat_SyS_|compat_sys_|SyS_|SYSC_|C_SYSC_)(\w+)$/;
