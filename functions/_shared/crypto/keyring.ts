import { z } from "zod";
import { KEY_ID } from "./blob.ts";
import { ApiError } from "../core/errors.ts";

/** The keys of a keyring as bytes. */
export interface KeyMaterial {
  /** The key that encrypts; all of them decrypt. */
  activeId: string;
  /** 32 bytes each, the active one first. */
  keys: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
}

const keyringSchema = z.strictObject({
  active: z.string(),
  keys: z.record(z.string().regex(KEY_ID), z.string()),
});

/** AES-256. WebCrypto would also accept 16 bytes, and silently use AES-128. */
const KEY_BYTES = 32;

/** About 30 of 32 random bytes are distinct; fewer than this cannot happen by chance. */
const LEAST_DIFFERENT_BYTES = 16;

/**
 * Reads the variable KEY_ENCRYPTION_KEYS: `{"active":"k1","keys":{"k1":"<32 bytes in base64>"}}`.
 *
 * @param text Its value; undefined where it is not set.
 * @throws {ApiError} 500 `function_misconfigured`, which says what is wrong and shows no value.
 */
export function parseKeyMaterial(text: string | undefined): KeyMaterial {
  if (!text) throw misconfigured("it is not set");
  const { active, keys } = parse(text);
  const found = new Map<string, Uint8Array<ArrayBuffer>>();
  const known = new Set<string>();
  for (const id of [active, ...Object.keys(keys).filter((id) => id !== active)]) {
    const encoded = Object.hasOwn(keys, id) ? keys[id] : undefined;
    if (encoded === undefined) throw misconfigured(`the active key "${id}" is not among its keys`);
    const bytes = decode(encoded);
    if (bytes?.length !== KEY_BYTES) {
      throw misconfigured(`its key "${id}" is not ${KEY_BYTES} bytes in base64`);
    }
    if (!looksRandom(bytes)) throw misconfigured(`its key "${id}" is not random`);
    if (known.has(encoded)) {
      throw misconfigured(`its key "${id}" has the same value as another key`);
    }
    known.add(encoded);
    found.set(id, bytes);
  }
  return { activeId: active, keys: found };
}

function parse(text: string): z.infer<typeof keyringSchema> {
  try {
    return keyringSchema.parse(JSON.parse(text));
  } catch {
    // Without the cause: it may quote the keys.
    throw misconfigured(
      'it does not read {"active":"<id>","keys":{"<id>":"<32 bytes in base64>"}}',
    );
  }
}

/** Canonical base64 with its padding; null for anything else. */
function decode(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    const characters = atob(text);
    if (btoa(characters) !== text) return null;
    return Uint8Array.from(characters, (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}

/** Whether bytes look random: neither repeated bytes nor a passphrase. */
function looksRandom(bytes: Uint8Array): boolean {
  const isText = bytes.every((byte) => byte >= 0x20 && byte < 0x7f);
  return !isText && new Set(bytes).size >= LEAST_DIFFERENT_BYTES;
}

function misconfigured(reason: string): ApiError {
  return new ApiError(
    "function_misconfigured",
    `Cannot use KEY_ENCRYPTION_KEYS: ${reason}. Set it in the function's environment, as docs/operations.md says.`,
  );
}
