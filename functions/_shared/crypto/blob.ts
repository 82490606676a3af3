import { base64url } from "jose";

/** The version of the format. A later format gets its own version. */
export const BLOB_VERSION = "v1";

/** Bytes of the nonce. */
export const IV_BYTES = 12;

/** Bytes of the authentication tag of AES-GCM. */
export const TAG_BYTES = 16;

/** The parts of an encrypted value as it is stored: `v1:<key id>:<iv>:<ciphertext and tag>`. */
export interface BlobParts {
  keyId: string;
  iv: Uint8Array<ArrayBuffer>;
  /** Ciphertext and tag. */
  data: Uint8Array<ArrayBuffer>;
}

/** The form of a key id. */
export const KEY_ID = /^[A-Za-z0-9_-]{1,32}$/;

/** Writes a blob, the bytes in base64url. */
export function formatBlob({ keyId, iv, data }: BlobParts): string {
  return [BLOB_VERSION, keyId, base64url.encode(iv), base64url.encode(data)].join(":");
}

/** Parses a blob; null for anything that {@linkcode formatBlob} would not have written. */
export function parseBlob(text: string): BlobParts | null {
  const [version, keyId, iv, data, ...rest] = text.split(":");
  if (version !== BLOB_VERSION || rest.length > 0) return null;
  if (keyId === undefined || iv === undefined || data === undefined) return null;
  const blob = { keyId, iv: decode(iv), data: decode(data) };
  const isWhole = KEY_ID.test(keyId) && blob.iv.length === IV_BYTES && blob.data.length > TAG_BYTES;
  // Decoders ignore stray bits and characters, so several texts would decrypt to the same value.
  return isWhole && formatBlob(blob) === text ? blob : null;
}

/** Decodes leniently. */
function decode(text: string): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(base64url.decode(text));
  } catch {
    return new Uint8Array();
  }
}
