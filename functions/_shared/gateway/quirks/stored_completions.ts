import type { Route } from "../turn_database.ts";

/*
 * OpenAI takes metadata only with store: true (langchaingo#1484, 16 March 2026; litellm#23108, 8 March
 * 2026). What a vendor stores is bought with a key of the caller's own only.
 */

/**
 * What a route is sent of a caller's metadata.
 *
 * @param metadata The caller's, without what is meant for us.
 */
export function metadataFor(
  { credential, metadata_needs_store }: Route,
  store: unknown,
  metadata: object,
): { metadata?: object } {
  const isTaken = credential === "own" && (store === true || !metadata_needs_store);
  return isTaken && Object.keys(metadata).length > 0 ? { metadata } : {};
}
