import { ApiError } from "../_shared/core/errors.ts";
import type { KeyRules } from "./schema.ts";

/** Longer than a vendor takes to say yes or no, in milliseconds. */
export const PATIENCE_MS = 10_000;

/** What a vendor says to a key that it does not take: not all of them keep to 401. */
const REFUSALS = new Set([400, 401, 403]);

/**
 * Tries a key with its vendor, by a request that costs nothing.
 *
 * @returns Whether the vendor takes it.
 * @throws {ApiError} 400 `key_cannot_be_tried`; 503 `vendor_unavailable` when there is no clear answer.
 */
export async function tryKey(
  key: string,
  rules: KeyRules,
  fetch: typeof globalThis.fetch,
): Promise<boolean> {
  const { name, base_url, probe_path, auth_header, auth_scheme } = rules;
  // An address with a placeholder is a person's own, and we do not know it.
  if (base_url === null || base_url.includes("{") || probe_path === null) {
    throw new ApiError(
      400,
      "key_cannot_be_tried",
      `Cannot try a key of ${name}: it offers no request that costs nothing. Leave "try" out.`,
      { param: "try" },
    );
  }
  const headers = { [auth_header]: auth_scheme ? `${auth_scheme} ${key}` : key };
  let status: number;
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    // A redirect would carry the key to an address that nobody chose.
    const response = await fetch(base_url + probe_path, { headers, redirect: "manual", signal });
    await response.body?.cancel();
    status = response.status;
  } catch {
    // Without the cause, which may quote the request.
    throw unavailable(name, "it does not answer");
  }
  if (status >= 200 && status < 300) return true;
  if (REFUSALS.has(status)) return false;
  throw unavailable(name, `it answered with status ${status}`);
}

function unavailable(name: string, reason: string): ApiError {
  return new ApiError(
    503,
    "vendor_unavailable",
    `Cannot try the key with ${name}: ${reason}. Try again later, or store the key without trying it.`,
  );
}
