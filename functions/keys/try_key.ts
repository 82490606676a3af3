import { ApiError } from "../_shared/core/errors.ts";
import { credentialHeader } from "../_shared/net/credential_header.ts";
import type { KeyRules } from "./schema.ts";

/** How long a vendor may take to answer, in milliseconds. */
export const PATIENCE_MS = 10_000;

/** How vendors reject a key: not all of them with 401. */
const REFUSALS = new Set([400, 401, 403]);

/**
 * Tries a key with its vendor, by a request that costs nothing.
 *
 * @returns Whether the vendor accepts it.
 * @throws {ApiError} 400 `key_cannot_be_tried`; 503 `vendor_unavailable` when there is no clear answer.
 */
export async function tryKey(
  key: string,
  rules: KeyRules,
  fetch: typeof globalThis.fetch,
): Promise<boolean> {
  const { name, base_url, probe_path } = rules;
  // The address has a placeholder that differs from account to account.
  if (base_url === null || base_url.includes("{") || probe_path === null) {
    throw new ApiError(
      "key_cannot_be_tried",
      `Cannot try a key of ${name}: it has no free request to test a key with. Omit "try".`,
      { param: "try" },
    );
  }
  const headers = credentialHeader(rules, key);
  let status: number;
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    // A redirect would carry the key to another address.
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
    "vendor_unavailable",
    `Cannot try the key with ${name}: ${reason}. Try again later, or store the key without "try".`,
  );
}
