import type { z } from "zod";
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

/** The dependencies of the function `oauth-tokens`. */
export interface OAuthTokensDeps extends RespondDeps, FetchTokenDeps {
  authenticate: Authenticate;
  database: OAuthDatabase;
  cache: TokenCache;
  revoke: RevokeTokens;
}

/** Attempts to create a session: a second one if another request was faster. */
const STORE_ATTEMPTS = 5;

/**
 * Answers the {@linkcode operations} of the function `oauth-tokens`: the caller's own tokens of
 * OAuth providers.
 */
export function handleOAuthTokens(request: Request, deps: OAuthTokensDeps): Promise<Response> {
  const forUser = (answer: PersonsHandler) => async (request: Request, context: RequestContext) => {
    const userId = await identifyPerson(request, context, deps);
    return await answer({ request, context, userId }, deps);
  };
  return respond(request, "oauth-tokens", operations, {
    list: forUser(list),
    store: forUser(store),
    fetch: forUser(fetchCurrent),
    refresh: forUser(refresh),
    remove: forUser(remove),
  }, deps);
}

interface PersonsCall {
  request: Request;
  context: RequestContext;
  userId: string;
}

type PersonsHandler = (call: PersonsCall, deps: OAuthTokensDeps) => Promise<Response>;

async function list({ userId }: PersonsCall, { database }: OAuthTokensDeps): Promise<Response> {
  return Response.json({ object: "list", data: await database.listConnections(userId) });
}

type StoreBody = z.infer<typeof operations.store.body.schema>;

async function store(
  { request, context, userId }: PersonsCall,
  deps: OAuthTokensDeps,
): Promise<Response> {
  const body = await readBody(request, operations.store.body);
  context.fields.provider = body.provider;
  for (let attempt = 0; attempt < STORE_ATTEMPTS; attempt++) {
    const stored = await storeOnce(userId, body, deps);
    if (stored !== null) return Response.json(stored, { status: 201 });
  }
  throw new ApiError(
    "oauth_tokens_busy",
    `Cannot store the tokens of "${body.provider}": another request is storing tokens. Try again.`,
    { headers: { "retry-after": "1" } },
  );
}

/** Stores tokens and returns the answer; null if another request was faster. */
async function storeOnce(
  userId: string,
  body: StoreBody,
  deps: OAuthTokensDeps,
): Promise<object | null> {
  const { provider } = body;
  const { session_id, ciphertext, account_fields } = await deps.database
    .findSession(userId, provider);
  const sessionId = session_id ?? newSessionId();
  const session = { session_id: sessionId, ciphertext };
  const before = await openStored({ userId, provider, ...session }, deps);
  const account = accountOf(body, account_fields);
  const { tokens, expiresIn } = toTokens(body, body, before, account);
  const sealed = await deps.seal.seal(tokens, expiresIn, { userId, provider, sessionId });
  const stored = await deps.database.storeTokens(userId, provider, session, sealed);
  if (!stored.stored) return null;
  const { expires_at } = stored;
  cacheToken(userId, provider, accessToken(provider, sessionId, tokens, expires_at), deps);
  return {
    provider,
    status: "connected",
    session_id: sessionId,
    expires_at,
    refreshable: sealed.refreshable,
    account_id: tokens.account_id,
    account_changed: isOtherAccount(account, before),
  };
}

async function fetchCurrent(call: PersonsCall, deps: OAuthTokensDeps): Promise<Response> {
  return await give(call, null, deps);
}

async function refresh(call: PersonsCall, deps: OAuthTokensDeps): Promise<Response> {
  const { rejected } = await readBody(call.request, operations.refresh.body);
  return await give(call, rejected, deps);
}

/** The current token, or the one that replaces a rejected one. */
async function give(
  { context, userId }: PersonsCall,
  rejected: string | null,
  deps: OAuthTokensDeps,
): Promise<Response> {
  const provider = providerOf(context);
  try {
    const token = await fetchToken(userId, provider, rejected, deps, context.fields);
    cacheToken(userId, provider, token, deps);
    return Response.json(token);
  } catch (thrown) {
    const error = toApiError(thrown);
    if (error.code === "needs_reauth" || error.status === 404) {
      cacheToken(userId, provider, null, deps);
    }
    if (error.code !== "database_unavailable") throw error;
    const token = await deps.cache.read(userId, provider);
    if (!token || token.access_token === rejected) throw error;
    context.fields.oauth = "cached";
    return Response.json(token);
  }
}

async function remove({ context, userId }: PersonsCall, deps: OAuthTokensDeps): Promise<Response> {
  const provider = providerOf(context);
  const deleted = await deps.database.deleteTokens(userId, provider);
  cacheToken(userId, provider, null, deps);
  if (!deleted) throw notStored();
  // Best effort: the connection is already deleted, whether or not the provider answers.
  const revoked = revokeDeleted({ userId, provider, ...deleted }, deps)
    .then((outcome) =>
      outcome && deps.log("info", { message: "oauth_revocation", provider, outcome })
    );
  deps.lifetime.waitUntil?.(revoked);
  return Response.json({ provider, deleted: true });
}

/** Writes through in the background. */
function cacheToken(
  userId: string,
  provider: string,
  token: AccessToken | null,
  { cache, lifetime }: OAuthTokensDeps,
): void {
  const work = cache.write(userId, provider, token);
  lifetime.waitUntil?.(work);
}

/** The tokens of a session; null if there are none, or they cannot be decrypted. */
async function openStored(
  { userId, provider, session_id, ciphertext }: TokenSession & { userId: string; provider: string },
  { seal }: OAuthTokensDeps,
): Promise<Tokens | null> {
  if (ciphertext === null) return null;
  return await seal.open(ciphertext, { userId, provider, sessionId: session_id })
    .catch(() => null);
}

/** Revokes tokens at their provider, and returns the outcome; null if there is nothing to do. */
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

/** Unguessable, as the database creates them. */
function newSessionId(): string {
  return `mcp_${crypto.getRandomValues(new Uint8Array(32)).toHex()}`;
}
