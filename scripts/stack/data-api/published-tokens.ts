import { CompactSign, compactVerify, decodeProtectedHeader } from "jose";
import {
  PUBLISHED_ALGORITHMS,
  publishedKeys,
} from "../../../functions/_shared/auth/published_keys.ts";
import { ApiError } from "../../../functions/_shared/core/errors.ts";
import { allowBrowsers } from "./allow-browsers.ts";

/** Who signs access tokens. */
export interface TokenIssuers {
  /** Secret of the stack, with which the library verifies tokens. */
  jwtSecret: string;
  /** Where another issuer publishes its keys; absent if only the stack's secret signs tokens. */
  jwksUrl?: string | undefined;
}

/**
 * Lets the Data API accept tokens of published keys, as PostgREST does on the platform: the library
 * verifies those of the stack's secret only, so what a published key has signed is signed again with
 * the secret. The library checks the claims, such as `exp`, and refuses what no published key signed.
 *
 * @returns The request for the library, or the answer while the keys cannot be fetched.
 */
export function acceptPublishedTokens(
  { jwtSecret, jwksUrl }: TokenIssuers,
): (request: Request) => Promise<Request | Response> {
  if (!jwksUrl) return (request) => Promise.resolve(request);
  const keys = publishedKeys({ jwksUrl, fetch });
  const secret = new TextEncoder().encode(jwtSecret);

  return async (request) => {
    const token = bearerToken(request);
    const alg = algorithmOf(token);
    if (!PUBLISHED_ALGORITHMS.includes(alg)) return request;
    try {
      const { payload } = await compactVerify(token, keys, { algorithms: [alg] });
      const signed = await new CompactSign(payload)
        .setProtectedHeader({ alg: "HS256", typ: "JWT" }).sign(secret);
      const headers = new Headers(request.headers);
      headers.set("authorization", `Bearer ${signed}`);
      return new Request(request, { headers });
    } catch (error) {
      return error instanceof ApiError ? unavailable(error) : request;
    }
  };
}

function bearerToken(request: Request): string {
  return request.headers.get("authorization")?.replace(/^Bearer +/i, "") ?? "";
}

/** The algorithm that a token names; empty if it is no token. */
function algorithmOf(token: string): string {
  try {
    return decodeProtectedHeader(token).alg ?? "";
  } catch {
    return "";
  }
}

function unavailable({ code, message, status, headers }: ApiError): Response {
  return allowBrowsers(
    Response.json({ code, message, details: null, hint: null }, { status, headers }),
  );
}
