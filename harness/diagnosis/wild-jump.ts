import type { ParsedFrame } from './parse-frame.js';

/**
 * Finds who called through a wild pointer. Such a call leaves its return address on top of the stack and no frame of its
 * own, so that the kernel marks the caller `?`: its unwinder goes by a frame pointer that nobody pushed. Where the
 * instruction pointer has no symbol and the first word of the stack dump is the address of the first entry of the
 * trace, that entry counts as a frame. A return to a smashed address can look the same only if the next word on the
 * stack happens to be the address of code. x86-64 prints both up to 4.9 (arch/x86/kernel/dumpstack_64.c).
 *
 * It reads the lines of one report in order.
 */
export class WildJump {
  #isWild = false;
  #isStackNext = false;
  #top = '';
  #isOver = false;

  /**
   * @param found the line's frame; null where it has none
   * @returns the frame to take in its place
   */
  read(text: string, found: ParsedFrame | null): ParsedFrame | null {
    if (this.#isOver) return found;
    if (found === null) {
      this.#look(text);
      return null;
    }
    this.#isOver = true;
    const [, address] = entryAddress.exec(text) ?? [];
    const isCaller = this.#isWild && address !== undefined && address === this.#top;
    return isCaller ? { ...found, frame: { ...found.frame, reliable: true } } : found;
  }

  #look(text: string): void {
    if (wildPointer.test(text)) this.#isWild = true;
    if (this.#isStackNext) this.#top = firstWord.exec(text)?.[1] ?? '';
    this.#isStackNext = stackHeading.test(text);
  }
}

/** In the kernel's own code segment, whole, and a number where a symbol would stand. */
const wildPointer = /^RIP: 0010:\[<[^>]{1,20}>\]\s+\[<[^>]{1,20}>\]\s+(?:0x[0-9a-f]+|\(null\))\s*$/;
const stackHeading = /^\s*Stack:\s*$/;
const firstWord = /^\s*(?:<0>\s*)?([0-9a-f]{16})\b/;
const entryAddress = /^\s*(?:<[A-Z]{2,5}>\s*)?\[<([0-9a-f]{16})>\]/;
