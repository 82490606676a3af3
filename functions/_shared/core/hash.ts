import { createHash } from "node:crypto";

/**
 * Bytes, or characters. WebCrypto hashes on another thread, which costs more than it saves for a
 * short value.
 */
const SHORT = 64 * 1024;

/** SHA-256 of bytes, or of a text in UTF-8, in lower-case hexadecimal. */
export async function sha256Hex(value: string | Uint8Array<ArrayBuffer>): Promise<string> {
  if (value.length <= SHORT) return createHash("sha256").update(value).digest("hex");
  const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return new Uint8Array(digest).toHex();
}
