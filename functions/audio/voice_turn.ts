import type { Caller } from "../_shared/auth/caller.ts";
import { ApiError, toApiError } from "../_shared/core/errors.ts";
import { secondsOf } from "../_shared/gateway/formats/speech/audio_length.ts";
import { openaiChat } from "../_shared/gateway/formats/openai_chat/format.ts";
import { AUDIO_TYPES, MAX_CHARACTERS } from "../_shared/gateway/formats/speech/schema.ts";
import { unknownVoice } from "../_shared/gateway/formats/speech/vendor_voices.ts";
import {
  containerOf,
  lengthOf,
  millisecondsOf,
  RECORDING_TYPES,
} from "../_shared/gateway/formats/transcription/container.ts";
import { joinBytes } from "../_shared/gateway/respond/stream/sse_writer.ts";
import type { RequestContext } from "../_shared/http/context.ts";
import { invalidField } from "../_shared/http/parse_body.ts";
import type { AudioDeps } from "./handler.ts";
import { createParts, partKey, type VoiceParts } from "./voice_parts.ts";
import type { StoredRecording, VoiceOutcome, VoiceSession, VoiceTurnBody } from "./voice_schema.ts";

/** Bytes of speech up to which it is stored. */
const MAX_STORED = 25 * 1024 * 1024;

/** As much of a beginning as says how long audio lasts. */
const HEAD = 4096;

/** What a voice turn brings, in the order in which it comes. */
export type VoiceEvent =
  | { type: "transcript.text.done"; text: string }
  | { type: "response.output_text.delta"; delta: string }
  | { type: "response.output_text.done"; text: string }
  | { type: "speech.audio.delta"; bytes: Uint8Array }
  | { type: "speech.audio.done" }
  /** Why there is no audio, or only a part of it: what came before stands. */
  | { type: "error"; error: ApiError }
  | { type: "audio.turn.done"; session_id: string; recording: string | null; audio: string | null };

/** A voice turn that was asked for. */
export interface AskedVoice {
  body: VoiceTurnBody;
  caller: Caller;
  context: RequestContext;
  deps: AudioDeps;
  /** The request's `Idempotency-Key`; null for none. */
  key: string | null;
}

/**
 * Hears, answers and speaks. Whatever fails, the parts before it are settled and their recordings kept.
 *
 * @throws {ApiError} Why nothing was heard, or not answered; the latter with the transcript.
 */
export async function* runVoiceTurn(asked: AskedVoice): AsyncGenerator<VoiceEvent> {
  const { body, caller, deps, key } = asked;
  const idempotency_key = key === null ? null : await partKey(key, openaiChat.kind);
  const session = await deps.audioDatabase.beginVoiceTurn(caller, { ...body, idempotency_key });
  const outcome: VoiceOutcome = {
    id: session.id,
    is_new: session.is_new,
    chat_turn_id: null,
    heard: null,
    spoken: null,
  };
  try {
    yield* speakAndHear(asked, session, outcome);
  } finally {
    await deps.audioDatabase.endVoiceTurn(caller, outcome);
  }
  const { heard, spoken } = outcome;
  yield {
    type: "audio.turn.done",
    session_id: session.session_id,
    recording: heard?.path ?? null,
    audio: spoken?.path ?? null,
  };
}

async function* speakAndHear(
  asked: AskedVoice,
  session: VoiceSession,
  outcome: VoiceOutcome,
): AsyncGenerator<VoiceEvent> {
  const parts = createParts(asked, session, voiceOf(asked.body, session));
  const transcript = await parts.transcribe();
  yield { type: "transcript.text.done", text: transcript };
  if (transcript.trim() === "") return;
  let text = "";
  try {
    for await (const delta of parts.answer(transcript)) {
      text += delta;
      yield { type: "response.output_text.delta", delta };
    }
  } catch (thrown) {
    const { code, message, param, headers, details, status, cause } = toApiError(thrown);
    const { session_id } = session;
    throw new ApiError(code, message, {
      ...param !== null && { param },
      headers,
      status,
      cause,
      details: { ...details, transcript, session_id },
    });
  } finally {
    outcome.chat_turn_id = await parts.answered();
    if (outcome.chat_turn_id) outcome.heard = await storeHeard(asked, session);
  }
  yield { type: "response.output_text.done", text };
  if (text.trim() !== "") yield* speak(asked, session, parts, text, outcome);
}

/** What a voice turn speaks with. @throws {ApiError} 400 where it is not known, or not the model's. */
function voiceOf(
  body: VoiceTurnBody,
  { transcription_model, speech_model, voices, voice }: VoiceSession,
): string {
  const missing = transcription_model === null
    ? "transcription_model"
    : speech_model === null
    ? "speech_model"
    : null;
  if (missing) {
    throw invalidField(missing, "missing_required_parameter", "the agent names none");
  }
  const wanted = body.voice ?? voice ?? voices?.[0];
  if (!wanted) throw invalidField("voice", "missing_required_parameter", "the agent names none");
  if (voices && !voices.includes(wanted)) throw unknownVoice(voices);
  return wanted;
}

async function* speak(
  asked: AskedVoice,
  session: VoiceSession,
  parts: VoiceParts,
  text: string,
  outcome: VoiceOutcome,
): AsyncGenerator<VoiceEvent> {
  const form = asked.body.response_format ?? "mp3";
  const pieces: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const bytes of parts.speak(textToSpeak(text), form)) {
      length += bytes.length;
      if (length <= MAX_STORED) pieces.push(bytes);
      yield { type: "speech.audio.delta", bytes };
    }
  } catch (thrown) {
    yield { type: "error", error: toApiError(thrown) };
    return;
  } finally {
    // A repeated answer has its recording already.
    if (outcome.chat_turn_id && pieces.length > 0 && length <= MAX_STORED) {
      const audio = new Uint8Array(joinBytes(pieces));
      const seconds = secondsOf(form, audio.subarray(0, HEAD), audio.length);
      outcome.spoken = await store(asked, session, audio, seconds, [form, AUDIO_TYPES[form]]);
    }
  }
  yield { type: "speech.audio.done" };
}

/** As much of a text as one call speaks, cut behind a sentence where there is one. */
function textToSpeak(text: string): string {
  const characters = [...text];
  if (characters.length <= MAX_CHARACTERS) return text;
  const cut = characters.slice(0, MAX_CHARACTERS).join("");
  const end = Math.max(cut.lastIndexOf(". "), cut.lastIndexOf("! "), cut.lastIndexOf("? "));
  return end > 0 ? cut.slice(0, end + 1) : cut;
}

async function storeHeard(asked: AskedVoice, session: VoiceSession) {
  const { bytes } = asked.body.file;
  const container = containerOf(bytes) ?? "webm";
  return await store(asked, session, bytes, lengthOf(bytes), [
    container,
    RECORDING_TYPES[container],
  ]);
}

/** Stores a recording; null where Storage does not take it, which fails no turn. */
async function store(
  { context, deps }: AskedVoice,
  { id, organization_id }: VoiceSession,
  bytes: Uint8Array<ArrayBuffer>,
  seconds: number | null,
  [form, type]: readonly [form: string, type: string],
): Promise<StoredRecording | null> {
  const extension = form === "opus" ? "ogg" : form;
  const path = `${organization_id}/${id}/${crypto.randomUUID()}.${extension}`;
  try {
    await deps.recordings.store(path, bytes, type);
    return { path, duration_ms: seconds === null ? null : millisecondsOf(seconds) };
  } catch (thrown) {
    const { cause, message } = toApiError(thrown);
    context.fields.recording_error = cause instanceof Error ? cause.message : message;
    return null;
  }
}
