import { z } from "zod";
import { DEFAULT_LIMITS } from "../_shared/gateway/limits.ts";
import { bodySchema } from "../_shared/gateway/formats/speech/schema.ts";
import {
  bodySchema as transcriptionSchema,
  MAX_FORM,
} from "../_shared/gateway/formats/transcription/schema.ts";
import { voiceAnswerSchema, voiceTurnSchema } from "./voice_schema.ts";
import type { Operations } from "../_shared/http/operation.ts";
import { EXECUTION_ERRORS, SESSION_ERRORS, TURN_ERRORS } from "../_shared/gateway/turn_errors.ts";

/** The scheduler's run id, for the log only. */
const roundSchema = z.looseObject({
  run_id: z.uuid().nullish(),
  scheduled_at: z.iso.datetime({ offset: true }).nullish(),
});

/** The result of a round of deletions. */
const removedSchema = z.object({ run_id: z.uuid().nullable(), removed: z.int() });

/** The operations of the function `audio`. */
export const operations = {
  speak: {
    method: "POST",
    path: "/audio/speech",
    summary: "Speak a text: the answer is audio, as it is made",
    audience: "caller",
    body: { schema: bodySchema, maxBytes: DEFAULT_LIMITS.requestBytes },
    answers: { status: 200, schema: z.string().describe("audio in the form that was asked for") },
    errors: [
      "agent_cannot_speak",
      "unit_not_priced",
      "answer_not_kept",
      ...EXECUTION_ERRORS,
      ...TURN_ERRORS,
    ],
  },
  transcribe: {
    method: "POST",
    path: "/audio/transcriptions",
    summary: "Transcribe a recording",
    audience: "caller",
    body: { schema: transcriptionSchema, maxBytes: MAX_FORM, type: "multipart/form-data" },
    answers: {
      status: 200,
      schema: z.looseObject({ text: z.string() })
        .describe("as response_format says: with text, srt and vtt a text"),
      stream: true,
    },
    errors: [
      "invalid_form",
      "agent_cannot_transcribe",
      "unit_not_priced",
      ...EXECUTION_ERRORS,
      ...TURN_ERRORS,
    ],
  },
  converse: {
    method: "POST",
    path: "/audio/turns",
    summary: "Answer a recording with speech: transcribe, chat and speak in one call",
    audience: "caller",
    body: { schema: voiceTurnSchema, maxBytes: MAX_FORM, type: "multipart/form-data" },
    answers: { status: 200, schema: voiceAnswerSchema, stream: true },
    errors: [
      "invalid_form",
      "agent_cannot_transcribe",
      "agent_cannot_chat",
      "agent_cannot_speak",
      "unit_not_priced",
      "answer_not_kept",
      ...SESSION_ERRORS,
      ...EXECUTION_ERRORS,
      ...TURN_ERRORS,
    ],
  },
  removeRecordings: {
    method: "POST",
    path: "/audio/recordings/remove",
    summary: "Delete the recordings whose messages are gone",
    audience: "operator",
    body: { schema: roundSchema, maxBytes: 10_000, optional: true },
    answers: { status: 200, schema: removedSchema },
    errors: ["storage_unavailable"],
  },
} satisfies Operations;
