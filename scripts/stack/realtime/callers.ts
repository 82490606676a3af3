import { decodeJwt, decodeProtectedHeader, errors, jwtVerify, type JWTVerifyGetKey } from "jose";
import { z } from "zod";
import {
  PUBLISHED_ALGORITHMS,
  publishedKeys,
} from "../../../functions/_shared/auth/published_keys.ts";
import { ApiError } from "../../../functions/_shared/core/errors.ts";

/** As whom a channel receives. */
export interface Caller {
  role: string;
  /** What policies read as `request.jwt.claims`. */
  claims: Record<string, unknown>;
  /** When the token expires, in milliseconds since 1970; infinite for an API key. */
  expiresAt: number;
}

/** The keys of a project. */
export interface CallerKeys {
  publishableKey: string;
  secretKey: string;
  jwtSecret: string;
  /** Where another issuer publishes its keys; absent if only the stack's secret signs tokens. */
  jwksUrl?: string | undefined;
}

/** Identifies the caller of a key or a token. */
export interface Callers {
  /** The caller of an API key of the new kind or an old one, which is a token. */
  ofKey(key: string): Promise<Caller>;
  /** @throws {TokenRefused} */
  ofToken(token: string): Promise<Caller>;
}

/** Why a token is not accepted. */
export class TokenRefused extends Error {
  override name = "TokenRefused";
}

/** The algorithms of the stack's own secret. */
const SHARED_ALGORITHMS = ["HS256", "HS384", "HS512"];

const claimsSchema = z.looseObject({
  role: z.enum(["anon", "authenticated", "service_role"]),
  exp: z.int(),
});

/** Verifies what clients present, as hosted Realtime does. */
export function createCallers(options: CallerKeys): Callers {
  const { publishableKey, secretKey, jwksUrl } = options;
  const secret = new TextEncoder().encode(options.jwtSecret);
  const published = jwksUrl ? publishedKeys({ jwksUrl, fetch }) : null;
  const keys = new Map([[publishableKey, "anon"], [secretKey, "service_role"]]);

  async function ofToken(token: string): Promise<Caller> {
    const claims = claimsSchema.safeParse(await verify(token, secret, published));
    if (!claims.success) throw new TokenRefused("Fields `role` and `exp` are required in JWT");
    const { role, exp } = claims.data;
    return { role, claims: claims.data, expiresAt: exp * 1000 };
  }

  return {
    ofToken,
    async ofKey(key) {
      const role = keys.get(key);
      if (role === undefined) return await ofToken(key);
      return { role, claims: { role }, expiresAt: Infinity };
    },
  };
}

/**
 * Whether a client sent no token of a user: nothing, or an API key, which the connection has
 * already.
 */
export function isNoToken(token: unknown): boolean {
  return typeof token !== "string" || token.startsWith("sb_");
}

/**
 * Verifies a token. Published keys verify asymmetric algorithms only, and the secret shared ones
 * only: the token merely selects which of the two verifies it.
 */
async function verify(
  token: string,
  secret: Uint8Array,
  published: JWTVerifyGetKey | null,
): Promise<unknown> {
  try {
    const { alg = "" } = decodeProtectedHeader(token);
    const verified = published && PUBLISHED_ALGORITHMS.includes(alg)
      ? await jwtVerify(token, published, { algorithms: [alg] })
      : await jwtVerify(token, secret, { algorithms: SHARED_ALGORITHMS });
    return verified.payload;
  } catch (error) {
    throw new TokenRefused(refusal(error, token));
  }
}

function refusal(error: unknown, token: string): string {
  if (error instanceof errors.JWTExpired) {
    const seconds = Math.ceil(Date.now() / 1000 - (decodeJwt(token).exp ?? 0));
    return `Token has expired ${seconds} seconds ago`;
  }
  if (error instanceof ApiError) return error.message;
  return error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid ||
      error instanceof TypeError
    ? "The token provided is not a valid JWT"
    : "Failed to validate JWT signature";
}
