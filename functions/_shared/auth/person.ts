import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  decodeJwt,
  decodeProtectedHeader,
  errors,
  type ExportedJWKSCache,
  jwksCache,
  type JWTPayload,
  jwtVerify,
  type JWTVerifyGetKey,
} from "jose";
import { z } from "zod";
import { ACCESS_KEY_PREFIX } from "./access_key_prefix.ts";
import type { Env } from "../core/env.ts";
import type { ErrorCode } from "../core/error_codes.ts";
import { ApiError } from "../core/errors.ts";
import { sha256Hex } from "../core/hash.ts";
import { LruMap } from "../core/lru_map.ts";

/** A person who sent a request, proved by a signature. */
export interface Person {
  /** The token's `sub`: `auth.users.id`. */
  userId: string;
  /** All claims of the token. */
  claims: JWTPayload;
}

/**
 * Finds out which person sent a request, or throws: 401, 403 for an access key (a program is no
 * person), 503 when it cannot be found out now.
 */
export type Authenticate = (request: Request) => Promise<Person>;

/** What {@linkcode createAuthenticate} needs. */
export interface AuthOptions extends Pick<Env, "authIssuer" | "jwksUrl" | "jwtSecret"> {
  fetch: typeof globalThis.fetch;
  /**
   * Milliseconds since the epoch. The library that keeps the issuer's keys has a clock of its own, by
   * which they grow old.
   *
   * @default {Date.now}
   */
  now?: () => number;
  /**
   * Milliseconds for which neither an unknown key id nor a failure fetches the keys again.
   * @default {30000}
   */
  cooldownMs?: number;
}

const AUDIENCE = "authenticated";

/** The algorithms of the asymmetric keys with which the Auth server signs. */
const PUBLISHED_ALGORITHMS = ["ES256", "RS256", "EdDSA"];

/** Keys are used for at most this long before they are fetched again. */
export const KEYS_MAX_AGE_MS = 10 * 60_000;

/** Where they cannot be fetched they are used for as long as the tokens live that they signed. */
export const KEYS_LAST_MS = 60 * 60_000;

/** A token that was verified is not verified again for this long, in milliseconds. */
export const VERIFIED_LASTS_MS = 60_000;

/** Verified tokens that an isolate remembers, by their hashes. */
const MAX_VERIFIED = 1_000;

/**
 * Makes the check of bearer tokens. Those of asymmetric keys are checked with the issuer's published
 * keys; HS256 tokens only where the shared secret is configured, and only with that secret, so that no
 * public key can ever pass as one.
 *
 * A signature costs more than the rest of a request's reading, and a client sends the same token for
 * an hour: what was verified is remembered for a minute, and never longer than the token lives. Whether
 * the person may still act the database decides with each call.
 */
export function createAuthenticate({ now = Date.now, ...options }: AuthOptions): Authenticate {
  const publishedKey = publishedKeys({ ...options, now });
  const secret = options.jwtSecret && new TextEncoder().encode(options.jwtSecret);

  async function verify(token: string): Promise<JWTPayload> {
    const algorithm = algorithmOf(token);
    const expected = {
      issuer: options.authIssuer,
      audience: AUDIENCE,
      requiredClaims: ["sub", "exp"],
      currentDate: new Date(now()),
    };
    if (algorithm !== undefined && PUBLISHED_ALGORITHMS.includes(algorithm)) {
      const { payload } = await jwtVerify(token, publishedKey, {
        ...expected,
        algorithms: [algorithm],
      });
      return payload;
    }
    if (algorithm === "HS256" && secret) {
      const { payload } = await jwtVerify(token, secret, { ...expected, algorithms: ["HS256"] });
      return payload;
    }
    throw refusal("invalid_token", "its signing algorithm is not accepted");
  }

  const verified = new LruMap<string, { person: Person; until: number }>(MAX_VERIFIED);

  return async (request) => {
    const token = bearerToken(request);
    if (token.startsWith(ACCESS_KEY_PREFIX)) throw accessKeyRefusal();
    const hash = await sha256Hex(token);
    const known = verified.get(hash);
    if (known && now() < known.until) return known.person;
    try {
      const claims = await verify(token);
      const userId = z.uuid().safeParse(claims.sub);
      if (!userId.success) throw refusal("invalid_token", 'its claim "sub" is not a user id');
      const person = { userId: userId.data, claims };
      const until = Math.min((claims.exp ?? 0) * 1000, now() + VERIFIED_LASTS_MS);
      verified.set(hash, { person, until });
      return person;
    } catch (thrown) {
      throw explain(thrown, token);
    }
  };
}

/**
 * The issuer's keys; failing to fetch them is told apart from not finding the right one. Those that
 * were fetched go on while their server is down, and it is not asked again with every request.
 */
function publishedKeys(options: AuthOptions & { now: () => number }): JWTVerifyGetKey {
  const { now, cooldownMs: cooldown = 30_000 } = options;
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
        // A key that is not among them may have been added since.
        throw new ApiError(
          "auth_unavailable",
          "Cannot verify the access token: the signing keys are temporarily unavailable. Try again in a few seconds.",
          { cause: error, headers: { "retry-after": "5" } },
        );
      }
    }
  };
}

/**
 * Reads what follows `Authorization: Bearer`, or stands in `x-api-key`, as Anthropic's clients send it,
 * or in `api-key`, as Azure's do.
 *
 * @throws {ApiError} 401 where there is nothing.
 */
export function bearerToken(request: Request): string {
  const bare = request.headers.get("x-api-key") || request.headers.get("api-key");
  const header = request.headers.get("authorization");
  // Clients that know both headers send one left over from elsewhere.
  const isBare = bare && (!header || bare.startsWith(ACCESS_KEY_PREFIX));
  if (!isBare && !header) throw refusal("missing_token", 'there is no "Authorization" header');
  const token = isBare ? bare : header?.match(/^Bearer +([^\s,]+)$/i)?.[1];
  if (!token) throw refusal("invalid_token", '"Authorization" does not read "Bearer <token>"');
  if (/^sb_(publishable|secret)_/.test(token)) throw apiKeyRefusal();
  return token;
}

function algorithmOf(token: string): string | undefined {
  try {
    return decodeProtectedHeader(token).alg;
  } catch {
    throw refusal("invalid_token", "it is not a JSON Web Token");
  }
}

/** Says what is wrong with a token, as far as that helps its owner. */
function explain(thrown: unknown, token: string): ApiError {
  if (thrown instanceof ApiError) return thrown;
  if (thrown instanceof errors.JWTExpired) {
    return refusal("token_expired", "it has expired. Refresh the sign-in");
  }
  if (isLegacyApiKey(token)) return apiKeyRefusal();
  if (thrown instanceof errors.JWTClaimValidationFailed) {
    return refusal("invalid_token", `its claim "${thrown.claim}" is missing or not accepted here`);
  }
  return refusal("invalid_token", "its signature is not one of this project");
}

/** The `anon` and `service_role` keys of older projects are tokens without a user. */
function isLegacyApiKey(token: string): boolean {
  try {
    const { role, sub } = decodeJwt(token);
    return sub === undefined && (role === "anon" || role === "service_role");
  } catch {
    return false;
  }
}

function apiKeyRefusal(): ApiError {
  return refusal("api_key_not_accepted", "an API key identifies the project, not a user");
}

function accessKeyRefusal(): ApiError {
  return new ApiError(
    "access_key_not_accepted",
    "Cannot use an access key here: only the functions that call or list models accept access keys. Sign in, and send the access token of the signed-in user.",
  );
}

function refusal(code: ErrorCode, reason: string): ApiError {
  return new ApiError(
    code,
    `Cannot identify the caller by bearer token: ${reason}. Send "Authorization: Bearer <access token>" with the access token of a signed-in user (session.access_token in supabase-js).`,
    { headers: { "www-authenticate": "Bearer" } },
  );
}
