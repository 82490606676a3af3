/*
 * Answers that are compressed although no encoding was requested, from proxies and caches in front
 * of a vendor that return a stored copy (RFC 9110, section 12.5.3, lets a server disregard the
 * preference). `fetch` does not decompress an answer if the request sets accept-encoding itself.
 */

/** Content encodings, with the format that decompresses them. Brotli depends on the runtime. */
const FORMATS = new Map<string, string>([
  ["gzip", "gzip"],
  ["x-gzip", "gzip"],
  ["deflate", "deflate"],
  ["br", "brotli"],
]);

/** The decompressed body of an answer; unchanged if it has no encoding or an unknown one. */
export function decoded({ body, headers }: Response): ReadableStream<Uint8Array> | null {
  const coding = headers.get("content-encoding")?.trim().toLowerCase() ?? "";
  const format = FORMATS.get(coding);
  if (body === null || format === undefined) return body;
  try {
    // SAFETY: the type names fewer formats than runtimes have; an unknown one is a TypeError.
    return body.pipeThrough(new DecompressionStream(format as CompressionFormat));
  } catch {
    return body;
  }
}
