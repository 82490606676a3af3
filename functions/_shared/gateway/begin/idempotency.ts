import { ApiError } from "../../core/errors.ts";
import { sha256Hex } from "../../core/hash.ts";

/** Identifies a repeated request. */
export interface Idempotency {
  idempotency_key: string | null;
  fingerprint: string | null;
}

/**
 * Reads the header `Idempotency-Key` and computes the fingerprint of its request.
 *
 * @param kind Part of the fingerprint: requests of different kinds are never the same.
 * @throws {ApiError} 400 for a key that is longer than 255 characters.
 */
export async function readIdempotency(
  headers: Headers,
  kind: string,
  body: object,
): Promise<Idempotency> {
  const key = readIdempotencyKey(headers);
  if (key === null) return { idempotency_key: null, fingerprint: null };
  return { idempotency_key: key, fingerprint: await fingerprint({ kind, body }) };
}

/**
 * Reads the header `Idempotency-Key`; null for none.
 *
 * @throws {ApiError} 400 for a key that is longer than 255 characters.
 */
export function readIdempotencyKey(headers: Headers): string | null {
  const key = headers.get("idempotency-key") || null;
  if (key === null || key.length <= 255) return key;
  throw new ApiError(
    "invalid_value",
    'Cannot use "Idempotency-Key": it is longer than 255 characters. Send a UUID, for instance.',
    { param: "Idempotency-Key" },
  );
}

/** SHA-256 in hexadecimal of a value, independent of the order of its fields. */
async function fingerprint(value: object): Promise<string> {
  return await sha256Hex(JSON.stringify(sorted(value)));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1);
  return Object.fromEntries(entries.map(([name, child]) => [name, sorted(child)]));
}
