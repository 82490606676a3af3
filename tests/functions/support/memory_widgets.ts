import { ApiError } from "../../../functions/_shared/core/errors.ts";
import type { Visitor } from "../../../functions/_shared/auth/caller.ts";
import type { Page, StoredSecret, WidgetDatabase } from "../../../functions/widget/db.ts";

/** The key of the one widget. */
export const WIDGET_KEY = `wk_${"0123456789abcdef".repeat(4)}`;

/** The one origin that it allows. */
export const SITE = "https://a.example";

/** A database with one widget for one origin, which cannot begin turns. */
export interface MemoryWidgets extends WidgetDatabase {
  /** Whether the widget allows its origin. */
  isOpen: boolean;
  /** Secrets by which identities are verified. */
  stored: StoredSecret[];
  /** Hashes of issued tickets, and of tokens with the details of their visitor. */
  tickets: Set<string>;
  sessions: Map<string, object>;
}

/** Creates the database. */
export function memoryWidgets(): MemoryWidgets {
  const check = ({ key, origin }: Pick<Page, "key" | "origin">) => {
    if (key !== WIDGET_KEY) throw new ApiError("widget_not_found", "No.");
    if (origin !== SITE || !widgets.isOpen) throw new ApiError("origin_not_allowed", "No.");
  };
  const open = (visitor: Visitor) => {
    check(visitor);
    if (!widgets.sessions.has(visitor.token_hash)) {
      throw new ApiError("visitor_token_not_valid", "No.");
    }
  };
  const widgets: MemoryWidgets = {
    isOpen: true,
    stored: [],
    tickets: new Set(),
    sessions: new Map(),
    allows: (key, origin) =>
      Promise.resolve(key === WIDGET_KEY && origin === SITE && widgets.isOpen),
    settings: (page) => {
      check(page);
      return Promise.resolve({
        name: "Shop",
        greeting: null,
        consent_text: null,
        is_consent_required: false,
        is_identity_required: false,
        privacy_url: null,
        locale: "en",
        texts: {},
        accent_color: "#1a56db",
        color_scheme: "auto",
        placement: "right",
        suggestions: [],
        has_ai_notice: true,
        idle_minutes: 30,
      });
    },
    createTicket: (page, hash) => {
      check(page);
      widgets.tickets.add(hash);
      return Promise.resolve({ expires_in: 60 });
    },
    secrets: (page) => {
      check(page);
      return Promise.resolve(widgets.stored);
    },
    startSession: (page, ticketHash, tokenHash, details) => {
      check(page);
      if (!widgets.tickets.delete(ticketHash)) throw new ApiError("ticket_not_valid", "No.");
      widgets.sessions.set(tokenHash, details);
      return Promise.resolve({ session_id: "sess_1", expires_at: "2026-01-01T00:00:00Z" });
    },
    messages: (visitor) => {
      open(visitor);
      return Promise.resolve({ session_id: "sess_1", is_answering: false, messages: [] });
    },
    message: (visitor) => {
      open(visitor);
      throw new ApiError("message_not_found", "No.");
    },
    setRecording: () => Promise.resolve(false),
    end: (visitor) => {
      open(visitor);
      return Promise.resolve(true);
    },
    remove: (visitor) => {
      open(visitor);
      return Promise.resolve(widgets.sessions.delete(visitor.token_hash));
    },
    beginTurn: () => Promise.reject(new Error("no test of turns")),
    storeSecret: () => Promise.resolve(),
  };
  return widgets;
}
