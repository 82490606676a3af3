/** Reads numbers from a file; bytes beyond its end are read as zeros. */
export interface ByteView {
  readonly length: number;
  /** @param size Bytes, at most six. */
  big(at: number, size: number): number;
  little(at: number, size: number): number;
  text(at: number, size: number): string;
}

/** The view of a file. */
export function byteView(bytes: Uint8Array): ByteView {
  const byteAt = (at: number) => bytes[at] ?? 0;
  return {
    length: bytes.length,
    big(at, size) {
      let value = 0;
      for (let index = 0; index < size; index++) value = value * 256 + byteAt(at + index);
      return value;
    },
    little(at, size) {
      let value = 0;
      for (let index = size - 1; index >= 0; index--) value = value * 256 + byteAt(at + index);
      return value;
    },
    text: (at, size) => String.fromCharCode(...bytes.subarray(at, at + size)),
  };
}
