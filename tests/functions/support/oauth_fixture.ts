import { createKeyring, type Keyring } from "../../../functions/_shared/crypto/envelope.ts";
import { ApiError } from "../../../functions/_shared/core/errors.ts";
import { createGuardedFetch } from "../../../functions/_shared/net/guarded_fetch.ts";
import { createLog } from "../../../functions/_shared/core/log.ts";
import type { SharedRedis } from "../../../functions/_shared/redis/client.ts";
import type { OAuthDatabase } from "../../../functions/oauth-tokens/db.ts";
import {
  handleOAuthTokens,
  type OAuthTokensDeps,
} from "../../../functions/oauth-tokens/handler.ts";
import { createRefreshTokens } from "../../../functions/oauth-tokens/refresh_tokens.ts";
import { createRevokeTokens } from "../../../functions/oauth-tokens/revoke_tokens.ts";
import { createTokenCache } from "../../../functions/oauth-tokens/token_cache.ts";
import { createTokenSeal } from "../../../functions/oauth-tokens/token_seal.ts";
import { CLIENT } from "./oauth_server.ts";

/** The user who sends requests that name no other. */
export const USER_ID = "00000000-0000-4000-8000-00000000000a";

/** A keyring with a random key. */
export function testKeyring(): Keyring {
  return keyringOf({ k1: randomKey() });
}

/** A key for {@linkcode keyringOf}. */
export function randomKey(): string {
  return crypto.getRandomValues(new Uint8Array(32)).toBase64();
}

/** A keyring of these keys, the first of which is the active one. */
export function keyringOf(keys: Record<string, string>): Keyring {
  return createKeyring(JSON.stringify({ active: Object.keys(keys)[0], keys }));
}

/** The function as one isolate runs it. */
export interface OAuthIsolate {
  /** Sends a request as a person. A body is sent as JSON. */
  ask(method: string, path: string, body?: unknown, userId?: string): Promise<Response>;
  /** Answers any request. */
  handle(request: Request): Promise<Response>;
  /** What it logged. */
  lines: string[];
  /** What was given to `waitUntil`. */
  background: Promise<unknown>[];
}

/** The options of {@linkcode oauthIsolate}. */
export interface OAuthIsolateOptions {
  database: OAuthDatabase;
  keyring: Keyring;
  redis?: SharedRedis | null;
  /** The timeout for a token endpoint, in milliseconds. */
  timeoutMs?: number;
  variables?: ReadonlyMap<string, string>;
  changes?: Partial<OAuthTokensDeps>;
}

/**
 * Creates an isolate in which everything is real except for the database and the authentication.
 */
export function oauthIsolate(options: OAuthIsolateOptions): OAuthIsolate {
  const { database, keyring, redis = null, timeoutMs = 2_000 } = options;
  const lines: string[] = [];
  const background: Promise<unknown>[] = [];
  const guarded = createGuardedFetch({
    trustedHosts: ["127.0.0.1"],
    timeoutMs,
    maxBytes: 64 * 1024,
  });
  const variables = options.variables ?? new Map([
    ["GOOGLE_OAUTH_CLIENT_ID", CLIENT.id],
    ["GOOGLE_OAUTH_CLIENT_SECRET", CLIENT.secret],
  ]);
  const refresh = createRefreshTokens({ fetch: guarded, variables, now: Date.now });
  const deps: OAuthTokensDeps = {
    log: createLog((line) => lines.push(line)),
    now: Date.now,
    lifetime: {
      waitUntil: (work) => void background.push(work),
      shutdown: new AbortController().signal,
    },
    authenticate: (request) => {
      const userId = request.headers.get("authorization")?.replace("Bearer ", "");
      return userId
        ? Promise.resolve({ userId, claims: {} })
        : Promise.reject(new ApiError("missing_token", "Who?"));
    },
    database,
    seal: createTokenSeal(keyring),
    refresh,
    revoke: createRevokeTokens({ fetch: guarded, refresh, variables }),
    cache: createTokenCache(redis, keyring, Date.now),
    ...options.changes,
  };
  const handle = (request: Request) => handleOAuthTokens(request, deps);
  return {
    handle,
    lines,
    background,
    ask(method, path, body, userId = USER_ID) {
      const headers = userId ? { authorization: `Bearer ${userId}` } : undefined;
      const init = { method, headers, ...body === undefined ? {} : { body: textOf(body) } };
      return handle(new Request(`http://127.0.0.1${path}`, init));
    },
  };
}

function textOf(body: unknown): string {
  return typeof body === "string" ? body : JSON.stringify(body);
}
