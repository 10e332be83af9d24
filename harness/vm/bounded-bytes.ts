/**
 * Bytes of a stream, bounded: its beginning and its end are kept, the middle is dropped and counted. A flooding guest
 * costs a fixed amount of memory, and both its boot and its last words stay readable.
 *
 * Blocks of a fixed size, since QEMU's serial ports deliver a byte at a time when they must.
 */
export class BoundedBytes {
  readonly #headBytes: number;
  readonly #tailBlocks: number;
  readonly #head: Block[] = [];
  readonly #tail: Block[] = [];
  #seen = 0;
  #dropped = 0;

  /** Both limits in bytes, in whole blocks of 64 KiB. */
  constructor({ headBytes, tailBytes }: { headBytes: number; tailBytes: number }) {
    this.#headBytes = Math.ceil(headBytes / blockBytes) * blockBytes;
    this.#tailBlocks = Math.max(1, Math.ceil(tailBytes / blockBytes));
  }

  /** Bytes that came so far, kept or not. */
  get seen(): number {
    return this.#seen;
  }

  /** Bytes of the middle that are gone. */
  get dropped(): number {
    return this.#dropped;
  }

  append(chunk: Uint8Array): void {
    let rest = chunk;
    while (rest.length > 0) rest = rest.subarray(this.#appendSome(rest));
    this.#seen += chunk.length;
  }

  /** What is kept, as UTF-8, with one line in place of what was dropped. */
  text(): string {
    const head = joined(this.#head);
    const tail = joined(this.#tail);
    if (this.#dropped === 0) return Buffer.concat([head, tail]).toString('utf8');
    return `${head.toString('utf8')}\n[kmatrix: ${this.#dropped} bytes dropped here]\n${tail.toString('utf8')}`;
  }

  #appendSome(bytes: Uint8Array): number {
    const inHead = this.#seenInHead < this.#headBytes;
    const block = lastWithRoom(inHead ? this.#head : this.#tail);
    const count = Math.min(bytes.length, blockBytes - block.used);
    block.bytes.set(bytes.subarray(0, count), block.used);
    block.used += count;
    if (this.#tail.length > this.#tailBlocks) this.#dropped += this.#tail.shift()?.used ?? 0;
    return count;
  }

  get #seenInHead(): number {
    const last = this.#head.at(-1);
    return last === undefined ? 0 : (this.#head.length - 1) * blockBytes + last.used;
  }
}

interface Block {
  readonly bytes: Buffer;
  used: number;
}

const blockBytes = 64 * 1024;

function lastWithRoom(blocks: Block[]): Block {
  const last = blocks.at(-1);
  if (last !== undefined && last.used < blockBytes) return last;
  const fresh = { bytes: Buffer.allocUnsafeSlow(blockBytes), used: 0 };
  blocks.push(fresh);
  return fresh;
}

const joined = (blocks: readonly Block[]): Buffer =>
  Buffer.concat(blocks.map(({ bytes, used }) => bytes.subarray(0, used)));
