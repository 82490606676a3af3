import { base64url } from "jose";

/** The one format there is; a later one would stand beside it under another name. */
export const BLOB_VERSION = "v1";

/** Bytes of the number that is used once per encryption. */
export const IV_BYTES = 12;

/** Bytes with which AES-GCM proves that nothing was changed. */
export const TAG_BYTES = 16;

/** The parts of an encrypted value as it is stored: `v1:<key id>:<iv>:<ciphertext and tag>`. */
export interface BlobParts {
  keyId: string;
  iv: Uint8Array<ArrayBuffer>;
  /** Ciphertext and tag. */
  data: Uint8Array<ArrayBuffer>;
}

/** What a key may be called. */
export const KEY_ID = /^[A-Za-z0-9_-]{1,32}$/;

/** Writes a blob, the bytes in base64url. */
export function formatBlob({ keyId, iv, data }: BlobParts): string {
  return [BLOB_VERSION, keyId, base64url.encode(iv), base64url.encode(data)].join(":");
}

/** Reads a blob; null for everything that {@linkcode formatBlob} would not have written. */
export function parseBlob(text: string): BlobParts | null {
  const [version, keyId, iv, data, ...rest] = text.split(":");
  if (version !== BLOB_VERSION || rest.length > 0) return null;
  if (keyId === undefined || iv === undefined || data === undefined) return null;
  const blob = { keyId, iv: decode(iv), data: decode(data) };
  const isWhole = KEY_ID.test(keyId) && blob.iv.length === IV_BYTES && blob.data.length > TAG_BYTES;
  // Decoders pass over stray bits and characters. Two texts for one value would be two blobs that
  // open alike.
  return isWhole && formatBlob(blob) === text ? blob : null;
}

/** Decodes as far as it can be decoded. */
function decode(text: string): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(base64url.decode(text));
  } catch {
    return new Uint8Array();
  }
}
