import type { Route } from "../turn_database.ts";

/*
 * OpenAI accepts metadata only with store: true (langchaingo#1484, 16 March 2026; litellm#23108, 8
 * March 2026). It is sent only with a key of the caller's own, as the vendor stores it.
 */

/**
 * The metadata that a route is sent.
 *
 * @param metadata The caller's metadata, without the fields that are meant for us.
 */
export function metadataFor(
  { credential, metadata_needs_store }: Route,
  store: unknown,
  metadata: object,
): { metadata?: object } {
  const isTaken = credential === "own" && (store === true || !metadata_needs_store);
  return isTaken && Object.keys(metadata).length > 0 ? { metadata } : {};
}
