import { gzipSync } from "node:zlib";

/** Text as gzip in base64. */
export function compressText(text: string): string {
  return gzipSync(text).toString("base64");
}

/**
 * Reverses {@linkcode compressText}.
 *
 * @param maxBytes Of the text. A few bytes of gzip may expand to gigabytes.
 * @throws if the text is invalid or longer.
 */
export async function decompressText(compressed: string, maxBytes: number): Promise<string> {
  const bytes = Uint8Array.fromBase64(compressed);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let length = 0;
  for await (const part of stream) {
    length += part.length;
    if (length > maxBytes) throw new RangeError(`Cannot decompress: more than ${maxBytes} bytes`);
    text += decoder.decode(part, { stream: true });
  }
  return text + decoder.decode();
}
