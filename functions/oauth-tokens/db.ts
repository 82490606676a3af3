import { z } from "zod";
import { asJson } from "../_shared/database/client.ts";
import { NOTHING, type SqlCaller } from "../_shared/database/sql_caller.ts";

const timestamp = z.iso.datetime({ offset: true });

const authentication = z.enum(["post", "basic", "basic_plain", "none"]);

const storedSchema = z.object({
  session_id: z.string(),
  ciphertext: z.string(),
  expires_at: timestamp.nullable(),
});

/** How a provider's tokens are refreshed. */
const refreshSchema = z.object({
  token_endpoint: z.url(),
  client_authentication: authentication,
  resource: z.string().nullable(),
  scope: z.string().nullable(),
  refusals: z.array(z.string()),
});

const takenSchema = z.discriminatedUnion("state", [
  storedSchema.extend({ state: z.literal("ready") }),
  storedSchema.extend({ state: z.literal("claimed"), ...refreshSchema.shape }),
  z.object({ state: z.literal("busy"), retry_after_ms: z.number(), asked_at: timestamp }),
  z.object({ state: z.literal("resting"), retry_after_ms: z.number() }),
  z.object({ state: z.literal("needs_reauth") }),
]);

const storingSchema = z.object({ stored: z.boolean(), expires_at: timestamp.nullable() });

const sessionSchema = z.object({ session_id: z.string(), ciphertext: z.string().nullable() });

const foundSchema = z.object({
  session_id: z.string().nullable(),
  ciphertext: z.string().nullable(),
  account_fields: z.array(z.string()),
});

const deletedSchema = sessionSchema.extend({
  revocation_endpoint: z.url().nullable(),
  revocation_style: z.enum(["form", "github"]),
  ...refreshSchema.shape,
});

const finishingSchema = z.object({ accepted: z.boolean(), expires_at: timestamp.nullish() });

/** A provider, and what the caller has stored of it. */
export const connectionSchema = z.object({
  provider: z.string(),
  name: z.string(),
  status: z.enum(["connected", "needs_reauth", "not_connected"]),
  session_id: z.string().nullable(),
  expires_at: timestamp.nullable(),
  refreshable: z.boolean(),
});

/** The database's answer to a fetch; see `take_oauth_token`. */
export type Taken = z.infer<typeof takenSchema>;

/** A refresh that this request has claimed. */
export type Claim = Extract<Taken, { state: "claimed" }>;

/** A provider, and what the caller has stored of it. */
export type Connection = z.infer<typeof connectionSchema>;

/** The session that stores a person's tokens of a provider, with the tokens, if there are any. */
export type TokenSession = z.infer<typeof sessionSchema>;

/**
 * The data needed before tokens are stored: the session, if there is one, and the provider's
 * fields.
 */
export type FoundSession = z.infer<typeof foundSchema>;

/** A deleted connection, and the endpoint that revokes its tokens. */
export type DeletedTokens = z.infer<typeof deletedSchema>;

/** The arguments of a request for tokens. */
export interface Asked {
  /**
   * When it started to wait, by the database's clock: tokens that were refreshed since are current.
   */
  since?: string;
  /** The ciphertext of a token that the provider's API refused. */
  rejected?: string;
}

/** Encrypted tokens to be stored. */
export interface SealedTokens {
  ciphertext: string;
  /** Seconds; null if the provider does not state it. */
  expires_in: number | null;
  refreshable: boolean;
}

/** How a refresh ended. */
export type RefreshOutcome =
  | { state: "refreshed"; age: number } & SealedTokens
  | { state: "refused" }
  | { state: "failed"; retry_after_ms: number; is_refusal: boolean };

/** The database calls of the function. */
export interface OAuthDatabase {
  /**
   * The session that stores the caller's tokens of a provider; its id is null if there is none yet.
   */
  findSession(userId: string, provider: string): Promise<FoundSession>;
  /** Replaces the tokens of the session, unless they have changed since. */
  storeTokens(
    userId: string,
    provider: string,
    session: TokenSession,
    tokens: SealedTokens,
  ): Promise<{ stored: boolean; expires_at: string | null }>;
  /** The caller's tokens, or what has to be done to get them. */
  takeTokens(userId: string, provider: string, claimant: string, asked: Asked): Promise<Taken>;
  /** Ends a claimed refresh; not accepted if the claim has passed to another request. */
  finishRefresh(
    sessionId: string,
    claimant: string,
    outcome: RefreshOutcome,
  ): Promise<{ accepted: boolean; expires_at?: string | null | undefined }>;
  /**
   * Requires a new sign-in, if the session still has this ciphertext, which cannot be decrypted.
   */
  giveUpTokens(sessionId: string, ciphertext: string): Promise<void>;
  /** Deletes the tokens and returns them; null if nothing was stored. */
  deleteTokens(userId: string, provider: string): Promise<DeletedTokens | null>;
  listConnections(userId: string): Promise<Connection[]>;
}

/** The calls. */
export function oauthDatabase(call: SqlCaller): OAuthDatabase {
  return {
    findSession: (userId, provider) =>
      call(
        "find_oauth_session",
        { caller: { user_id: userId }, provider },
        foundSchema,
      ),
    storeTokens: (userId, provider, { session_id, ciphertext }, tokens) =>
      call("store_oauth_token", {
        caller: { user_id: userId },
        provider,
        session_id,
        token: asJson({ ...tokens, in_place_of: ciphertext }),
      }, storingSchema),
    takeTokens: (userId, provider, claimant, asked) =>
      call("take_oauth_token", {
        caller: { user_id: userId },
        provider,
        claimant,
        asked: asJson(asked),
      }, takenSchema),
    finishRefresh: (sessionId, claimant, outcome) =>
      call("finish_oauth_refresh", {
        session_id: sessionId,
        claimant,
        outcome: asJson(outcome),
      }, finishingSchema),
    giveUpTokens: (session_id, ciphertext) =>
      call("give_up_oauth_token", { session_id, ciphertext }, NOTHING),
    deleteTokens: (userId, provider) =>
      call(
        "delete_oauth_token",
        { caller: { user_id: userId }, provider },
        deletedSchema.nullable(),
      ),
    listConnections: (userId) =>
      call("list_oauth_tokens", { caller: { user_id: userId } }, z.array(connectionSchema)),
  };
}
