import type { Authenticate } from "../_shared/auth/person.ts";
import { ApiError, toApiError } from "../_shared/core/errors.ts";
import { identifyPerson } from "../_shared/auth/identify_person.ts";
import { readBody } from "../_shared/http/operation.ts";
import type { RequestContext } from "../_shared/http/context.ts";
import { respond, type RespondDeps } from "../_shared/http/respond.ts";
import type { OAuthDatabase } from "./db.ts";
import { accessToken, fetchToken, type FetchTokenDeps } from "./fetch_token.ts";
import { operations } from "./operations.ts";
import { PROVIDER, toStore } from "./schema.ts";
import type { AccessToken, TokenCache } from "./token_cache.ts";

/** The outside of the function oauth-tokens. */
export interface OAuthTokensDeps extends RespondDeps, FetchTokenDeps {
  authenticate: Authenticate;
  database: OAuthDatabase;
  cache: TokenCache;
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
    const { provider, tokens, expiresIn } = toStore(
      await readBody(request, operations.store.body),
    );
    context.fields.provider = provider;
    for (let attempt = 0; attempt < STORE_ATTEMPTS; attempt++) {
      const sessionId = await deps.database.findSession(userId, provider) ?? newSessionId();
      const sealed = await deps.seal.seal(tokens, expiresIn, { userId, provider, sessionId });
      const stored = await deps.database.storeTokens(userId, provider, sessionId, sealed);
      if (!stored.stored) continue;
      const { expires_at } = stored;
      cache(userId, provider, accessToken(provider, sessionId, tokens, expires_at));
      const { refreshable } = sealed;
      const status = "connected";
      return Response.json({ provider, status, session_id: sessionId, expires_at, refreshable }, {
        status: 201,
      });
    }
    throw new ApiError(
      "oauth_tokens_busy",
      `Cannot store the tokens of "${provider}": another request is storing tokens. Try again.`,
      { headers: { "retry-after": "1" } },
    );
  };

  const fetch = async (request: Request, context: RequestContext) => {
    const userId = await identifyPerson(request, context, deps);
    const provider = providerOf(context);
    try {
      const token = await fetchToken(userId, provider, deps, context.fields);
      cache(userId, provider, token);
      return Response.json(token);
    } catch (thrown) {
      const error = toApiError(thrown);
      if (error.code === "needs_reauth" || error.status === 404) cache(userId, provider, null);
      if (error.code !== "database_unavailable") throw error;
      const token = await deps.cache.read(userId, provider);
      if (!token) throw error;
      context.fields.oauth = "cached";
      return Response.json(token);
    }
  };

  const remove = async (request: Request, context: RequestContext) => {
    const userId = await identifyPerson(request, context, deps);
    const provider = providerOf(context);
    const deleted = await deps.database.deleteTokens(userId, provider);
    cache(userId, provider, null);
    if (!deleted) throw notStored();
    return Response.json({ provider, deleted });
  };

  return respond(request, "oauth-tokens", operations, { list, store, fetch, remove }, deps);
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
