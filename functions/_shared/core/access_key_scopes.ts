// The scopes of private.access_key_scopes(). Written by `npm run generate`. Do not edit.

/** What an access key may be allowed to call. */
export const ACCESS_KEY_SCOPES = [
  "audio",
  "chat",
  "embeddings",
  "images",
  "models",
  "moderations",
  "workflows",
] as const;

/** A scope of an access key. */
export type AccessKeyScope = typeof ACCESS_KEY_SCOPES[number];
