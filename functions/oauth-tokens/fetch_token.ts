import { UndecryptableError } from "../_shared/crypto/envelope.ts";
import { ApiError, toApiError } from "../_shared/core/errors.ts";
import type { Lifetime } from "../_shared/core/runtime.ts";
import type { LogFields } from "../_shared/core/log.ts";
import { retry } from "../_shared/core/retry.ts";
import { sleep } from "../_shared/core/sleep.ts";
import type { Asked, Claim, OAuthDatabase, RefreshOutcome } from "./db.ts";
import {
  RefreshFailedError,
  RefreshRefusedError,
  type RefreshTokens,
  unavailable,
} from "./refresh_tokens.ts";
import type { Tokens } from "./token_answer.ts";
import type { AccessToken } from "./token_cache.ts";
import type { TokenSeal } from "./token_seal.ts";

/** The dependencies of {@linkcode fetchToken}. */
export interface FetchTokenDeps {
  database: Pick<OAuthDatabase, "takeTokens" | "finishRefresh" | "giveUpTokens">;
  seal: TokenSeal;
  refresh: RefreshTokens;
  lifetime: Lifetime;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/** Milliseconds. */
const PATIENCE = {
  /** How long a request waits for a refresh by another request. */
  wait: 20_000,
  /** The first pause between checks, doubled each time up to the last. */
  firstPause: 25,
  lastPause: 400,
};

/** Pauses before a refreshed token is stored again: it exists nowhere else. */
const STORE_AGAIN_MS = [100, 500, 2_000, 5_000];

/**
 * The caller's access token of a provider, valid for at least a minute, or for half of a shorter
 * lifetime. A token with less left is refreshed by exactly one request across all isolates; the
 * others wait for the result.
 *
 * @param rejected The access token that the provider's API refused, which is refreshed if it is
 * still the stored one; null to fetch the current one.
 * @param fields The request's log line.
 * @throws {ApiError} 404 nothing stored, 403 `needs_reauth`, 503 the provider returns no token at
 * the moment, 500 `undecryptable` while the keyring lacks a key.
 */
export async function fetchToken(
  userId: string,
  provider: string,
  rejected: string | null,
  deps: FetchTokenDeps,
  fields: LogFields = {},
): Promise<AccessToken> {
  const claimant = crypto.randomUUID();
  const deadline = deps.now() + PATIENCE.wait;
  let pause = PATIENCE.firstPause;
  let failure: ApiError | null = null;
  const asked: Asked = {};

  while (true) {
    const taken = await deps.database.takeTokens(userId, provider, claimant, asked);
    fields.oauth ??= taken.state;
    switch (taken.state) {
      case "ready": {
        const tokens = await openOrGiveUp(userId, provider, taken, deps);
        if (tokens && tokens.access_token !== rejected) {
          return accessToken(provider, taken.session_id, tokens, taken.expires_at);
        }
        if (tokens) asked.rejected = taken.ciphertext;
        else fields.oauth = "given_up";
        break;
      }
      case "claimed": {
        const work = refreshClaimed(userId, provider, claimant, taken, deps);
        // The rotated token must be stored even when the caller disconnects.
        deps.lifetime.waitUntil?.(work.catch(() => {}));
        const { ended, token, error } = await work;
        fields.oauth_refresh = ended;
        if (error) fields.oauth_refresh_error = causeOf(error);
        if (token) return token;
        // A retry would get the same claim and the same error.
        if (error instanceof UndecryptableError) throw error;
        failure = error;
        break;
      }
      case "needs_reauth":
        throw new ApiError(
          "needs_reauth",
          `Cannot give an access token of "${provider}": the stored sign-in is no longer valid. Sign in with the provider again and store the new tokens with POST /oauth-tokens.`,
        );
      case "resting":
        throw failure ?? unavailable(provider, "it failed just now", taken.retry_after_ms);
      case "busy":
        if (deps.now() + pause > deadline) {
          throw unavailable(provider, "another request refreshes", taken.retry_after_ms);
        }
        asked.since ??= taken.asked_at;
        await sleep(pause);
        pause = Math.min(pause * 2, PATIENCE.lastPause);
    }
  }
}

/** The outcome of a refresh. */
interface Refresh {
  ended: "refreshed" | "superseded" | "refused" | "failed" | "given_up";
  token: AccessToken | null;
  error: ApiError | null;
}

/** Performs a claimed refresh, and reports its outcome to the database in every case. */
async function refreshClaimed(
  userId: string,
  provider: string,
  claimant: string,
  claim: Claim,
  deps: FetchTokenDeps,
): Promise<Refresh> {
  const { session_id: sessionId } = claim;
  const of = { userId, provider, sessionId };
  const finish = (outcome: RefreshOutcome) =>
    deps.database.finishRefresh(sessionId, claimant, outcome);
  try {
    const before = await openOrGiveUp(userId, provider, claim, deps);
    if (!before) return { ended: "given_up", token: null, error: null };
    const { tokens, expiresIn } = await deps.refresh({ provider, ...claim }, before);
    const receivedAt = deps.now();
    const sealed = await deps.seal.seal(tokens, expiresIn, of);
    const finished = await retry(() => {
      const age = (deps.now() - receivedAt) / 1000;
      return finish({ state: "refreshed", ...sealed, age });
    }, pauseToStore);
    // Replaced, deleted or claimed by another request in the meantime: use what is stored now.
    if (!finished.accepted) return { ended: "superseded", token: null, error: null };
    const token = accessToken(provider, sessionId, tokens, finished.expires_at ?? null);
    return { ended: "refreshed", token, error: null };
  } catch (thrown) {
    if (thrown instanceof RefreshRefusedError) {
      await finish({ state: "refused" });
      return { ended: "refused", token: null, error: null };
    }
    // A missing encryption key does not pause the provider, which was not called.
    const failed = thrown instanceof RefreshFailedError ? thrown : new RefreshFailedError(
      thrown instanceof UndecryptableError ? 0 : 1_000,
      toApiError(thrown),
    );
    const { retryAfterMs: retry_after_ms, isRefusal: is_refusal } = failed;
    await finish({ state: "failed", retry_after_ms, is_refusal });
    return { ended: "failed", token: null, error: failed.error };
  }
}

/**
 * Decrypts tokens. Corrupt ones are discarded: the next read returns that a new sign-in is needed,
 * or newer tokens.
 *
 * @returns null for tokens that were discarded.
 * @throws {UndecryptableError} While the keyring lacks their key.
 */
async function openOrGiveUp(
  userId: string,
  provider: string,
  { session_id: sessionId, ciphertext }: { session_id: string; ciphertext: string },
  { seal, database }: FetchTokenDeps,
): Promise<Tokens | null> {
  try {
    return await seal.open(ciphertext, { userId, provider, sessionId });
  } catch (thrown) {
    if (!(thrown instanceof UndecryptableError) || thrown.keyIsMissing) throw thrown;
    await database.giveUpTokens(sessionId, ciphertext);
    return null;
  }
}

function causeOf({ code, cause }: ApiError): string {
  return cause instanceof Error ? cause.message : code;
}

/** The pause before a refreshed token is stored again while the database is unavailable. */
function pauseToStore(failures: number, thrown: unknown): number | null {
  return toApiError(thrown).status === 503 ? STORE_AGAIN_MS[failures] ?? null : null;
}

/** The part of the tokens that a caller receives: never the refresh token. */
export function accessToken(
  provider: string,
  sessionId: string,
  { access_token, token_type, scope, extra, account_id }: Tokens,
  expiresAt: string | null,
): AccessToken {
  return {
    provider,
    session_id: sessionId,
    access_token,
    token_type,
    scope,
    expires_at: expiresAt,
    extra,
    account_id,
  };
}
