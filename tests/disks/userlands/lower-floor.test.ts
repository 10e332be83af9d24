import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { notesOf } from '../../../harness/disks/userlands/elf-notes.js';
import { lowerFloor } from '../../../harness/disks/userlands/lower-floor.js';

import { library as realLibrary, loader as realLoader, program as realProgram } from './glibc-2.31.js';

const floor = { from: '3.2.0', to: '2.6.32' };

/** An ELF file for x86-64 with one segment of notes, and whatever follows it. */
function elf(notes: Buffer, rest: Buffer = Buffer.alloc(0), machine = 62): Buffer {
  const header = Buffer.alloc(64 + 56);
  header.write('\x7fELF\x02\x01\x01', 'latin1');
  header.writeUInt16LE(machine, 18);
  header.writeBigUInt64LE(64n, 32);
  header.writeUInt16LE(56, 54);
  header.writeUInt16LE(1, 56);
  header.writeUInt32LE(4, 64);
  header.writeBigUInt64LE(BigInt(header.length), 64 + 8);
  header.writeBigUInt64LE(BigInt(notes.length), 64 + 32);
  return Buffer.concat([header, notes, rest]);
}

function note(owner: string, type: number, words: readonly number[]): Buffer {
  const bytes = Buffer.alloc(12 + 4 + 4 * words.length);
  bytes.writeUInt32LE(owner.length + 1, 0);
  bytes.writeUInt32LE(4 * words.length, 4);
  bytes.writeUInt32LE(type, 8);
  bytes.write(owner, 12, 'latin1');
  for (const [index, word] of words.entries()) bytes.writeUInt32LE(word, 16 + 4 * index);
  return bytes;
}

const abiTag = (...release: number[]): Buffer => note('GNU', 1, [0, ...release]);
/** cmp $0x301ff,%eax; jg: what bullseye's loader does with the kernel's release. */
const check = Buffer.from('3dff0103000f8fa8030000', 'hex');
const loader = (...parts: Buffer[]): Buffer =>
  elf(note('GNU', 3, [1, 2, 3]), Buffer.concat([...parts, Buffer.from('FATAL: kernel too old\n\0')]));

t.test('the ABI tag of a real program is lowered, and it still runs', async (t) => {
  const path = join(t.testdir(), 'true');
  await copyFile('/bin/true', path);
  const bytes = await readFile(path);
  const [tag] = notesOf(bytes, path).filter(({ owner, type }) => owner === 'GNU\0' && type === 1);
  t.ok(tag, 'every program of glibc has one');
  const asks = [4, 8, 12].map((at) => bytes.readUInt32LE((tag?.offset ?? 0) + at)).join('.');
  t.same(lowerFloor(bytes, path, { from: asks, to: '2.6.32' }), { notes: 1, checks: 0 });
  await writeFile(path, bytes);
  t.equal((await execa(path)).exitCode, 0);
  const { stdout } = await execa('readelf', ['--notes', path]);
  t.match(stdout, /OS: Linux, ABI: 2\.6\.32/);
  t.same(lowerFloor(bytes, path, { from: asks, to: '2.6.32' }), { notes: 0, checks: 0 }, 'once is enough');
});

t.test('a library’s tag, and the loader’s comparison', (t) => {
  const library = elf(Buffer.concat([note('GNU', 3, [1, 2, 3]), abiTag(3, 2, 0)]));
  t.same(lowerFloor(library, 'libc.so.6', floor), { notes: 1, checks: 0 });
  t.ok(library.includes(abiTag(2, 6, 32)));
  const ld = loader(Buffer.from('85c0', 'hex'), check);
  t.same(lowerFloor(ld, 'ld.so', floor), { notes: 0, checks: 1 });
  // 2.6.32 is 0x020620, and what is asked is whether the release is greater than one less
  t.ok(ld.includes(Buffer.from('3d1f0602000f8f', 'hex')));
  t.notOk(ld.includes(check));
  t.end();
});

t.test('bullseye’s own library, loader and static program, each in the place that it has', (t) => {
  const changed = (name: string, real: Buffer) => {
    const bytes = Buffer.from(real);
    const lowered = lowerFloor(bytes, name, floor);
    const at = [...bytes.keys()].filter((index) => bytes[index] !== real[index]);
    return { ...lowered, at, bytes };
  };
  // a release in a note is three words; one of the comparison is one less than 3.2.0, packed
  const tagOf = (bytes: Buffer) => {
    const [tag] = notesOf(bytes, '').filter(({ owner, type }) => owner === 'GNU\0' && type === 1);
    return tag && [4, 8, 12].map((at) => bytes.readUInt32LE(tag.offset + at)).join('.');
  };
  t.equal(tagOf(realLibrary), '3.2.0');
  const library = changed('libc.so.6', realLibrary);
  t.match(library, { notes: 1, checks: 0 });
  t.equal(tagOf(library.bytes), '2.6.32');
  const loader = changed('ld.so', realLoader);
  t.match(loader, { notes: 0, checks: 1 });
  t.equal(tagOf(realLoader), undefined, 'it has no tag');
  const program = changed('ldconfig', realProgram);
  t.match(program, { notes: 1, checks: 1 });
  t.equal(tagOf(program.bytes), '2.6.32');
  for (const { bytes } of [loader, program]) {
    t.ok(bytes.includes(Buffer.from('3d1f0602000f8f', 'hex')));
    t.notOk(bytes.includes(Buffer.from('3dff010300', 'hex')));
  }
  t.equal(library.at.length + loader.at.length + program.at.length, 3 + 3 + 3 + 3, 'and not a byte besides');
  t.end();
});

t.test('what asks for less, or is no ELF, stays as it is', (t) => {
  const old = elf(abiTag(2, 6, 18));
  const before = Buffer.from(old);
  t.same(lowerFloor(old, 'old', floor), { notes: 0, checks: 0 });
  t.ok(old.equals(before));
  const script = Buffer.from('#!/bin/sh\necho FATAL: kernel too old\n');
  t.same(lowerFloor(script, 'script', floor), { notes: 0, checks: 0 });
  t.end();
});

t.test('what isn’t known is refused with its path and the reason', (t) => {
  const cases: readonly (readonly [Buffer, RegExp])[] = [
    [elf(abiTag(4, 1, 0)), /its ABI tag asks for 4\.1\.0/],
    [elf(note('GNU', 1, [2, 3, 2, 0])), /of system 2, not of Linux/],
    [elf(note('GNU', 1, [0, 3])), /its ABI tag has 8 bytes/],
    [loader(), /compares the kernel's release with 3\.2\.0 in 0 known places/],
    [loader(check, check), /in 2 known places, not in one/],
    // the same bytes without a jump after them are no comparison of the loader's
    [loader(Buffer.from('3dff01030090', 'hex')), /in 0 known places/],
    [elf(abiTag(3, 2, 0), undefined, 3), /isn't of 64 bits for x86-64/],
    [elf(abiTag(3, 2, 0)).subarray(0, -20), /lies outside of it/],
  ];
  for (const [bytes, message] of cases)
    t.throws(() => lowerFloor(Buffer.from(bytes), 'lib/odd.so', floor), { name: 'ImageError', message });
  t.end();
});
