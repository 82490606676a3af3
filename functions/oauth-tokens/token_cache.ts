import { z } from "zod";
import { createCache, storeEntries } from "../_shared/redis/cache.ts";
import type { Binding, Keyring } from "../_shared/crypto/envelope.ts";
import type { SharedRedis } from "../_shared/redis/client.ts";
import { extraSchema } from "./token_answer.ts";

const timestamp = z.iso.datetime({ offset: true });

/** An access token as a caller receives it, without a refresh token. */
export const accessTokenSchema = z.object({
  provider: z.string(),
  session_id: z.string(),
  access_token: z.string(),
  token_type: z.string(),
  scope: z.string().nullable(),
  expires_at: timestamp.nullable(),
  /** Further fields of the provider's answer, such as `instance_url`. */
  extra: extraSchema.default({}),
  /** The account at the provider; null if it is not known. */
  account_id: z.string().nullable().default(null),
});

/** An access token as a caller receives it, without a refresh token. */
export type AccessToken = z.infer<typeof accessTokenSchema>;

/**
 * The cache `oauth_token:{user}:{provider}`: access tokens, as ciphertext, until they are due for a
 * refresh. It is used only while the database cannot be reached.
 */
export interface TokenCache {
  /** The token, or null if there is none that is valid. */
  read(userId: string, provider: string): Promise<AccessToken | null>;
  /** Never rejects. Null deletes the entry. */
  write(userId: string, provider: string, token: AccessToken | null): Promise<void>;
}

const cachedSchema = z.object({ ciphertext: z.string(), expires_at: timestamp.nullable() });

/** How long before its expiry an access token is refreshed, in milliseconds. */
const EARLY_MS = 60_000;

/** The lifetime in the cache of a token without an expiry. */
const HOUR_MS = 60 * 60_000;

/** @param now Milliseconds since the epoch. */
export function createTokenCache(
  redis: SharedRedis | null,
  keyring: Keyring,
  now: () => number,
): TokenCache {
  const lifetime = (expiresAt: string | null) =>
    expiresAt === null ? HOUR_MS : Date.parse(expiresAt) - EARLY_MS - now();
  const cache = createCache({
    redis,
    key: (id) => ["oauth_token", ...id.split(":")],
    schema: cachedSchema,
    lifetime: (value) => lifetime(value.expires_at),
  });
  const idOf = (userId: string, provider: string) => `${userId.toLowerCase()}:${provider}`;
  return {
    async read(userId, provider) {
      const cached = await cache.read(idOf(userId, provider));
      if (!cached) return null;
      try {
        const text = await keyring.decrypt(cached.ciphertext, bindingOf(userId, provider));
        const token = accessTokenSchema.parse(JSON.parse(text));
        // The token's own expiry counts, not that of its cache entry.
        return lifetime(token.expires_at) > 0 ? token : null;
      } catch {
        return null;
      }
    },
    async write(userId, provider, token) {
      if (redis === null) return;
      const value = token && {
        ciphertext: await keyring.encrypt(JSON.stringify(token), bindingOf(userId, provider)),
        expires_at: token.expires_at,
      };
      await storeEntries(redis, [await cache.entry(idOf(userId, provider), value)]);
    },
  };
}

/**
 * The binding (AAD) of a cached token. It differs from that of the table, so a ciphertext copied
 * from one to the other cannot be decrypted.
 */
function bindingOf(userId: string, provider: string): Binding {
  return { table: "redis", row: "oauth_token", owner: userId.toLowerCase(), scope: provider };
}
