import type { Caller } from "../_shared/auth/caller.ts";
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
import type { RequestContext } from "../_shared/http/context.ts";
import { invalidField } from "../_shared/http/parse_body.ts";
import type { AudioDeps } from "./handler.ts";
import { createParts, partKey, type VoiceParts } from "./voice_parts.ts";
import { splitText } from "./split_text.ts";
import {
  SPOKEN_FORMS,
  type SpokenForm,
  type StoredRecording,
  type VoiceOutcome,
  type VoiceSession,
  type VoiceTurnBody,
} from "./voice_schema.ts";

/** Bytes of speech up to which it is stored. */
const MAX_STORED = 25 * 1024 * 1024;

/** As much of a beginning as says how long audio lasts. */
const HEAD = 4096;

/** Characters of a text for Deepgram, at most, by its reference of 30 November 2026. */
const DEEPGRAM_CHARACTERS = 2000;

/** Forms whose pieces, one after the other, are one piece: frames without a header of the whole. */
const JOINABLE: ReadonlySet<SpokenForm> = new Set(["mp3", "aac"]);

/** Pieces of an answer that are spoken at most: more than half an hour. */
const MAX_PIECES = 8;

/** What a voice turn brings, in the order in which it comes. */
export type VoiceEvent =
  | { type: "transcript.text.done"; text: string }
  | { type: "response.output_text.delta"; delta: string }
  | { type: "response.output_text.done"; text: string }
  | { type: "speech.audio.delta"; bytes: Uint8Array }
  /** All pieces were spoken: so many characters of the text. A form that cannot be joined has one piece. */
  | { type: "speech.audio.done"; characters: number }
  /** Why there is no audio, or only a part of it: what came before stands. */
  | { type: "error"; error: ApiError }
  | {
    type: "audio.turn.done";
    session_id: string;
    format: SpokenForm;
    recording: string | null;
    audio: string | null;
  };

/** A voice turn that was asked for. */
export interface AskedVoice {
  body: VoiceTurnBody;
  caller: Caller;
  context: RequestContext;
  deps: AudioDeps;
  /** The request's `Idempotency-Key`; null for none. */
  key: string | null;
  /** The headers that name the execution of a workflow, which each part is a turn of. */
  execution: Record<string, string>;
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
    format: formOf(body, session),
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
  { transcription_model, speech_model, voices, voice, voice_settings }: VoiceSession,
): string {
  const missing = transcription_model === null
    ? "transcription_model"
    : speech_model === null
    ? "speech_model"
    : null;
  if (missing) {
    throw invalidField(missing, "missing_required_parameter", "the agent names none");
  }
  const own = [...voice ? [voice] : [], ...voice_settings.fallback_voice_ids];
  const wanted = body.voice ?? own.find((name) => !voices || voices.includes(name)) ?? voice ??
    voices?.[0];
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
  const form = formOf(asked.body, session);
  const spoken = piecesOf(text, form, session);
  const kept: Uint8Array[] = [];
  let length = 0;
  try {
    for (const [index, piece] of spoken.entries()) {
      for await (const bytes of parts.speak(piece, form, index + 1)) {
        length += bytes.length;
        if (length <= MAX_STORED) kept.push(bytes);
        yield { type: "speech.audio.delta", bytes };
      }
    }
  } catch (thrown) {
    yield { type: "error", error: toApiError(thrown) };
    return;
  } finally {
    // A repeated answer has its recording already.
    if (outcome.chat_turn_id && kept.length > 0 && length <= MAX_STORED) {
      const audio = new Uint8Array(joinBytes(kept));
      const seconds = secondsOf(form, audio.subarray(0, HEAD), audio.length);
      outcome.spoken = await store(asked, session, audio, seconds, [form, AUDIO_TYPES[form]]);
    }
  }
  yield { type: "speech.audio.done", characters: charactersOf(spoken.join("")) };
}

/** The form of an answer's audio: as asked, else the agent's where it can be stored. */
function formOf(
  { response_format }: Pick<VoiceTurnBody, "response_format">,
  { voice_settings }: Pick<VoiceSession, "voice_settings">,
): SpokenForm {
  const stated = SPOKEN_FORMS.find((form) => form === voice_settings.output_format);
  return response_format ?? stated ?? "mp3";
}

/** The pieces in which a text is spoken, one call each; of a form that cannot be joined, the first alone. */
function piecesOf(
  text: string,
  form: SpokenForm,
  { speech_api }: Pick<VoiceSession, "speech_api">,
): string[] {
  const most = speech_api === "deepgram" ? DEEPGRAM_CHARACTERS : MAX_CHARACTERS;
  return splitText(text, most).slice(0, JOINABLE.has(form) ? MAX_PIECES : 1);
}

async function storeHeard(asked: AskedVoice, session: VoiceSession) {
  const { bytes } = asked.body.file;
  const container = containerOf(bytes) ?? "webm";
  return await store(asked, session, bytes, lengthOf(bytes), [
    container,
    RECORDING_TYPES[container],
  ]);
}

/** Stores a recording; null where the agent keeps none, or Storage does not take it, which fails no turn. */
async function store(
  { context, deps }: AskedVoice,
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
