import type { Authenticate } from "../_shared/auth/person.ts";
import { ApiError, toApiError } from "../_shared/core/errors.ts";
import { identifyPerson } from "../_shared/auth/identify_person.ts";
import { readBody } from "../_shared/http/operation.ts";
import type { RequestContext } from "../_shared/http/context.ts";
import { respond, type RespondDeps } from "../_shared/http/respond.ts";
import type { OAuthDatabase } from "./db.ts";
import { accountOf, isOtherAccount } from "./account.ts";
import { accessToken, fetchToken, type FetchTokenDeps } from "./fetch_token.ts";
import { operations } from "./operations.ts";
import type { DeletedTokens, TokenSession } from "./db.ts";
import { PROVIDER } from "./schema.ts";
import { RefreshRefusedError } from "./refresh_tokens.ts";
import type { RevokeTokens } from "./revoke_tokens.ts";
import { type Tokens, toTokens } from "./token_answer.ts";
import type { AccessToken, TokenCache } from "./token_cache.ts";

/** The outside of the function oauth-tokens. */
export interface OAuthTokensDeps extends RespondDeps, FetchTokenDeps {
  authenticate: Authenticate;
  database: OAuthDatabase;
  cache: TokenCache;
  revoke: RevokeTokens;
}

/** How often a name for a session is made up: once, and again when another request was faster. */
const STORE_ATTEMPTS = 5;

/**
 * Answers the {@linkcode operations} of the function `oauth-tokens`: the caller's own tokens of OAuth
 * providers.
 */
export function handleOAuthTokens(request: Request, deps: OAuthTokensDeps): Promise<Response> {
  /** Writes through in the background. */
  const cache = (userId: string, provider: string, token: AccessToken | null) => {
    const work = deps.cache.write(userId, provider, token);
    deps.lifetime.waitUntil?.(work);
  };

  const list = async (request: Request, context: RequestContext) => {
    const userId = await identifyPerson(request, context, deps);
    return Response.json({ object: "list", data: await deps.database.listConnections(userId) });
  };

  const store = async (request: Request, context: RequestContext) => {
    const userId = await identifyPerson(request, context, deps);
    const body = await readBody(request, operations.store.body);
    const { provider } = body;
    context.fields.provider = provider;
    for (let attempt = 0; attempt < STORE_ATTEMPTS; attempt++) {
      const { session_id, ciphertext, account_fields } = await deps.database
        .findSession(userId, provider);
      const sessionId = session_id ?? newSessionId();
      const session = { session_id: sessionId, ciphertext };
      const before = await openStored({ userId, provider, ...session }, deps);
      const account = accountOf(body, account_fields);
      const { tokens, expiresIn } = toTokens(body, body, before, account);
      const sealed = await deps.seal.seal(tokens, expiresIn, { userId, provider, sessionId });
      const stored = await deps.database.storeTokens(userId, provider, session, sealed);
      if (!stored.stored) continue;
      const { expires_at } = stored;
      cache(userId, provider, accessToken(provider, sessionId, tokens, expires_at));
      const { refreshable } = sealed;
      const { account_id } = tokens;
      const account_changed = isOtherAccount(account, before);
      const status = "connected";
      return Response.json({
        ...{ provider, status, session_id: sessionId, expires_at, refreshable },
        ...{ account_id, account_changed },
      }, { status: 201 });
    }
    throw new ApiError(
      "oauth_tokens_busy",
      `Cannot store the tokens of "${provider}": another request is storing tokens. Try again.`,
      { headers: { "retry-after": "1" } },
    );
  };

  /** The current token, or the one that replaces a rejected one. */
  const give = async (userId: string, rejected: string | null, context: RequestContext) => {
    const provider = providerOf(context);
    try {
      const token = await fetchToken(userId, provider, rejected, deps, context.fields);
      cache(userId, provider, token);
      return Response.json(token);
    } catch (thrown) {
      const error = toApiError(thrown);
      if (error.code === "needs_reauth" || error.status === 404) cache(userId, provider, null);
      if (error.code !== "database_unavailable") throw error;
      const token = await deps.cache.read(userId, provider);
      if (!token || token.access_token === rejected) throw error;
      context.fields.oauth = "cached";
      return Response.json(token);
    }
  };

  const fetch = async (request: Request, context: RequestContext) =>
    await give(await identifyPerson(request, context, deps), null, context);

  const refresh = async (request: Request, context: RequestContext) => {
    const userId = await identifyPerson(request, context, deps);
    const { rejected } = await readBody(request, operations.refresh.body);
    return await give(userId, rejected, context);
  };

  const remove = async (request: Request, context: RequestContext) => {
    const userId = await identifyPerson(request, context, deps);
    const provider = providerOf(context);
    const deleted = await deps.database.deleteTokens(userId, provider);
    cache(userId, provider, null);
    if (!deleted) throw notStored();
    // Best effort: the connection is gone here, whether the provider answers or not.
    const revoked = revokeDeleted({ userId, provider, ...deleted }, deps)
      .then((outcome) =>
        outcome && deps.log("info", { message: "oauth_revocation", provider, outcome })
      );
    deps.lifetime.waitUntil?.(revoked);
    return Response.json({ provider, deleted: true });
  };

  const handlers = { list, store, fetch, refresh, remove };
  return respond(request, "oauth-tokens", operations, handlers, deps);
}

/** The tokens of a session; null where there are none, or none that can be opened. */
async function openStored(
  { userId, provider, session_id, ciphertext }: TokenSession & { userId: string; provider: string },
  { seal }: OAuthTokensDeps,
): Promise<Tokens | null> {
  if (ciphertext === null) return null;
  return await seal.open(ciphertext, { userId, provider, sessionId: session_id })
    .catch(() => null);
}

/** Revokes tokens at their provider, and says how that ended; null where there is nothing to do. */
async function revokeDeleted(
  deleted: DeletedTokens & { userId: string; provider: string },
  deps: OAuthTokensDeps,
): Promise<string | null> {
  const { revocation_endpoint } = deleted;
  if (revocation_endpoint === null) return null;
  const tokens = await openStored(deleted, deps);
  if (tokens === null) return null;
  try {
    return `status ${await deps.revoke({ ...deleted, revocation_endpoint }, tokens)}`;
  } catch (thrown) {
    if (thrown instanceof RefreshRefusedError) return "already ended";
    return thrown instanceof ApiError ? thrown.code : "unreachable";
  }
}

function providerOf({ params, fields }: RequestContext): string {
  const { provider = "" } = params;
  if (!PROVIDER.test(provider)) throw notStored();
  fields.provider = provider;
  return provider;
}

function notStored(): ApiError {
  return new ApiError(
    "oauth_token_not_found",
    "You have not stored tokens for this provider. Sign in with the provider and store the tokens with POST /oauth-tokens.",
  );
}

/** As the database makes them up: unguessable. */
function newSessionId(): string {
  return `mcp_${crypto.getRandomValues(new Uint8Array(32)).toHex()}`;
}
