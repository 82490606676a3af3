import { z } from "zod";
import { invalidAnswer } from "../../call/upstream_error.ts";
import { errorIn, parseUpstreamJson } from "../../call/upstream_json.ts";
import { openaiErrors } from "../../../http/openai_errors.ts";
import type { Measured } from "../../quirks/usage_shapes.ts";
import { joinBytes, sseData, streamHeaders } from "../../respond/stream/sse_writer.ts";
import { NO_ANSWER } from "../../settle/outcome.ts";
import type { AnswerContext, StreamedAnswer, WholeAnswer } from "../format.ts";
import { assertKept, NOT_KEPT } from "../stored_answer.ts";
import { secondsOf } from "./audio_length.ts";
import { audioEvent, createEventReader, lastEvent, readBytes } from "./events.ts";
import { AUDIO_TYPES, formOf, isEvents, type SpeechBody } from "./schema.ts";
import { speechUsage, usageOfPart } from "./usage.ts";

/** The most bytes of audio that are stored for replay. */
const MAX_KEPT = 6 * 1024 * 1024;

/** Bytes at the beginning of audio that suffice to determine its duration. */
const HEAD = 4096;

const NOTHING = new Uint8Array();

const EVENTS = /^text\/event-stream\b/i;

const storedSchema = z.object({
  audio: z.string(),
  type: z.string(),
  usage: z.looseObject({ input_tokens: z.int(), output_tokens: z.int() }).nullish().catch(null)
    .transform((usage) => usage ?? { input_tokens: 0, output_tokens: 0 }),
});

/** Passes on an upstream's audio: as bytes, or as events if the client asks for them. */
export function openSpeechStream(
  context: AnswerContext<SpeechBody>,
  replayBytes: number | null,
  contentType: string,
): StreamedAnswer {
  const form = formOf(context.body);
  const type = /^audio\//i.test(contentType) ? contentType : AUDIO_TYPES[form];
  const hasEvents = isEvents(context.body);
  const read = EVENTS.test(contentType) ? createEventReader(context.endpoint) : readBytes;
  const kept: Uint8Array[] = [];
  let head: Uint8Array = NOTHING;
  let length = 0;
  let isFinished = false;
  let measured: Measured | null = null;
  const isKept = () => replayBytes !== null && length <= MAX_KEPT;
  const usage = () =>
    isFinished
      ? speechUsage(context, measured)
      : usageOfPart(context, length > 0 ? secondsOf(form, head, length) : null);

  return {
    take({ bytes = null }) {
      const piece = read(bytes);
      const { audio, error } = piece;
      length += audio.length;
      measured ??= piece.measured;
      if (head.length < HEAD) head = joinBytes([head, audio]);
      if (isKept()) kept.push(audio);
      isFinished ||= piece.isLast && length > 0;
      const sent = audio.length === 0 ? null : hasEvents ? audioEvent(audio) : audio;
      return { bytes: sent, isLast: bytes === null || piece.isLast, error };
    },
    get isFinished() {
      return isFinished;
    },
    get hasOutput() {
      return length > 0;
    },
    id: null,
    headers: hasEvents
      ? streamHeaders
      : { "content-type": type, "cache-control": "no-cache, no-transform" },
    breaksOff: !hasEvents,
    answer: () => ({
      ...NO_ANSWER,
      content: length > 0 ? `[speech, ${form}]` : null,
      usage: isFinished ? usage() : null,
    }),
    estimate: usage,
    complete: () => null,
    end: (answer) => hasEvents ? lastEvent(answer.usage ?? usage()) : NOTHING,
    fail: (error) => hasEvents ? sseData(openaiErrors.write(error, null).body) : NOTHING,
    stored({ usage: stored }) {
      if (replayBytes === null) return null;
      return isKept() ? { audio: joinBytes(kept).toBase64(), type, usage: stored } : NOT_KEPT;
    },
  };
}

/**
 * Reads a text that arrived in place of audio.
 *
 * @throws {ApiError} The error that the text reports, or 502.
 */
export function readNoSpeech(text: string, { endpoint }: AnswerContext<SpeechBody>): WholeAnswer {
  throw errorIn(parseUpstreamJson(text, "speech"), endpoint) ??
    invalidAnswer("speech was asked for, a text came");
}

/**
 * Replays stored audio.
 *
 * @throws {ApiError} 409 for audio that was too large to store.
 */
export function replaySpeech(stored: object, body: SpeechBody): Response {
  assertKept(stored);
  const { audio, type, usage } = storedSchema.parse(stored);
  const bytes = Uint8Array.fromBase64(audio);
  if (!isEvents(body)) return new Response(bytes, { headers: { "content-type": type } });
  const events = joinBytes([audioEvent(bytes), lastEvent(usage)]);
  return new Response(new Uint8Array(events), { headers: streamHeaders });
}
