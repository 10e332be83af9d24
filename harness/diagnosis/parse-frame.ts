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
  if (plus === -1) return inlined(text) ?? armFrame(text, ' from [');
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
  return armFrame(text, ' from [');
}

/** `do_sys_open`: what compilers append (.isra.3, .part.0, .constprop.1, .cold, .llvm.123) is cut off; every prefix
 *  of a system call's entry, which changed five times, becomes sys_. */
export function normalFunction(name: string): string {
  const dot = name.indexOf('.', 1);
  const bare = dot === -1 ? name : name.slice(0, dot);
  const call = systemCall.exec(bare);
  return call?.[1] === undefined ? bare : `sys_${call[1]}`;
}

function inlined(text: string): ParsedFrame | null {
  if (!text.endsWith('[inline]')) return null;
  const match = inlineLine.exec(text);
  return match ? make(match[1], '', '', true, false) : null;
}

function armFrame(text: string, needle: string): ParsedFrame | null {
  if (!text.includes(needle) && !text.includes(') from ')) return null;
  const match = armLine.exec(text);
  return match ? make(match[1], match[2], '', true, false) : null;
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
const symbol = String.raw`([A-Za-z_$<][\w.$:<>]{0,127})`;
const offset = String.raw`\+(0x[0-9a-f]{1,8}(?:\/0x[0-9a-f]{1,8})?)`;
const module = String.raw`(?:\s+\[([\w-]{1,64})[^\]\n]{0,64}\])?`;

/** RIP, EIP and IP of x86; PC of arm, pc of arm64, NIP of powerpc, epc of MIPS and RISC-V. */
const instructionLine = new RegExp(
  String.raw`^\s*(?:R?IP|EIP|pc|PC|NIP|epc|PSW)(?: is at)?\s*:?\s+(?:[0-9a-f]{2,4}:)?\s*(?:0x)?${address}\(?${symbol}${offset}${module}`,
);
const stackLine = new RegExp(
  String.raw`^\s*(?:<[A-Z]{2,5}>\s*)?(?:\[?<?[0-9a-f]{8,16}>?\]?\s+){0,2}(?:\[<[0-9a-f]{8,16}>\]\s*){0,2}(\?\s*)?\(?${symbol}${offset}\)?${module}`,
);
const inlineLine = new RegExp(String.raw`^\s*(?:\[\s*inline\s*\]\s*)?${symbol}\s+\S+:\d+ \[inline\]$`);
const armLine = new RegExp(
  String.raw`^\s*(?:\[<[0-9a-f]{8,16}>\]\s*)?\(?${symbol}(?:${offset})?\)?(?: \[[\w-]{1,64}\])? from (?:\[<|\w)`,
);
const systemCall =
  /^(?:__x64_sys_|__ia32_sys_|__arm64_sys_|__se_sys_|__do_sys_|__se_compat_sys_|__ia32_compat_sys_|__x64_compat_sys_|__do_compat_sys_|compat_SyS_|compat_sys_|SyS_|SYSC_|C_SYSC_)(\w+)$/;
