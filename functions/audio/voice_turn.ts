import { ApiError, toApiError } from "../_shared/core/errors.ts";
import { secondsOf } from "../_shared/gateway/formats/speech/audio_length.ts";
import { openaiChat } from "../_shared/gateway/formats/openai_chat/format.ts";
import {
  AUDIO_TYPES,
  charactersOf,
  MAX_CHARACTERS,
} from "../_shared/gateway/formats/speech/schema.ts";
import { unknownVoice } from "../_shared/gateway/formats/speech/vendor_voices.ts";
import {
  containerOf,
  lengthOf,
  millisecondsOf,
  RECORDING_TYPES,
} from "../_shared/gateway/formats/transcription/container.ts";
import { joinBytes } from "../_shared/gateway/respond/stream/sse_writer.ts";
import { invalidField } from "../_shared/http/parse_body.ts";
import { joinPieces } from "./join/join_pieces.ts";
import { createParts, partKey, type VoiceParts } from "./voice_parts.ts";
import { splitText } from "./split_text.ts";
import type { VoiceContext } from "./voice_context.ts";
import {
  SPOKEN_FORMS,
  type SpokenForm,
  type StoredRecording,
  type VoiceOutcome,
  type VoiceSession,
  type VoiceTurnBody,
} from "./voice_schema.ts";

/** Most bytes of speech, as all of it is held until it is stored. */
const MAX_SPOKEN = 25 * 1024 * 1024;

/** Bytes at the beginning of audio that suffice to compute its duration. */
const HEAD = 4096;

/** Most characters of a text for Deepgram, by its reference of 30 November 2026. */
const DEEPGRAM_CHARACTERS = 2000;

/**
 * Most characters of a text in a lossless form, so that its audio is kept for an `Idempotency-Key`.
 */
const LOSSLESS_CHARACTERS = 1500;

/** Most pieces of an answer that are spoken. */
const MAX_PIECES = 8;

/** The events of a voice turn, in the order in which they occur. */
export type VoiceEvent =
  | { type: "transcript.text.done"; text: string }
  | { type: "response.output_text.delta"; delta: string }
  | { type: "response.output_text.done"; text: string }
  | { type: "speech.audio.delta"; bytes: Uint8Array }
  /** All pieces were spoken, with this number of characters. */
  | { type: "speech.audio.done"; characters: number }
  /** Why there is no audio, or only a part of it. Earlier events remain valid. */
  | { type: "error"; error: ApiError }
  | {
    type: "audio.turn.done";
    session_id: string;
    format: SpokenForm;
    recording: string | null;
    audio: string | null;
  };

/**
 * Transcribes a recording, answers it and speaks the answer. If a part fails, those before it stay
 * settled and their recordings are kept.
 *
 * @throws {ApiError} If transcription or the answer failed; for the answer, with the transcript.
 */
export async function* runVoiceTurn(turn: VoiceContext): AsyncGenerator<VoiceEvent> {
  const { body, caller, deps, key } = turn;
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
    yield* speakAndHear(turn, session, outcome);
  } finally {
    await deps.audioDatabase.endVoiceTurn(caller, outcome);
  }
  const { heard, spoken } = outcome;
  yield {
    type: "audio.turn.done",
    session_id: session.session_id,
    format: formOf(body, session),
    recording: heard?.path ?? null,
    audio: spoken?.path ?? null,
  };
}

async function* speakAndHear(
  turn: VoiceContext,
  session: VoiceSession,
  outcome: VoiceOutcome,
): AsyncGenerator<VoiceEvent> {
  const parts = createParts(turn, session, voiceOf(turn.body, session));
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
    const answered = await parts.answered();
    outcome.chat_turn_id = answered?.turn_id ?? null;
    if (answered?.is_repeated === false) outcome.heard = await storeHeard(turn, session);
  }
  yield { type: "response.output_text.done", text };
  if (text.trim() !== "") yield* speak(turn, session, parts, text, outcome);
}

/**
 * The voice of a voice turn.
 *
 * @throws {ApiError} 400 if none is configured, or the model does not
 * have it.
 */
function voiceOf(
  body: VoiceTurnBody,
  { transcription_model, speech_model, voices, voice, voice_settings }: VoiceSession,
): string {
  if (transcription_model === null) throw unnamed("transcription_model", "speech_processing.model");
  if (speech_model === null) throw unnamed("speech_model", "voice_settings.model");
  const own = [...voice ? [voice] : [], ...voice_settings.fallback_voice_ids];
  const wanted = body.voice ?? own.find((name) => !voices || voices.includes(name)) ?? voice ??
    voices?.[0];
  if (!wanted) throw unnamed("voice", "voice_id");
  if (voices && !voices.includes(wanted)) throw unknownVoice(voices);
  return wanted;
}

/** @param setting The agent's setting that may be set instead. */
function unnamed(field: string, setting: string): ApiError {
  const why = `the agent names none. Send it, or set ${setting} of the agent`;
  return invalidField(field, "missing_required_parameter", why);
}

async function* speak(
  turn: VoiceContext,
  session: VoiceSession,
  parts: VoiceParts,
  text: string,
  outcome: VoiceOutcome,
): AsyncGenerator<VoiceEvent> {
  const form = formOf(turn.body, session);
  const pieces = piecesOf(text, form, session);
  const joiner = joinPieces(form, pieces.length);
  const kept: Uint8Array[] = [];
  let length = 0;
  let spoken = "";
  function* give(bytes: Uint8Array): Generator<VoiceEvent> {
    if (bytes.length === 0) return;
    if (length + bytes.length > MAX_SPOKEN) throw tooLong();
    length += bytes.length;
    kept.push(bytes);
    yield { type: "speech.audio.delta", bytes };
  }
  try {
    for (const [index, piece] of pieces.entries()) {
      if (turn.left.aborted) return;
      for await (const bytes of parts.speak(piece, form, index + 1)) yield* give(joiner.add(bytes));
      spoken += piece;
      // One more piece of the average length would be too much.
      const isFull = length * (index + 2) / (index + 1) > MAX_SPOKEN;
      yield* give(joiner.endPiece(isFull || index === pieces.length - 1));
      if (isFull) break;
    }
  } catch (thrown) {
    yield { type: "error", error: toApiError(thrown) };
    return;
  } finally {
    // A replayed answer already has its recording, unless its speech was interrupted.
    if (outcome.chat_turn_id && parts.isNew() && kept.length > 0) {
      const audio = new Uint8Array(joinBytes(kept));
      const seconds = secondsOf(form, audio.subarray(0, HEAD), audio.length) ??
        (containerOf(audio) ? lengthOf(audio) : null);
      outcome.spoken = await store(turn, session, audio, seconds, [form, AUDIO_TYPES[form]]);
    }
  }
  yield { type: "speech.audio.done", characters: charactersOf(spoken) };
}

function tooLong(): ApiError {
  const most = MAX_SPOKEN / 1024 / 1024;
  const hint = "Set response_format to mp3, or max_tokens of the agent to a lower number.";
  return new ApiError("upstream_error", `The speech is longer than ${most} MiB. ${hint}`);
}

/** The form of an answer's audio: as asked, else the agent's where it can be stored. */
function formOf(
  { response_format }: Pick<VoiceTurnBody, "response_format">,
  { voice_settings }: Pick<VoiceSession, "voice_settings">,
): SpokenForm {
  const stated = SPOKEN_FORMS.find((form) => form === voice_settings.output_format);
  return response_format ?? stated ?? "mp3";
}

/** The pieces in which a text is spoken, one call each. */
function piecesOf(
  text: string,
  form: SpokenForm,
  { speech_api, voice_settings }: Pick<VoiceSession, "speech_api" | "voice_settings">,
): string[] {
  const most = Math.min(
    speech_api === "deepgram" ? DEEPGRAM_CHARACTERS : MAX_CHARACTERS,
    form === "wav" || form === "flac" ? LOSSLESS_CHARACTERS : MAX_CHARACTERS,
  );
  const slowness = Math.max(1, 1 / (voice_settings.speed ?? 1));
  return splitText(text, Math.floor(most / slowness)).slice(0, MAX_PIECES);
}

async function storeHeard(turn: VoiceContext, session: VoiceSession) {
  const { bytes } = turn.body.file;
  const container = containerOf(bytes) ?? "webm";
  return await store(turn, session, bytes, lengthOf(bytes), [
    container,
    RECORDING_TYPES[container],
  ]);
}

/**
 * Stores a recording; null if the agent keeps none, or Storage fails, which does not fail the turn.
 */
async function store(
  { context, deps }: VoiceContext,
  { id, organization_id, is_recorded }: VoiceSession,
  bytes: Uint8Array<ArrayBuffer>,
  seconds: number | null,
  [form, type]: readonly [form: string, type: string],
): Promise<StoredRecording | null> {
  const extension = form === "opus" ? "ogg" : form;
  if (!is_recorded) return null;
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
