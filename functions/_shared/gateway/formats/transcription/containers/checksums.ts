/** A cyclic redundancy check that starts with 0: the value after one more byte. */
export type Checksum = (value: number, byte: number) => number;

/** The CRC-32 of Ogg pages. */
export const oggChecksum: Checksum = checksum(32, 0x04c11db7);

/** The CRC-8 of FLAC frame headers. */
export const headerChecksum: Checksum = checksum(8, 0x07);

/** The CRC-16 of FLAC frames: 0 for a frame that includes its checksum. */
export const frameChecksum: Checksum = checksum(16, 0x8005);

/** Computes the checksum of bytes. */
export function checksumOf(next: Checksum, bytes: Uint8Array): number {
  let value = 0;
  for (const byte of bytes) value = next(value, byte);
  return value;
}

function checksum(bits: 8 | 16 | 32, polynomial: number): Checksum {
  const mask = bits === 32 ? 0xffffffff : 2 ** bits - 1;
  const table = Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte << bits - 8;
    for (let bit = 0; bit < 8; bit++) {
      value = value << 1 ^ (value >>> bits - 1 & 1 ? polynomial : 0);
    }
    return value & mask;
  });
  return (value, byte) =>
    ((value << 8 ^ (table[(value >>> bits - 8 ^ byte) & 0xff] ?? 0)) & mask) >>> 0;
}
