import { z } from "zod";
import { MAX_FORM } from "../_shared/gateway/formats/transcription/schema.ts";
import type { Operations } from "../_shared/http/operation.ts";
import {
  answerSchema,
  messageRequestSchema,
  messagesSchema,
  recordingSchema,
  secretRequestSchema,
  secretSchema,
  sessionRequestSchema,
  sessionSchema,
  settingsSchema,
  ticketSchema,
} from "./schema.ts";

/** Error codes of all requests about a widget. */
const CLOSED = ["widget_not_found", "origin_not_allowed"] as const;

/** Error codes of all requests with a visitor's token. */
const ENDED = ["visitor_token_not_valid", "visitor_session_ended", ...CLOSED] as const;

/** The operations of the function `widget`. */
export const operations = {
  script: {
    method: "GET",
    path: "/widget/embed.js",
    summary: "Get the script that shows a widget in a page",
    audience: "anyone",
    answers: { status: 200, schema: null },
    errors: [],
  },
  secret: {
    method: "POST",
    path: "/widget/secrets",
    summary: "Create the secret with which a website signs who its visitors are",
    audience: "person",
    body: { schema: secretRequestSchema, maxBytes: 4 * 1024 },
    answers: { status: 201, schema: secretSchema },
    errors: ["widget_not_found", "keys_not_configured"],
  },
  settings: {
    method: "GET",
    path: "/widget/{key}/settings",
    summary: "Get what a page needs to show a widget",
    audience: "anyone",
    answers: { status: 200, schema: settingsSchema },
    errors: CLOSED,
  },
  ticket: {
    method: "POST",
    path: "/widget/{key}/tickets",
    summary: "Get a ticket for a session, for a page of an allowed domain",
    audience: "anyone",
    answers: { status: 201, schema: ticketSchema },
    errors: [...CLOSED, "rate_limit_exceeded"],
  },
  session: {
    method: "POST",
    path: "/widget/{key}/sessions",
    summary: "Exchange a ticket for the session of a visitor",
    audience: "anyone",
    body: { schema: sessionRequestSchema, maxBytes: 16 * 1024 },
    answers: { status: 201, schema: sessionSchema },
    errors: [
      ...CLOSED,
      "ticket_not_valid",
      "identity_not_valid",
      "identity_required",
      "keys_not_configured",
      "consent_required",
      "widget_unavailable",
    ],
  },
  send: {
    method: "POST",
    path: "/widget/{key}/messages",
    summary: "Send a visitor's message and get the answer, whole or as a stream",
    audience: "visitor",
    body: { schema: messageRequestSchema, maxBytes: 64 * 1024 },
    answers: { status: 200, schema: answerSchema, stream: true },
    errors: [
      ...ENDED,
      "visitor_session_full",
      "message_too_long",
      "rate_limit_exceeded",
      "session_busy",
      "request_in_progress",
      "idempotency_key_reused",
      "widget_unavailable",
    ],
  },
  list: {
    method: "GET",
    path: "/widget/{key}/messages",
    summary: "List the messages of a visitor's session; `after` is the seq of the last known one",
    audience: "visitor",
    answers: { status: 200, schema: messagesSchema },
    errors: ENDED,
  },
  record: {
    method: "POST",
    path: "/widget/{key}/messages/{id}/recording",
    summary: "Add the recording of a message that the visitor said",
    audience: "visitor",
    body: { schema: recordingSchema, maxBytes: MAX_FORM, type: "multipart/form-data" },
    answers: {
      status: 201,
      schema: z.object({ message_id: z.uuid(), duration_ms: z.int() }),
    },
    errors: [
      ...ENDED,
      "message_not_found",
      "recording_exists",
      "recording_not_kept",
      "invalid_form",
      "storage_unavailable",
      "server_busy",
    ],
  },
  play: {
    method: "GET",
    path: "/widget/{key}/messages/{id}/recording",
    summary: "Play the recording of a message of a visitor's session",
    audience: "visitor",
    answers: { status: 200, schema: z.string().describe("audio, whole or in part") },
    errors: [
      ...ENDED,
      "message_not_found",
      "recording_not_found",
      "range_not_satisfiable",
      "storage_unavailable",
    ],
  },
  end: {
    method: "POST",
    path: "/widget/{key}/end",
    summary: "End a visitor's session",
    audience: "visitor",
    answers: { status: 200, schema: z.object({ ended: z.literal(true) }) },
    errors: ENDED,
  },
  remove: {
    method: "DELETE",
    path: "/widget/{key}/session",
    summary: "Delete a visitor's conversation and end the session",
    audience: "visitor",
    answers: { status: 200, schema: z.object({ deleted: z.literal(true) }) },
    errors: ENDED,
  },
} satisfies Operations;
