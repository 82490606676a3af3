import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  errors,
  type ExportedJWKSCache,
  jwksCache,
  type JWTVerifyGetKey,
} from "jose";
import { ApiError } from "../core/errors.ts";

/** Options of {@linkcode publishedKeys}. */
export interface PublishedKeyOptions {
  /** Where the issuer publishes them, as a JSON Web Key Set. */
  jwksUrl: string;
  fetch: typeof globalThis.fetch;
  /**
   * Milliseconds since the epoch. The library that caches the issuer's keys uses its own clock for
   * their age.
   *
   * @default {Date.now}
   */
  now?: () => number;
  /**
   * Milliseconds after a failure or an unknown key id before the keys are fetched again.
   * @default {30000}
   */
  cooldownMs?: number;
}

/** The algorithms of the asymmetric keys with which the Auth server signs. */
export const PUBLISHED_ALGORITHMS = ["ES256", "RS256", "EdDSA"];

/** Keys are used for at most this long before they are fetched again. */
export const KEYS_MAX_AGE_MS = 10 * 60_000;

/**
 * While they cannot be fetched, cached keys stay in use for the lifetime of the tokens that they
 * signed.
 */
export const KEYS_LAST_MS = 60 * 60_000;

/**
 * The issuer's keys. Failing to fetch them is a different error than an unknown key id. While their
 * server is down, cached keys stay in use and not every request fetches them again.
 */
export function publishedKeys(options: PublishedKeyOptions): JWTVerifyGetKey {
  const { now = Date.now, cooldownMs: cooldown = 30_000 } = options;
  const fetched: ExportedJWKSCache = { jwks: { keys: [] }, uat: 0 };
  const keys = createRemoteJWKSet(new URL(options.jwksUrl), {
    [customFetch]: options.fetch,
    [jwksCache]: fetched,
    cacheMaxAge: KEYS_MAX_AGE_MS,
    cooldownDuration: cooldown,
  });
  let failedAt = -Infinity;

  async function fetchedBefore(...asked: Parameters<JWTVerifyGetKey>) {
    if (now() - fetched.uat >= KEYS_LAST_MS) throw new Error("no keys to go on with");
    return await createLocalJWKSet(fetched.jwks)(...asked);
  }

  return async (header, token) => {
    if (!keys.fresh && now() - failedAt < cooldown) {
      const known = await fetchedBefore(header, token).catch(() => null);
      if (known) return known;
    }
    try {
      return await keys(header, token);
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey) throw error;
      if (error instanceof errors.JWKSMultipleMatchingKeys) throw error;
      failedAt = now();
      try {
        return await fetchedBefore(header, token);
      } catch {
        // An unknown key may have been added since.
        throw new ApiError(
          "auth_unavailable",
          "Cannot verify the access token: the signing keys are temporarily unavailable. Try again in a few seconds.",
          { cause: error, headers: { "retry-after": "5" } },
        );
      }
    }
  };
}
