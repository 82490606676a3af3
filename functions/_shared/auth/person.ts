import { decodeJwt, decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from "jose";
import { z } from "zod";
import { ACCESS_KEY_PREFIX } from "./access_key_prefix.ts";
import { PUBLISHED_ALGORITHMS, type PublishedKeyOptions, publishedKeys } from "./published_keys.ts";
import type { Env } from "../core/env.ts";
import type { ErrorCode } from "../core/error_codes.ts";
import { ApiError } from "../core/errors.ts";
import { sha256Hex } from "../core/hash.ts";
import { LruMap } from "../core/lru_map.ts";

/** The sender of a request, verified by the signature of an access token. */
export interface Person {
  /** The token's `sub`: `auth.users.id`. */
  userId: string;
  /** All claims of the token. */
  claims: JWTPayload;
}

/**
 * Identifies the person who sent a request, or throws: 401; 403 for an access key, which belongs to
 * a program; 503 while the signing keys are unavailable.
 */
export type Authenticate = (request: Request) => Promise<Person>;

/** Options of {@linkcode createAuthenticate}. */
export interface AuthOptions extends Pick<Env, "authIssuer" | "jwtSecret">, PublishedKeyOptions {}

const AUDIENCE = "authenticated";

/** Milliseconds for which a verified token is not verified again. */
export const VERIFIED_LASTS_MS = 60_000;

/** Verified tokens that an isolate remembers, by their hashes. */
const MAX_VERIFIED = 1_000;

/**
 * Makes the check of bearer tokens. Those of asymmetric keys are checked with the issuer's
 * published keys; HS256 tokens are accepted only if a shared secret is configured, and only with
 * that secret, so that a public key can never be used as one.
 *
 * Verifying a signature costs more than parsing the rest of a request, and a client sends the same
 * token for an hour. The result is cached for a minute, and never beyond the expiry of the token.
 * The database checks with each call whether the account is still active.
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
 * Reads the token of `Authorization: Bearer`, of `x-api-key` (Anthropic's clients) or of `api-key`
 * (Azure's clients).
 *
 * @throws {ApiError} 401 if there is none.
 */
export function bearerToken(request: Request): string {
  const bare = request.headers.get("x-api-key") || request.headers.get("api-key");
  const header = request.headers.get("authorization");
  // Clients that support both headers may send a stale value in the other one.
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

/** Describes what is wrong with a token, without details that only help an attacker. */
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
