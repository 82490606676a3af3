/** The size of a TLS record, so that few pieces are larger. */
const BUFFER_BYTES = 16 * 1024;

/**
 * Reads a stream of bytes in pieces, all through one buffer: a piece is overwritten when the next
 * one is read. Deno otherwise allocates and clears 64 KiB for each piece, however small it is.
 * Stopping early cancels the stream.
 */
export async function* bytePieces(
  stream: ReadableStream<Uint8Array>,
): AsyncGenerator<Uint8Array, void, void> {
  const reader = bufferedReader(stream);
  if (reader === null) return yield* stream;
  let buffer = new ArrayBuffer(BUFFER_BYTES);
  try {
    for (;;) {
      const { done, value } = await reader.read(new Uint8Array(buffer));
      if (done) return;
      yield value;
      // A read transfers the buffer and returns it.
      buffer = value.buffer;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** null for a stream that allocates its own pieces, such as one that is decompressed. */
function bufferedReader(stream: ReadableStream<Uint8Array>): ReadableStreamBYOBReader | null {
  try {
    return stream.getReader({ mode: "byob" });
  } catch {
    return null;
  }
}
