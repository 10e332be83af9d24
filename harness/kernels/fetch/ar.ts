import { open } from 'node:fs/promises';
import { ImageError } from '../../errors.js';

/** One member of an ar archive: where its bytes lie in the file. */
export interface ArMember {
  readonly name: string;
  readonly offset: number;
  readonly bytes: number;
}

/**
 * The members of a common ar archive, such as a .deb (deb(5)): 60-byte headers, names of 16 bytes at most. Headers are
 * checked against the file's size; nothing of a member is read.
 *
 * @throws ImageError for what isn't such an archive or ends early
 */
export async function readAr(path: string): Promise<ArMember[]> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const read = async (offset: number, length: number) =>
      (await file.read(Buffer.alloc(length), 0, length, offset)).buffer.toString('latin1');
    if ((await read(0, magic.length)) !== magic) throw broken(path, 'not a Debian package (no ar archive)');
    const members: ArMember[] = [];
    for (let offset = magic.length; offset < size; ) {
      if (members.length === maximumMembers) throw broken(path, `more than ${maximumMembers} members`);
      const member = parseHeader(await read(offset, headerBytes), offset, path);
      if (member.offset + member.bytes > size) throw broken(path, `cut short: ${member.name} is incomplete`);
      members.push(member);
      offset = member.offset + member.bytes + (member.bytes % 2);
    }
    return members;
  } finally {
    await file.close();
  }
}

const magic = '!<arch>\n';
const headerBytes = 60;
/** A package has three; ten times that is no package. */
const maximumMembers = 30;

function parseHeader(header: string, offset: number, path: string): ArMember {
  const [, name, size] = /^(.{16}).{32}(\d{1,10}) *`\n$/s.exec(header) ?? [];
  if (name === undefined || size === undefined || header.indexOf('`') !== 58) {
    throw broken(path, `broken member header at byte ${offset}`);
  }
  // GNU ar ends names with a slash, dpkg-deb doesn't
  return { name: name.trimEnd().replace(/\/$/, ''), offset: offset + headerBytes, bytes: Number(size) };
}

const broken = (path: string, what: string): ImageError =>
  new ImageError(`the package is broken: ${what}`, { where: path, remedy: 'remove it and fetch it again' });
