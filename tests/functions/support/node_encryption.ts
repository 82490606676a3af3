import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from "node:crypto";
import { Buffer } from "node:buffer";
import type { Binding } from "../../../functions/_shared/crypto/envelope.ts";

/**
 * A second implementation of the format of encrypted values, based on OpenSSL and independent of
 * the functions' own module: each must be able to read what the other writes.
 */

/** 32 bytes, as a keyring holds them. */
export type MasterKey = Uint8Array;

/** Encrypts with a chosen iv. */
export function nodeEncrypt(
  key: MasterKey,
  keyId: string,
  iv: Uint8Array,
  plaintext: string,
  place: Binding,
): string {
  const cipher = createCipheriv("aes-256-gcm", subkey(key, "encryption"), iv);
  cipher.setAAD(boundTo(keyId, place));
  const data = Buffer.concat([cipher.update(plaintext, "utf8"), cipher.final()]);
  const sealed = Buffer.concat([data, cipher.getAuthTag()]).toString("base64url");
  return `v1:${keyId}:${Buffer.from(iv).toString("base64url")}:${sealed}`;
}

/** Decrypts; errors are those of OpenSSL. */
export function nodeDecrypt(key: MasterKey, blob: string, place: Binding): string {
  const [, keyId = "", iv = "", sealed = ""] = blob.split(":");
  const bytes = Buffer.from(sealed, "base64url");
  const decipher = createDecipheriv(
    "aes-256-gcm",
    subkey(key, "encryption"),
    Buffer.from(iv, "base64url"),
  );
  decipher.setAAD(boundTo(keyId, place));
  decipher.setAuthTag(bytes.subarray(-16));
  return Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()])
    .toString("utf8");
}

/** The keyed hash of a text under a label. */
export function nodeFingerprint(key: MasterKey, plaintext: string, label: string): string {
  return createHmac("sha256", subkey(key, "fingerprint"))
    .update(prefixed([label, plaintext])).digest("hex");
}

function subkey(key: MasterKey, purpose: string): Buffer {
  return Buffer.from(hkdfSync("sha256", key, "", `agentbase/v1/${purpose}`, 32));
}

function boundTo(keyId: string, { table, row, owner, scope }: Binding): Buffer {
  return prefixed(["v1", keyId, table, row, owner, scope]);
}

function prefixed(texts: string[]): Buffer {
  return Buffer.concat(texts.flatMap((text) => {
    const bytes = Buffer.from(text, "utf8");
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return [length, bytes];
  }));
}
