import { z } from "zod";
import { asJson } from "../_shared/database/client.ts";
import { NOTHING, type SqlCaller } from "../_shared/database/sql_caller.ts";

const timestamp = z.iso.datetime({ offset: true });

const storedSchema = z.object({
  session_id: z.string(),
  ciphertext: z.string(),
  expires_at: timestamp.nullable(),
});

const takenSchema = z.discriminatedUnion("state", [
  storedSchema.extend({ state: z.literal("ready") }),
  storedSchema.extend({
    state: z.literal("claimed"),
    token_endpoint: z.url(),
    client_authentication: z.enum(["post", "basic", "none"]),
  }),
  z.object({ state: z.literal("busy"), retry_after_ms: z.number() }),
  z.object({ state: z.literal("resting"), retry_after_ms: z.number() }),
  z.object({ state: z.literal("needs_reauth") }),
]);

const storingSchema = z.object({ stored: z.boolean(), expires_at: timestamp.nullable() });

const finishingSchema = z.object({ accepted: z.boolean(), expires_at: timestamp.nullish() });

/** A provider, and what the caller has of it. */
export const connectionSchema = z.object({
  provider: z.string(),
  name: z.string(),
  status: z.enum(["connected", "needs_reauth", "not_connected"]),
  session_id: z.string().nullable(),
  expires_at: timestamp.nullable(),
  refreshable: z.boolean(),
});

/** What the database says to a fetch; see `take_oauth_token`. */
export type Taken = z.infer<typeof takenSchema>;

/** A refresh that is ours to make. */
export type Claim = Extract<Taken, { state: "claimed" }>;

/** A provider, and what the caller has of it. */
export type Connection = z.infer<typeof connectionSchema>;

/** Encrypted tokens on their way into the database. */
export interface SealedTokens {
  ciphertext: string;
  /** Seconds; null when the provider does not say. */
  expires_in: number | null;
  refreshable: boolean;
}

/** How a refresh ended. */
export type RefreshOutcome =
  | { state: "refreshed" } & SealedTokens
  | { state: "refused" }
  | { state: "failed"; retry_after_ms: number };

/** The database calls of the function. */
export interface OAuthDatabase {
  /** The session that keeps the caller's tokens of a provider; null when there is none yet. */
  findSession(userId: string, provider: string): Promise<string | null>;
  /** Stores tokens, unless the provider has got another session in the meantime. */
  storeTokens(
    userId: string,
    provider: string,
    sessionId: string,
    tokens: SealedTokens,
  ): Promise<{ stored: boolean; expires_at: string | null }>;
  /** The caller's tokens, or what is to be done to get them. */
  takeTokens(userId: string, provider: string, claimant: string): Promise<Taken>;
  /** Ends a claimed refresh. Not accepted when it is the claimant's no more. */
  finishRefresh(
    sessionId: string,
    claimant: string,
    outcome: RefreshOutcome,
  ): Promise<{ accepted: boolean; expires_at?: string | null | undefined }>;
  /** Asks for a new sign-in, where the session still keeps this ciphertext: nothing opens it. */
  giveUpTokens(sessionId: string, ciphertext: string): Promise<void>;
  /** Whether there were tokens to delete. */
  deleteTokens(userId: string, provider: string): Promise<boolean>;
  listConnections(userId: string): Promise<Connection[]>;
}

/** The calls. */
export function oauthDatabase(call: SqlCaller): OAuthDatabase {
  return {
    findSession: (userId, provider) =>
      call("find_oauth_session", { caller: { user_id: userId }, provider }, z.string().nullable()),
    storeTokens: (userId, provider, sessionId, tokens) =>
      call("store_oauth_token", {
        caller: { user_id: userId },
        provider,
        session_id: sessionId,
        token: asJson(tokens),
      }, storingSchema),
    takeTokens: (userId, provider, claimant) =>
      call("take_oauth_token", { caller: { user_id: userId }, provider, claimant }, takenSchema),
    finishRefresh: (sessionId, claimant, outcome) =>
      call("finish_oauth_refresh", {
        session_id: sessionId,
        claimant,
        outcome: asJson(outcome),
      }, finishingSchema),
    giveUpTokens: (session_id, ciphertext) =>
      call("give_up_oauth_token", { session_id, ciphertext }, NOTHING),
    deleteTokens: (userId, provider) =>
      call("delete_oauth_token", { caller: { user_id: userId }, provider }, z.boolean()),
    listConnections: (userId) =>
      call("list_oauth_tokens", { caller: { user_id: userId } }, z.array(connectionSchema)),
  };
}
