import { z } from "zod";
import { callerArgument, type Visitor } from "../_shared/auth/caller.ts";
import { asJson } from "../_shared/database/client.ts";
import type { SqlCaller } from "../_shared/database/sql_caller.ts";
import {
  beginningSchema,
  type TurnDatabase,
  withCallerMessages,
} from "../_shared/gateway/turn_database.ts";
import {
  type Messages,
  messagesSchema,
  type RecordedMessage,
  recordedMessageSchema,
  type Settings,
  settingsSchema,
} from "./schema.ts";

const secretSchema = z.object({
  id: z.uuid(),
  widget_id: z.uuid(),
  encrypted_secret: z.string(),
});

/** A secret of a widget as the database stores it. */
export type StoredSecret = z.infer<typeof secretSchema>;

/** The identity of a visitor; only the user id is verified. */
export interface VisitorDetails {
  user_id?: string | undefined;
  page_url?: string | undefined;
  locale?: string | undefined;
  consented?: boolean | undefined;
}

/** A page that uses a widget. */
export type Page = Pick<Visitor, "key" | "origin" | "address">;

/** The database calls of the function. Each refuses origins that the widget does not allow. */
export interface WidgetDatabase {
  /** Whether pages of an origin may read answers about a widget. */
  allows(key: string, origin: string): Promise<boolean>;
  settings(page: Page): Promise<Settings>;
  /** Stores the hash of a ticket. */
  createTicket(page: Page, hash: string): Promise<{ expires_in: number }>;
  secrets(page: Page): Promise<StoredSecret[]>;
  /** Exchanges a ticket for a session and its token; both are passed as hashes. */
  startSession(
    page: Page,
    ticketHash: string,
    tokenHash: string,
    details: VisitorDetails,
  ): Promise<{ session_id: string; expires_at: string }>;
  /** The messages after one, by its `seq`. */
  messages(visitor: Visitor, after: number): Promise<Messages>;
  /** A message of the visitor's own session. */
  message(visitor: Visitor, id: string): Promise<RecordedMessage>;
  /** Attaches a recording to a message; false if it has one. */
  setRecording(
    visitor: Visitor,
    id: string,
    recording: { path: string; duration_ms: number },
  ): Promise<boolean>;
  end(visitor: Visitor): Promise<boolean>;
  remove(visitor: Visitor): Promise<boolean>;
  /** Begins the turn of a visitor's message. */
  beginTurn: TurnDatabase["beginTurn"];
  storeSecret(userId: string, secret: StoredSecret & { last_four: string }): Promise<void>;
}

/** The calls. */
export function widgetDatabase(call: SqlCaller): WidgetDatabase {
  return {
    allows: (key, origin) => call("widget_allows", { key, origin }, z.boolean()),
    settings: ({ key, origin }) => call("get_widget", { key, origin }, settingsSchema),
    createTicket: (page, token_hash) =>
      call(
        "create_widget_ticket",
        { page: asJson(page), token_hash },
        z.object({ expires_in: z.int() }),
      ),
    secrets: ({ key, origin }) =>
      call("list_widget_secrets", { key, origin }, z.array(secretSchema)),
    startSession: (page, ticket_hash, token_hash, details) =>
      call("start_visitor_session", {
        page: asJson(page),
        ticket_hash,
        token_hash,
        visitor: asJson(details),
      }, z.object({ session_id: z.string(), expires_at: z.string() })),
    messages: (visitor, after) =>
      call("list_visitor_messages", { visitor: argumentOf(visitor), after }, messagesSchema),
    message: (visitor, message_id) =>
      call(
        "find_visitor_message",
        { visitor: argumentOf(visitor), message_id },
        recordedMessageSchema,
      ),
    setRecording: (visitor, message_id, recording) =>
      call("set_visitor_recording", {
        visitor: argumentOf(visitor),
        message_id,
        recording: asJson(recording),
      }, z.boolean()),
    end: (visitor) => call("end_visitor_session", { visitor: argumentOf(visitor) }, z.boolean()),
    remove: (visitor) =>
      call("delete_visitor_session", { visitor: argumentOf(visitor) }, z.boolean()),
    beginTurn: async (caller, request) =>
      withCallerMessages(
        await call("begin_visitor_turn", {
          visitor: callerArgument(caller),
          request: asJson({ ...request, echo: false }),
        }, beginningSchema),
        request,
      ),
    storeSecret: async (userId, secret) => {
      await call("store_widget_secret", {
        caller: { user_id: userId },
        secret: asJson(secret),
      }, z.object({ id: z.string() }));
    },
  };
}

function argumentOf(visitor: Visitor) {
  return callerArgument({ visitor });
}
