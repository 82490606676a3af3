import { ApiError } from "../../../functions/_shared/core/errors.ts";
import type { Claim, OAuthDatabase } from "../../../functions/oauth-tokens/db.ts";
import type { RevocationStyle } from "../../../functions/oauth-tokens/revoke_tokens.ts";

/** The stored tokens of a person at a provider. */
export interface StoredConnection {
  sessionId: string;
  status: "connected" | "needs_reauth";
  ciphertext: string | null;
  issuedAt: number;
  expiresAt: number | null;
  refreshable: boolean;
  lease: string | null;
  leaseUntil: number;
}

/** A database in memory, with the rules of `take_oauth_token`, `finish_oauth_refresh` and so on. */
export interface MemoryOAuthDatabase extends OAuthDatabase {
  connections: Map<string, StoredConnection>;
  /** The connection of a person whom the test names. */
  connection(userId: string, provider?: string): StoredConnection;
  /** Whether the database is unreachable. */
  isDown: boolean;
  /**
   * Called before the end of a refresh is written. An error that it throws is the result of the
   * call.
   */
  beforeFinish: (() => void) | null;
}

/** How tokens of every provider are refreshed. */
export type Endpoint =
  & Pick<Claim, "token_endpoint" | "client_authentication">
  & Partial<Pick<Claim, "resource" | "scope" | "refusals">>
  & {
    revocation_endpoint?: string;
    revocation_style?: RevocationStyle;
    account_fields?: string[];
    /** Seconds. */
    default_lifetime?: number | null;
  };

const TEN_YEARS_S = 315_360_000;

/** The error when the database does not respond. */
export function databaseDown(): ApiError {
  return new ApiError("database_unavailable", "Cannot reach the database.", {
    headers: { "retry-after": "2" },
  });
}

/** Makes an empty database. */
export function memoryOAuthDatabase(endpoint: Endpoint): MemoryOAuthDatabase {
  const connections = new Map<string, StoredConnection>();
  const find = (userId: string, provider: string) => connections.get(`${userId} ${provider}`);
  const iso = (time: number | null) => time === null ? null : new Date(time).toISOString();
  const usual = (endpoint.default_lifetime ?? null) === null
    ? null
    : Number(endpoint.default_lifetime) * 1000;
  /** The same rule as `private.oauth_lifetime`. */
  const expiry = (seconds: number | null, issuedAt: number, known: number | null = null) => {
    if (seconds !== null && seconds > 0) return issuedAt + Math.min(seconds, TEN_YEARS_S) * 1000;
    if (usual !== null) return issuedAt + usual;
    if (known !== null) return issuedAt + known;
    return seconds === null ? null : issuedAt;
  };
  async function reach(): Promise<void> {
    await Promise.resolve();
    if (database.isDown) throw databaseDown();
  }

  const database: MemoryOAuthDatabase = {
    connections,
    isDown: false,
    beforeFinish: null,
    connection(userId, provider = "google") {
      const connection = find(userId, provider);
      if (!connection) throw new Error(`Cannot find tokens of "${provider}": none are stored`);
      return connection;
    },
    async findSession(userId, provider) {
      await reach();
      const found = find(userId, provider);
      return {
        session_id: found?.sessionId ?? null,
        ciphertext: found?.ciphertext ?? null,
        account_fields: endpoint.account_fields ?? ["id_token.sub"],
      };
    },
    async storeTokens(userId, provider, { session_id: sessionId, ciphertext }, tokens) {
      await reach();
      const before = find(userId, provider);
      if (before && (before.sessionId !== sessionId || before.ciphertext !== ciphertext)) {
        return { stored: false, expires_at: null };
      }
      const issuedAt = Date.now();
      const expiresAt = expiry(tokens.expires_in, issuedAt);
      connections.set(`${userId} ${provider}`, {
        sessionId,
        status: "connected",
        ciphertext: tokens.ciphertext,
        issuedAt,
        expiresAt,
        refreshable: tokens.refreshable,
        lease: null,
        leaseUntil: 0,
      });
      return { stored: true, expires_at: iso(expiresAt) };
    },
    async takeTokens(userId, provider, claimant, asked) {
      await reach();
      const found = find(userId, provider);
      if (!found) throw new ApiError("oauth_token_not_found", "You have stored no tokens.");
      if (found.status === "needs_reauth" || found.ciphertext === null) {
        return { state: "needs_reauth" };
      }
      const now = Date.now();
      const left = found.expiresAt === null ? Infinity : found.expiresAt - now;
      const waits = found.leaseUntil - now;
      const stored = {
        session_id: found.sessionId,
        ciphertext: found.ciphertext,
        expires_at: iso(found.expiresAt),
      };
      const isRejected = found.ciphertext === asked.rejected;
      const isFresh = asked.since !== undefined && found.issuedAt >= Date.parse(asked.since);
      const early = Math.min(60_000, ((found.expiresAt ?? 0) - found.issuedAt) / 2);
      const isDue = isRejected || !isFresh && left <= early;
      if (isDue && found.refreshable) {
        if (waits > 0 && found.lease) {
          return { state: "busy", retry_after_ms: waits, asked_at: new Date(now).toISOString() };
        }
        if (waits > 0 && (isRejected || left <= 5_000)) {
          return { state: "resting", retry_after_ms: waits };
        }
        if (waits <= 0) {
          Object.assign(found, { lease: claimant, leaseUntil: now + 30_000 });
          const unsaid = { resource: null, scope: null, refusals: ["invalid_grant"] };
          return { state: "claimed", ...stored, ...unsaid, ...endpoint };
        }
      }
      if (!isRejected && (left > 0 || isFresh)) return { state: "ready", ...stored };
      Object.assign(found, { status: "needs_reauth", ciphertext: null });
      return { state: "needs_reauth" };
    },
    async finishRefresh(sessionId, claimant, outcome) {
      await reach();
      database.beforeFinish?.();
      const found = [...connections.values()].find((one) => one.sessionId === sessionId);
      if (!found || found.lease !== claimant) return { accepted: false };
      Object.assign(found, { lease: null, leaseUntil: 0 });
      if (outcome.state === "failed") {
        found.leaseUntil = Date.now() + outcome.retry_after_ms;
      } else if (outcome.state === "refused") {
        Object.assign(found, { status: "needs_reauth", ciphertext: null, refreshable: false });
      } else {
        const known = found.expiresAt === null ? null : found.expiresAt - found.issuedAt;
        found.ciphertext = outcome.ciphertext;
        found.issuedAt = Date.now() - outcome.age * 1000;
        found.expiresAt = expiry(outcome.expires_in, found.issuedAt, known);
        found.refreshable = outcome.refreshable;
      }
      return { accepted: true, expires_at: iso(found.expiresAt) };
    },
    async giveUpTokens(sessionId, ciphertext) {
      await reach();
      const found = [...connections.values()].find((one) => one.sessionId === sessionId);
      if (found?.ciphertext !== ciphertext) return;
      const nothing = { ciphertext: null, refreshable: false, lease: null, leaseUntil: 0 };
      Object.assign(found, { status: "needs_reauth", ...nothing });
    },
    async deleteTokens(userId, provider) {
      await reach();
      const found = find(userId, provider);
      connections.delete(`${userId} ${provider}`);
      if (!found) return null;
      const { sessionId: session_id, ciphertext } = found;
      return {
        ...{ session_id, ciphertext, revocation_endpoint: null, revocation_style: "form" },
        ...{ resource: null, scope: null, refusals: ["invalid_grant"] },
        ...endpoint,
      };
    },
    async listConnections(userId) {
      await reach();
      const found = find(userId, "google");
      return [{
        provider: "google",
        name: "Google",
        status: found?.status ?? "not_connected",
        session_id: found?.sessionId ?? null,
        expires_at: iso(found?.expiresAt ?? null),
        refreshable: found?.refreshable ?? false,
      }];
    },
  };
  return database;
}
