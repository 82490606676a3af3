import { allowInsecureRequests, customFetch, refreshTokenGrantRequest } from "oauth4webapi";
import { ApiError } from "../_shared/core/errors.ts";
import { readRetryAfter } from "../_shared/core/retry_after.ts";
import { type GuardedFetch, GuardedFetchError } from "../_shared/net/guarded_fetch.ts";
import { MISCONFIGURED_REST_S, type OAuthClient, oauthClient } from "./client_authentication.ts";
import type { Claim } from "./db.ts";
import { readRefreshAnswer, type RefreshAnswer } from "./refresh_answer.ts";
import type { TokenAnswer, Tokens } from "./token_answer.ts";

/** The endpoint and client with which tokens are refreshed. */
export type RefreshTarget =
  & Pick<
    Claim,
    "token_endpoint" | "client_authentication" | "resource" | "scope" | "refusals"
  >
  & { provider: string };

/** The provider no longer accepts the refresh token. Only a new sign-in helps. */
export class RefreshRefusedError extends Error {
  override readonly name = "RefreshRefusedError";
}

/** A refresh without a result, while the refresh token may still be valid. */
export class RefreshFailedError extends Error {
  override readonly name = "RefreshFailedError";
  /** Milliseconds for which the provider should not be called again. */
  readonly retryAfterMs: number;
  readonly error: ApiError;
  /** Whether the provider refused it with an error that may be about the refresh token. */
  readonly isRefusal: boolean;

  constructor(retryAfterMs: number, error: ApiError, isRefusal = false) {
    super(error.code);
    this.retryAfterMs = retryAfterMs;
    this.error = error;
    this.isRefusal = isRefusal;
  }
}

/**
 * Exchanges a refresh token.
 *
 * @throws {RefreshRefusedError} The provider no longer accepts it.
 * @throws {RefreshFailedError} The result is not known, or the provider was not called.
 */
export type RefreshTokens = (target: RefreshTarget, tokens: Tokens) => Promise<TokenAnswer>;

/** Options of {@linkcode createRefreshTokens}. */
export interface RefreshOptions {
  fetch: GuardedFetch;
  /** `<PROVIDER>_OAUTH_CLIENT_ID` and `<PROVIDER>_OAUTH_CLIENT_SECRET` are looked up here. */
  variables: ReadonlyMap<string, string>;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/** How long a provider is not called after a failure without Retry-After. */
const REST_MS = 5_000;

/** Makes the exchange of refresh tokens. */
export function createRefreshTokens(options: RefreshOptions): RefreshTokens {
  return async (target, tokens) => {
    const client = clientOf(target, options.variables);
    if (tokens.refresh_token === null) throw new RefreshRefusedError("no refresh token");
    const { answer, retryAfterMs } = await ask(target, client, tokens, options);
    if (answer.kind === "refused") throw new RefreshRefusedError(answer.code);
    if (answer.kind === "tokens") return answer;
    const error = unavailable(target.provider, answer.code, retryAfterMs);
    throw new RefreshFailedError(retryAfterMs, error, answer.isRefusal);
  };
}

function clientOf(target: RefreshTarget, variables: ReadonlyMap<string, string>): OAuthClient {
  try {
    return oauthClient(target.provider, target.client_authentication, variables);
  } catch (thrown) {
    if (!(thrown instanceof ApiError)) throw thrown;
    throw new RefreshFailedError(MISCONFIGURED_REST_S * 1_000, thrown);
  }
}

/** Sends the request of a refresh, and reads what comes back. */
async function ask(
  { provider, ...target }: RefreshTarget,
  client: OAuthClient,
  tokens: Tokens,
  { fetch, now }: RefreshOptions,
): Promise<{ answer: RefreshAnswer; retryAfterMs: number }> {
  const endpoint = new URL(target.token_endpoint);
  const additionalParameters = Object.entries({ resource: target.resource, scope: target.scope })
    .flatMap(([name, value]): [string, string][] => value === null ? [] : [[name, value]]);
  try {
    const response = await refreshTokenGrantRequest(
      { issuer: endpoint.origin, token_endpoint: endpoint.href },
      { client_id: client.id },
      client.authenticate,
      tokens.refresh_token ?? "",
      {
        additionalParameters,
        // Only hosts that the operator trusts: the guard refuses http to all others.
        [allowInsecureRequests]: endpoint.protocol === "http:",
        [customFetch]: (url, { method, headers, body }) => fetch(url, { method, headers, body }),
      },
    );
    const text = await response.text();
    return {
      answer: readRefreshAnswer(response.status, text, target.refusals, tokens),
      retryAfterMs: readRetryAfter(response.headers, now()) ?? REST_MS,
    };
  } catch (thrown) {
    throw new RefreshFailedError(REST_MS, unavailable(provider, describe(thrown)));
  }
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

/** Describes a failure without the provider's text, which may quote a token. */
function describe(thrown: unknown): string {
  if (thrown instanceof GuardedFetchError) return thrown.code;
  return thrown instanceof Error ? thrown.name : "unknown";
}
