import type { ErrorReason } from "./error_shapes.ts";

/*
 * Not every vendor refuses a key with 401: Google and xAI answer 400 or 403. Recorded from answers
 * of vendors, 22 November 2026.
 */

/** Error names of an invalid key. A valid key without permission is not meant. */
const NAMES = new Set([
  "api_key_invalid",
  "authentication_error",
  "expired_api_key",
  "invalid_api_key",
  "invalid_authentication",
  "unauthenticated",
]);

/**
 * Messages of vendors without error names. Matched as a whole, as a message may quote a caller's
 * input: no caller may cause a shared key to be disabled.
 */
const SENTENCES = [
  /^(invalid|incorrect) api[ -]key( provided)?\.?$/i,
  // Google, natively and in OpenAI's format.
  /^API key (not valid|expired|not found)\. Please (pass a valid|renew the) API key\.?$/,
  /^Please pass a valid API key\.?$/,
  /^Your API key was reported as leaked\. Please use another API key\.?$/,
  // xAI.
  /^Incorrect API key provided: \S+\. You can obtain an API key from https:\/\/console\.x\.ai\.$/,
];

/**
 * Whether an error means that the vendor rejects the key. 401 always does; 403 can also mean that a
 * model, a country or a text is not allowed; Google and xAI answer 400.
 */
export function refusesKey(status: number, { sentence, names }: ErrorReason): boolean {
  if (status === 401) return true;
  if (status !== 400 && status !== 403) return false;
  return names.some((name) => NAMES.has(name.toLowerCase())) ||
    SENTENCES.some((known) => known.test(sentence));
}
