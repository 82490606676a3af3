import { ApiError } from "../_shared/core/errors.ts";
import { readReason } from "../_shared/gateway/quirks/error_shapes.ts";
import { refusesKey } from "../_shared/gateway/quirks/refused_keys.ts";
import { credentialHeader } from "../_shared/net/credential_header.ts";
import type { KeyRules } from "./schema.ts";

/** How long a vendor may take to answer, in milliseconds. */
export const PATIENCE_MS = 10_000;

/**
 * Most bytes of an answer that are read: an error is short, and the beginning of a list of models
 * suffices.
 */
const MAX_BYTES = 64 * 1024;

/** A vendor's verdict on a key. */
export interface Trial {
  /** Null if the answer shows neither, for instance that the key may not list models. */
  works: boolean | null;
  /** Why it shows neither. */
  problem: string | null;
}

/**
 * Tries a key with a free request to its vendor. Only an answer about the key itself is a
 * rejection: a key that may not list models may still be able to chat.
 *
 * @param settings Those of the key, which fill the placeholders of the vendor's address.
 * @throws {ApiError} 400 `key_cannot_be_tried`; 503 `vendor_unavailable`.
 */
export async function tryKey(
  key: string,
  settings: Record<string, string>,
  rules: KeyRules,
  fetch: typeof globalThis.fetch,
): Promise<Trial> {
  const { name, base_url, probe_path } = rules;
  const address = base_url?.replaceAll(
    /\{(\w+)\}/g,
    (placeholder, setting: string) =>
      Object.hasOwn(settings, setting) ? encodeURIComponent(settings[setting] ?? "") : placeholder,
  );
  if (!address || address.includes("{") || probe_path === null) {
    throw new ApiError(
      "key_cannot_be_tried",
      `Cannot try a key of ${name}: it has no free request to test a key with. Omit "try".`,
      { param: "try" },
    );
  }
  const headers = credentialHeader(rules, key);
  let answer: { status: number; text: string };
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    // A redirect would carry the key to another address.
    const response = await fetch(address + probe_path, { headers, redirect: "manual", signal });
    answer = { status: response.status, text: await readStart(response) };
  } catch {
    // Without the cause, which may quote the request.
    throw notTried(name, "it does not answer");
  }
  return trialOf(answer, key);
}

function trialOf({ status, text }: { status: number; text: string }, key: string): Trial {
  const reason = readReason(text, key, {});
  if (refusesKey(status, reason)) return { works: false, problem: null };
  if (status >= 200 && status < 300) {
    // A sign-in page is not the answer of an API.
    if (text === "" || /^\s*[[{]/.test(text)) return { works: true, problem: null };
    return { works: null, problem: "its response is not JSON" };
  }
  return { works: null, problem: `it responded with status ${status} and did not name the key` };
}

async function readStart(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of response.body ?? []) {
    text += decoder.decode(bytes, { stream: true });
    if (text.length >= MAX_BYTES) break;
  }
  return text.slice(0, MAX_BYTES);
}

/** The error for a key about which the vendor's answer shows nothing. */
export function notTried(name: string, reason: string): ApiError {
  return new ApiError(
    "vendor_unavailable",
    `Cannot try the key with ${name}: ${reason}. Try again later, or store the key without "try".`,
  );
}
