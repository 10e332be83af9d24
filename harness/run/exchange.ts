import { closeSync, ftruncateSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { HostError } from '../errors.js';
import type { SharedPiece } from '../guest/types.js';

/**
 * Memory that a machine shares with this process (images/guest/lib/km_exchange.h): a file that QEMU maps for an ivshmem device
 * (docs/specs/ivshmem-spec). A byte over a serial port costs QEMU a system call and the guest several exits, some 0.1 ms
 * under TCG; here a piece costs a copy, and one frame that says where it is.
 */
export class Exchange implements Disposable {
  readonly #path: string;
  readonly #file: number;
  #isLinked = true;
  #isClosed = false;
  #released = 0;

  /** Makes the file in a folder; `unlink` it once QEMU has it open. */
  constructor(folder: string) {
    this.#path = join(folder, 'exchange');
    this.#file = openSync(this.#path, 'wx+', 0o600);
    ftruncateSync(this.#file, exchangeBytes);
  }

  /** For QEMU's command line. */
  get words(): readonly string[] {
    const path = this.#path.replaceAll(',', ',,');
    return [
      ...['-object', `memory-backend-file,id=exchange,size=${exchangeBytes},mem-path=${path},share=on`],
      ...['-device', 'ivshmem-plain,memdev=exchange'],
    ];
  }

  /** The file has no name from here on, and goes with the last of its users. */
  unlink(): void {
    if (this.#isLinked) unlinkSync(this.#path);
    this.#isLinked = false;
  }

  /** Leaves a piece of input for the guest, `slotBytes` at most. */
  put(piece: Uint8Array): SharedPiece {
    writeSync(this.#file, piece, 0, piece.length, inputSlot * slotBytes);
    return { length: piece.length, crc: checksum(piece) };
  }

  /**
   * Takes a piece of output.
   *
   * @throws HostError where it isn't what the guest says
   */
  take({ slot, length, crc }: SharedPiece & { readonly slot: number }): Buffer {
    const piece = Buffer.alloc(length);
    readSync(this.#file, piece, 0, length, slot * slotBytes);
    if (checksum(piece) === crc) return piece;
    throw new HostError('part of the command’s output was corrupted in the memory shared with its machine', {
      remedy: 'run it again; if this happens again, it is a bug in kmatrix',
    });
  }

  /** One more piece of output is done with: its slot is free. After the machine's end this does nothing. */
  release(): void {
    if (this.#isClosed) return;
    this.#released = (this.#released + 1) % 2 ** 32;
    const count = Buffer.alloc(4);
    count.writeUInt32LE(this.#released);
    writeSync(this.#file, count, 0, count.length, 0);
  }

  [Symbol.dispose](): void {
    this.unlink();
    if (!this.#isClosed) closeSync(this.#file);
    this.#isClosed = true;
  }
}

/** Of one piece. */
export const slotBytes = 0x1_0000;
const exchangeBytes = 16 * slotBytes;
const inputSlot = 1;

const checksum = (bytes: Uint8Array): string => crc32(bytes).toString(16).padStart(8, '0');
