import { z } from "zod";
import { recordingField } from "../_shared/gateway/formats/transcription/schema.ts";
import { label } from "../_shared/http/sql_values.ts";

/** Characters of a visitor's message. */
const MAX_MESSAGE = 4_000;

/** The settings of a widget that its pages read. */
export const settingsSchema = z.object({
  name: z.string(),
  greeting: z.string().nullable().describe("Markdown."),
  consent_text: z.string().nullable(),
  is_consent_required: z.boolean(),
  is_identity_required: z.boolean(),
  privacy_url: z.string().nullable(),
  locale: z.string().describe("A BCP 47 tag."),
  texts: z.record(z.string(), z.unknown()).describe("Texts of the interface, by name."),
  accent_color: z.string(),
  color_scheme: z.enum(["auto", "light", "dark"]),
  placement: z.enum(["right", "left"]),
  suggestions: z.array(z.string()).describe("Questions that visitors are offered."),
  has_ai_notice: z.boolean().describe("Whether visitors are informed that they talk to an AI."),
  idle_minutes: z.int(),
});

/** The settings of a widget that its pages read. */
export type Settings = z.infer<typeof settingsSchema>;

/** A ticket. */
export const ticketSchema = z.object({
  ticket: z.string().describe("Opens one session."),
  expires_in: z.int().describe("Seconds."),
});

/** Who a visitor is, as the website's server signed it. */
const identitySchema = z.strictObject({
  user_id: label.describe("The website's id of the user."),
  expires_at: z.int().positive().describe("Seconds since the epoch, at most a day ahead."),
  signature: z.string().regex(/^[0-9a-f]{64}$/, "expected 64 hexadecimal digits").describe(
    "HMAC-SHA256 of `<user_id>.<expires_at>` with a secret of the widget, in hexadecimal.",
  ),
});

/** Who a visitor is. */
export type Identity = z.infer<typeof identitySchema>;

/** The body of POST /widget/{key}/sessions. */
export const sessionRequestSchema = z.strictObject({
  ticket: z.string().max(255),
  consented: z.boolean().optional().describe("Whether the visitor accepted the consent text."),
  identity: identitySchema.optional(),
  page_url: z.url({ protocol: /^https?$/ }).max(2_048).optional().describe(
    "The page, of which query and fragment are not stored.",
  ).transform((url) => url && new URL(url).origin + new URL(url).pathname),
  locale: z.string().regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/, "expected a language tag")
    .optional(),
});

/** A session. */
export const sessionSchema = z.object({
  session_id: z.string(),
  token: z.string().describe("Opens this session, on pages of this website only."),
  expires_at: z.string(),
});

/** The body of POST /widget/{key}/messages. */
export const messageRequestSchema = z.strictObject({
  message: z.string().max(MAX_MESSAGE).refine(
    (text) => text.trim() !== "",
    "expected a text that is not empty",
  ),
  stream: z.boolean().optional().describe("True unless false."),
});

/** An answer in one piece. */
export const answerSchema = z.object({ role: z.literal("assistant"), content: z.string() });

/** The messages of a session. */
export const messagesSchema = z.object({
  session_id: z.string(),
  is_answering: z.boolean().describe("Whether an answer is under way."),
  messages: z.array(z.object({
    id: z.uuid(),
    seq: z.int().describe("Rises from message to message."),
    role: z.enum(["user", "assistant"]),
    content: z.string(),
    is_complete: z.boolean().describe("False where answering failed."),
    has_audio: z.boolean().describe("Whether there is a recording of it."),
    created_at: z.string(),
  })),
});

/** The fields of a visitor's recording. */
export const recordingSchema = z.strictObject({ file: recordingField });

/** A message and its recording, as the database returns them. */
export const recordedMessageSchema = z.object({
  folder: z.string(),
  path: z.string().nullable(),
  is_own: z.boolean(),
  is_recorded: z.boolean(),
});

/** A message and its recording. */
export type RecordedMessage = z.infer<typeof recordedMessageSchema>;

/** The messages of a session. */
export type Messages = z.infer<typeof messagesSchema>;

/** The body of POST /widget/secrets. */
export const secretRequestSchema = z.strictObject({ widget_id: z.uuid() });

/** A new secret, which is shown once. */
export const secretSchema = z.object({
  id: z.uuid(),
  widget_id: z.uuid(),
  secret: z.string().describe("For the website's server. Shown once."),
  last_four: z.string(),
});
