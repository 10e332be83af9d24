import type { ParsedFrame } from './parse-frame.js';

/**
 * Finds who called through a wild pointer. Such a call leaves its return address on top of the stack and no frame of its
 * own, so that the kernel marks the caller `?`: its unwinder goes by a frame pointer that nobody pushed. Where the
 * instruction pointer has no symbol and the first word of the stack dump is the address of the first entry of the
 * trace, that entry is the caller, as surely as any (arch/x86/kernel/dumpstack_64.c prints both, up to 4.8).
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
    if (found === null) this.#look(text);
    else {
      this.#isOver = true;
      const [, address] = entryAddress.exec(text) ?? [];
      if (this.#isWild && address !== undefined && address === this.#top)
        return { ...found, frame: { ...found.frame, reliable: true } };
    }
    return found;
  }

  #look(text: string): void {
    if (wildPointer.test(text)) this.#isWild = true;
    const [, word] = (this.#isStackNext ? firstWord : stackAndWord).exec(text) ?? [];
    if (word !== undefined && this.#top === '') this.#top = word;
    this.#isStackNext = /^\s*Stack:\s*$/.test(text);
  }
}

/** The kernel's own code segment; user space's pointer has no symbol ever. */
const wildPointer = /^(?:RIP: 0010:|EIP: 0060:)/;
const firstWord = /^\s*(?:<0>\s*)?([0-9a-f]{8}(?:[0-9a-f]{8})?)\b/;
const stackAndWord = /^\s*Stack:\s+([0-9a-f]{8}(?:[0-9a-f]{8})?)\b/;
const entryAddress = /^\s*\[<([0-9a-f]{8,16})>\]/;
