import {
  allowInsecureRequests,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  customFetch,
  None,
  processRefreshTokenResponse,
  refreshTokenGrantRequest,
  ResponseBodyError,
} from "oauth4webapi";
import { z } from "zod";
import { ApiError } from "../_shared/core/errors.ts";
import { type GuardedFetch, GuardedFetchError } from "../_shared/net/guarded_fetch.ts";
import { readRetryAfter } from "../_shared/core/retry_after.ts";
import type { Claim } from "./db.ts";
import type { Tokens } from "./schema.ts";

/** The endpoint and client with which tokens are refreshed. */
export type RefreshTarget =
  & Pick<Claim, "token_endpoint" | "client_authentication">
  & { provider: string };

/** What a provider gave. */
export interface RefreshedTokens {
  tokens: Tokens;
  /** Seconds; null when the provider does not say. */
  expiresIn: number | null;
}

/** A provider that takes the refresh token no more. Nothing but a new sign-in helps. */
export class RefreshRefusedError extends Error {
  override readonly name = "RefreshRefusedError";
}

/** A refresh that came to nothing, while the refresh token may still be good. */
export class RefreshFailedError extends Error {
  override readonly name = "RefreshFailedError";
  /** Milliseconds for which the provider should not be asked again. */
  readonly retryAfterMs: number;
  readonly error: ApiError;

  constructor(retryAfterMs: number, error: ApiError) {
    super(error.code);
    this.retryAfterMs = retryAfterMs;
    this.error = error;
  }
}

/**
 * Exchanges a refresh token.
 *
 * @throws {RefreshRefusedError} The provider takes it no more.
 * @throws {RefreshFailedError} It is not known, or was not asked.
 */
export type RefreshTokens = (target: RefreshTarget, tokens: Tokens) => Promise<RefreshedTokens>;

/** What {@linkcode createRefreshTokens} needs. */
export interface RefreshOptions {
  fetch: GuardedFetch;
  /** `<PROVIDER>_OAUTH_CLIENT_ID` and `<PROVIDER>_OAUTH_CLIENT_SECRET` are looked up here. */
  variables: ReadonlyMap<string, string>;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/** How long a provider that did not answer, and does not say how long to wait, is not called. */
const REST_MS = 5_000;

/** The pause before a provider that is not configured is tried again, in milliseconds. */
const MISCONFIGURED_REST_MS = 30_000;

/** The standard's word, and GitHub's. */
const REFUSALS = new Set(["invalid_grant", "bad_refresh_token"]);

/** Makes the exchange of refresh tokens. */
export function createRefreshTokens(options: RefreshOptions): RefreshTokens {
  const { fetch, variables, now } = options;
  return async (target, tokens) => {
    const { clientId, authentication } = clientOf(target, variables);
    const endpoint = new URL(target.token_endpoint);
    const server = { issuer: endpoint.origin, token_endpoint: endpoint.href };
    const client = { client_id: clientId };
    let retryAfterMs = REST_MS;
    try {
      if (tokens.refresh_token === null) throw new RefreshRefusedError("no refresh token");
      const response = await refreshTokenGrantRequest(
        server,
        client,
        authentication,
        tokens.refresh_token,
        {
          // Only hosts that the operator trusts: the guard refuses http to all others.
          [allowInsecureRequests]: endpoint.protocol === "http:",
          [customFetch]: async (url, { method, headers, body }) => {
            const answer = await fetch(url, { method, headers, body });
            retryAfterMs = readRetryAfter(answer.headers, now()) ?? REST_MS;
            return withoutQuirks(answer.status, await answer.text());
          },
        },
      );
      const answer = await processRefreshTokenResponse(server, client, response);
      return {
        tokens: {
          access_token: answer.access_token,
          // Who rotates them sends a new one; who does not goes on taking the old one.
          refresh_token: answer.refresh_token ?? tokens.refresh_token,
          token_type: "Bearer",
          scope: answer.scope ?? tokens.scope,
        },
        expiresIn: answer.expires_in ?? null,
      };
    } catch (thrown) {
      if (thrown instanceof RefreshRefusedError) throw thrown;
      if (thrown instanceof ResponseBodyError && REFUSALS.has(thrown.error)) {
        throw new RefreshRefusedError(thrown.error);
      }
      throw new RefreshFailedError(retryAfterMs, unavailable(target.provider, describe(thrown)));
    }
  };
}

/** The error for tokens that cannot be refreshed now. */
export function unavailable(provider: string, cause: string, retryAfterMs = REST_MS): ApiError {
  return new ApiError(
    "oauth_provider_unavailable",
    `Cannot refresh the tokens of "${provider}": the provider did not return any. Try again in a few seconds.`,
    {
      cause: new Error(`refresh: ${cause}`),
      headers: { "retry-after": String(Math.max(1, Math.ceil(retryAfterMs / 1000))) },
    },
  );
}

function clientOf(
  { provider, client_authentication }: RefreshTarget,
  variables: ReadonlyMap<string, string>,
): { clientId: string; authentication: ClientAuth } {
  const prefix = `${provider.toUpperCase()}_OAUTH_CLIENT`;
  const variable = (name: string): string => {
    const value = variables.get(name);
    if (value) return value;
    throw new RefreshFailedError(
      MISCONFIGURED_REST_MS,
      new ApiError(
        "oauth_provider_not_configured",
        `Cannot refresh the tokens of "${provider}": it is not configured. The operator must set the function secret ${name}.`,
        { headers: { "retry-after": String(MISCONFIGURED_REST_MS / 1000) } },
      ),
    );
  };
  const clientId = variable(`${prefix}_ID`);
  if (client_authentication === "none") return { clientId, authentication: None() };
  const secret = variable(`${prefix}_SECRET`);
  const authenticate = client_authentication === "basic" ? ClientSecretBasic : ClientSecretPost;
  return { clientId, authentication: authenticate(secret) };
}

const answerSchema = z.object({
  access_token: z.unknown(),
  refresh_token: z.unknown(),
  scope: z.unknown(),
  expires_in: z.unknown(),
  error: z.unknown(),
}).partial();

/**
 * What a provider answered, in the form of the standard: an error has an error's status, what is not
 * said is not there, and there is no identity token, which was not requested and could not be verified.
 * A token that is turned down over a detail is lost: the one that it was exchanged for is gone.
 */
function withoutQuirks(status: number, text: string): Response {
  const ok = status >= 200 && status < 300;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = null;
  }
  const answer = answerSchema.safeParse(json).data;
  if (!answer) return Response.json(null, { status: ok ? 502 : status });
  if (!ok || typeof answer.error === "string") {
    return Response.json({ error: answer.error }, { status: ok ? 400 : status });
  }
  const { access_token, refresh_token, scope, expires_in } = answer;
  return Response.json({
    access_token,
    token_type: "bearer",
    ...refresh_token ? { refresh_token } : {},
    ...typeof scope === "string" ? { scope } : {},
    ...Number(expires_in) > 0 ? { expires_in: Number(expires_in) } : {},
  });
}

/** What went wrong, in words that are not the provider's: those may quote a token. */
function describe(thrown: unknown): string {
  if (thrown instanceof GuardedFetchError) return thrown.code;
  if (thrown instanceof ResponseBodyError) {
    return `status ${thrown.status} ${/^[a-z_]{1,40}$/.test(thrown.error) ? thrown.error : "?"}`;
  }
  return thrown instanceof Error ? thrown.name : "unknown";
}
