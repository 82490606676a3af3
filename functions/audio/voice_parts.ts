import { z } from "zod";
import { ApiError } from "../_shared/core/errors.ts";
import { type ErrorCode, isErrorCode } from "../_shared/core/error_codes.ts";
import { sha256Hex } from "../_shared/core/hash.ts";
import type { WireFormat } from "../_shared/gateway/formats/format.ts";
import { openaiChat } from "../_shared/gateway/formats/openai_chat/format.ts";
import { speech } from "../_shared/gateway/formats/speech/format.ts";
import { transcription } from "../_shared/gateway/formats/transcription/format.ts";
import { createSseParser } from "../_shared/gateway/respond/stream/sse_parser.ts";
import { runTurn } from "../_shared/gateway/run_turn.ts";
import { ADMITTED } from "../_shared/http/admission.ts";
import type { RequestContext } from "../_shared/http/context.ts";
import { payloadOf } from "../_shared/http/upload.ts";
import type { VoiceContext } from "./voice_context.ts";
import type { SPOKEN_FORMS, VoiceSession } from "./voice_schema.ts";

/**
 * The three turns of a voice turn. Each is rate limited, reserved, priced and settled like any
 * other turn.
 */
export interface VoiceParts {
  transcribe(): Promise<string>;
  /** The text of the answer, as it is made. */
  answer(transcript: string): AsyncGenerator<string>;
  /** Waits until the answer is settled. @returns Its turn; null if it did not begin. */
  answered(): Promise<{ turn_id: string; is_repeated: boolean } | null>;
  /** Whether the answer, or a piece of its speech, was not replayed. */
  isNew(): boolean;
  /**
   * The audio of a text, as it is made.
   *
   * @param number Which piece of the answer it is, from 1.
   */
  speak(
    text: string,
    form: typeof SPOKEN_FORMS[number],
    number: number,
  ): AsyncGenerator<Uint8Array>;
}

const transcriptSchema = z.object({
  text: z.string(),
  /** The vendor's confidence, from 0 to 1, if it reports one. */
  confidence: z.number().nullish().catch(null),
});

const chunkSchema = z.object({
  choices: z.array(z.object({ delta: z.object({ content: z.string().nullish() }).nullish() }))
    .nullish(),
  error: z.object({ message: z.string(), code: z.string().nullish() }).nullish(),
});

/**
 * The `Idempotency-Key` of a part, derived from that of the voice turn: a hash, which has a fixed
 * length.
 */
export async function partKey(key: string, kind: string): Promise<string> {
  return await sha256Hex(`${kind}:${key}`);
}

/** Creates the parts of a voice turn. @param voice The voice with which the answer is spoken. */
export function createParts(turn: VoiceContext, session: VoiceSession, voice: string): VoiceParts {
  const { body, caller, key } = turn;
  const deps = { ...turn.deps, admission: ADMITTED };
  let chat: PartContext | null = null;
  let isNew = false;

  async function run<Body extends object>(
    format: WireFormat<Body>,
    fields: Record<string, unknown>,
    context: PartContext,
    { headers = {}, name = format.kind }: { headers?: Record<string, string>; name?: string } = {},
  ): Promise<Response> {
    const payload = payloadOf(fields);
    const request = new Request(`http://voice${format.path}`, {
      method: "POST",
      headers: {
        ...payload.headers,
        ...turn.execution,
        ...headers,
        ...key !== null && { "idempotency-key": await partKey(key, name) },
      },
      body: payload.body,
    });
    try {
      return await runTurn(request, caller, inSession(format, session), context, deps);
    } finally {
      Object.assign(turn.context.fields, context.fields);
      for (const [name, value] of context.headers) turn.context.headers.set(name, value);
    }
  }

  return {
    async transcribe() {
      const fields = {
        file: body.file,
        model: session.transcription_model,
        ...recognitionOf(body, session),
      };
      const response = await run(transcription, fields, partOf(turn.context, 1));
      const { text, confidence } = transcriptSchema.parse(await response.json());
      const least = session.speech_processing.confidence_threshold ?? 0;
      return (confidence ?? 1) < least ? "" : text;
    },
    async *answer(transcript) {
      chat = partOf(turn.context, 2);
      const messages = [{ role: "user", content: transcript }];
      const fields = { ...body.model && { model: body.model }, messages, stream: true };
      const headers = { "x-session-id": session.session_id };
      const response = await run(openaiChat, fields, chat, { headers });
      yield* deltasOf(response);
    },
    async answered() {
      await chat?.ended();
      const turnId = chat?.fields.turn_id;
      if (typeof turnId !== "string") return null;
      const is_repeated = chat?.fields.replayed === true;
      isNew ||= !is_repeated;
      return { turn_id: turnId, is_repeated };
    },
    isNew: () => isNew,
    async *speak(text, form, number) {
      const fields = {
        model: session.speech_model,
        input: text,
        voice,
        response_format: form,
        ...mannerOf(session),
      };
      const name = number === 1 ? speech.kind : `${speech.kind}:${number}`;
      const part = partOf(turn.context, 2 + number);
      const response = await run(speech, fields, part, { name });
      isNew ||= part.fields.replayed !== true;
      try {
        for await (const bytes of response.body ?? []) yield bytes;
      } catch (cause) {
        // Audio cannot carry an error, so its stream was aborted.
        throw new ApiError(
          "upstream_error",
          "The speech ended before it was complete. Send the request again.",
          { cause },
        );
      }
    },
  };
}

/** A format whose turns belong to the organization of a session, wherever the caller works now. */
function inSession<Body extends object>(
  format: WireFormat<Body>,
  { organization_id }: Pick<VoiceSession, "organization_id">,
): WireFormat<Body> {
  return {
    ...format,
    parse(json, headers) {
      const parsed = format.parse(json, headers);
      return { ...parsed, turn: { ...parsed.turn, organization_id } };
    },
  };
}

/** The agent's settings for speech recognition. */
function recognitionOf(
  { language }: VoiceContext["body"],
  { speech_processing: stated }: VoiceSession,
): Record<string, unknown> {
  return {
    language: language ?? stated.language,
    "keywords[]": stated.keywords,
    smart_format: stated.smart_format,
    profanity_filter: stated.profanity_filter,
    "redact[]": stated.redaction,
  };
}

/** The agent's settings for speech. */
function mannerOf({ voice_settings: stated }: VoiceSession): Record<string, unknown> {
  const { speed, emotion, stability, similarity_boost, style, use_speaker_boost } = stated;
  const settings = { stability, similarity_boost, style, use_speaker_boost };
  return {
    ...speed != null && speed !== 1 && { speed },
    ...emotion && { instructions: `Speak with this emotion: ${emotion}.` },
    ...Object.values(settings).some((value) => value != null) && { voice_settings: settings },
  };
}

/** The text of a streamed answer. @throws {ApiError} The error that the stream reports. */
async function* deltasOf(response: Response): AsyncGenerator<string> {
  const parser = createSseParser();
  for await (const bytes of response.body ?? []) {
    for (const { data } of parser.push(bytes)) {
      if (data === "[DONE]") continue;
      const { choices, error } = chunkSchema.parse(JSON.parse(data));
      if (error) throw new ApiError(codeOf(error.code), error.message);
      for (const { delta } of choices ?? []) if (delta?.content) yield delta.content;
    }
  }
}

function codeOf(code: string | null | undefined): ErrorCode {
  return code && isErrorCode(code) ? code : "upstream_error";
}

/** The context of a part: its own request id, and the work that continues after its answer. */
interface PartContext extends RequestContext {
  ended(): Promise<unknown>;
}

function partOf(context: RequestContext, number: number): PartContext {
  const pending: Promise<unknown>[] = [];
  return {
    ...context,
    requestId: `${context.requestId}_${number}`,
    headers: new Headers(),
    fields: {},
    until(work) {
      pending.push(work);
      context.until(work);
    },
    ended: () => Promise.allSettled(pending),
  };
}
