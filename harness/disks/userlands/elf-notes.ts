import { ImageError } from '../../errors.js';

/** A note of an ELF file (elf(5), "Notes"). */
export interface Note {
  /** With the zero byte at its end. */
  readonly owner: string;
  readonly type: number;
  /** Where its description begins in the file, and its length in bytes. */
  readonly offset: number;
  readonly length: number;
}

/**
 * The notes of a program or library for x86-64, by its program headers; none of a file that isn't ELF.
 *
 * @param path for errors
 * @throws ImageError for ELF of another machine, or whose headers point out of the file
 */
export function notesOf(bytes: Buffer, path: string): Note[] {
  if (bytes.length < headerBytes || bytes.readUInt32BE(0) !== magic) return [];
  const isOfMachine = bytes[4] === 2 && bytes[5] === 1 && bytes.readUInt16LE(18) === x86;
  if (!isOfMachine) throw broken(path, "it isn't of 64 bits for x86-64");
  const [start, size, count] = [number(bytes, 32), bytes.readUInt16LE(54), bytes.readUInt16LE(56)];
  if (count > 0 && (size < programHeaderBytes || start + size * count > bytes.length))
    throw broken(path, 'its program headers lie outside of it');
  return Array.from({ length: count }, (_, index) => start + index * size)
    .filter((at) => bytes.readUInt32LE(at) === notesSegment)
    .flatMap((at) => readNotes(bytes, path, number(bytes, at + 8), number(bytes, at + 32)));
}

const magic = 0x7f454c46;
const headerBytes = 64;
const programHeaderBytes = 56;
const x86 = 62;
/** PT_NOTE */
const notesSegment = 4;

function readNotes(bytes: Buffer, path: string, start: number, length: number): Note[] {
  const end = start + length;
  if (end > bytes.length) throw broken(path, 'a segment of notes lies outside of it');
  const notes: Note[] = [];
  for (let at = start; at + 12 <= end; ) {
    const [nameBytes, length, type] = [0, 4, 8].map((field) => bytes.readUInt32LE(at + field));
    const offset = at + 12 + padded(nameBytes ?? 0);
    if (nameBytes === undefined || length === undefined || type === undefined || offset + length > end)
      throw broken(path, 'a note lies outside of it');
    notes.push({ owner: bytes.toString('latin1', at + 12, at + 12 + nameBytes), type, offset, length });
    at = offset + padded(length);
  }
  return notes;
}

/** Names and descriptions fill whole words of four bytes. */
const padded = (bytes: number): number => Math.ceil(bytes / 4) * 4;

/** Files are far smaller than what a number holds exactly; a larger one lies outside. */
const number = (bytes: Buffer, at: number): number => Number(bytes.readBigUInt64LE(at));

const broken = (path: string, why: string): ImageError =>
  new ImageError(`an ELF file can't be read: ${why}`, { where: path });
