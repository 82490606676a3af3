import { decodeJwt, errors, jwtVerify } from "jose";
import { z } from "zod";

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
}

/** Tells who holds a key or a token. */
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

const claimsSchema = z.looseObject({
  role: z.enum(["anon", "authenticated", "service_role"]),
  exp: z.int(),
});

/** Verifies what clients present, as hosted Realtime does. */
export function createCallers({ publishableKey, secretKey, jwtSecret }: CallerKeys): Callers {
  const secret = new TextEncoder().encode(jwtSecret);
  const keys = new Map([[publishableKey, "anon"], [secretKey, "service_role"]]);

  async function ofToken(token: string): Promise<Caller> {
    const claims = claimsSchema.safeParse(await verify(token, secret));
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

/** Whether a token says nothing new: absent, or an API key, which is what the connection has. */
export function isNoToken(token: unknown): boolean {
  return typeof token !== "string" || token.startsWith("sb_");
}

async function verify(token: string, secret: Uint8Array): Promise<unknown> {
  try {
    const algorithms = ["HS256", "HS384", "HS512"];
    return (await jwtVerify(token, secret, { algorithms })).payload;
  } catch (error) {
    throw new TokenRefused(refusal(error, token));
  }
}

function refusal(error: unknown, token: string): string {
  if (error instanceof errors.JWTExpired) {
    const seconds = Math.ceil(Date.now() / 1000 - (decodeJwt(token).exp ?? 0));
    return `Token has expired ${seconds} seconds ago`;
  }
  return error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid
    ? "The token provided is not a valid JWT"
    : "Failed to validate JWT signature";
}
