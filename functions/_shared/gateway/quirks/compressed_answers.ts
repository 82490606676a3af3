/*
 * Answers that are compressed though they were asked for as they are: proxies and caches in front of a
 * vendor that pass a stored copy on (RFC 9110, section 12.5.3, lets a server disregard the preference).
 * `fetch` leaves them as they are where the request names its own accept-encoding.
 */

/** Names of codings, and what undoes them. Brotli only where the runtime has it. */
const FORMATS = new Map<string, string>([
  ["gzip", "gzip"],
  ["x-gzip", "gzip"],
  ["deflate", "deflate"],
  ["br", "brotli"],
]);

/** The body of an answer without its coding; as it is where it has none or an unknown one. */
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
