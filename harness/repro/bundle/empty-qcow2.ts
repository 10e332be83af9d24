/**
 * An empty qcow2 image (docs/interop/qcow2.txt of QEMU, version 3), made here so that qemu-img, a package of its own, need
 * not be installed: header, refcount table, one refcount block and L1 table, a cluster each. QEMU keeps the machine's
 * states in it; as a disk of 1 MiB it is never used.
 */
export function emptyQcow2(): Buffer {
  const image = Buffer.alloc(4 * clusterBytes);
  image.write('QFI\xfb', 0, 'latin1');
  image.writeUInt32BE(3, 4);
  // no backing file: offset and length, bytes 8 to 19, stay 0
  image.writeUInt32BE(clusterBits, 20);
  image.writeBigUInt64BE(diskBytes, 24);
  image.writeUInt32BE(1, 36); // entries of the L1 table
  image.writeBigUInt64BE(BigInt(3 * clusterBytes), 40);
  image.writeBigUInt64BE(BigInt(clusterBytes), 48); // refcount table
  image.writeUInt32BE(1, 56); // its clusters
  image.writeUInt32BE(4, 96); // refcounts of 2^4 bits
  image.writeUInt32BE(headerBytes, 100);
  image.writeBigUInt64BE(BigInt(2 * clusterBytes), clusterBytes);
  for (let cluster = 0; cluster < 4; cluster++) image.writeUInt16BE(1, 2 * clusterBytes + 2 * cluster);
  return image;
}

const clusterBits = 16;
const clusterBytes = 1 << clusterBits;
const diskBytes = 1n << 20n;
const headerBytes = 104;
