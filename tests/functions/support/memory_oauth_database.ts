import { ApiError } from "../../../functions/_shared/core/errors.ts";
import type { Claim, OAuthDatabase } from "../../../functions/oauth-tokens/db.ts";

/** What is kept of a person's tokens of a provider. */
export interface StoredConnection {
  sessionId: string;
  status: "connected" | "needs_reauth";
  ciphertext: string | null;
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
  /** Whether it can be reached. */
  isDown: boolean;
  /** Called before the end of a refresh is written; what it throws, the caller gets. */
  beforeFinish: (() => void) | null;
}

/** How tokens of every provider are refreshed. */
export type Endpoint = Pick<Claim, "token_endpoint" | "client_authentication">;

/** The database does not answer. */
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
  const expiry = (seconds: number | null) => seconds === null ? null : Date.now() + seconds * 1000;
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
      return find(userId, provider)?.sessionId ?? null;
    },
    async storeTokens(userId, provider, sessionId, tokens) {
      await reach();
      const before = find(userId, provider);
      if (before && before.sessionId !== sessionId) return { stored: false, expires_at: null };
      const expiresAt = expiry(tokens.expires_in);
      connections.set(`${userId} ${provider}`, {
        sessionId,
        status: "connected",
        ciphertext: tokens.ciphertext,
        expiresAt,
        refreshable: tokens.refreshable,
        lease: null,
        leaseUntil: 0,
      });
      return { stored: true, expires_at: iso(expiresAt) };
    },
    async takeTokens(userId, provider, claimant) {
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
      if (left <= 60_000 && found.refreshable) {
        if (waits > 0 && found.lease) return { state: "busy", retry_after_ms: waits };
        if (waits > 0 && left <= 5_000) return { state: "resting", retry_after_ms: waits };
        if (waits <= 0) {
          Object.assign(found, { lease: claimant, leaseUntil: now + 30_000 });
          return { state: "claimed", ...stored, ...endpoint };
        }
      }
      if (left > 0) return { state: "ready", ...stored };
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
        found.ciphertext = outcome.ciphertext;
        found.expiresAt = expiry(outcome.expires_in);
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
      return connections.delete(`${userId} ${provider}`);
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
