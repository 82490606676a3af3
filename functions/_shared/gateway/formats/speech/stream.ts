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

/** Bytes of audio up to which it is kept to be repeated. */
const MAX_KEPT = 6 * 1024 * 1024;

/** As much of a beginning as says how long audio lasts. */
const HEAD = 4096;

const NOTHING = new Uint8Array();

const EVENTS = /^text\/event-stream\b/i;

const storedSchema = z.object({
  audio: z.string(),
  type: z.string(),
  usage: z.looseObject({ input_tokens: z.int(), output_tokens: z.int() }).nullish().catch(null)
    .transform((usage) => usage ?? { input_tokens: 0, output_tokens: 0 }),
});

/** Passes on the speech of one upstream: as bytes, or as events where the client asks for these. */
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
 * Reads a text where speech was asked for.
 *
 * @throws {ApiError} What it says that went wrong, or 502.
 */
export function readNoSpeech(text: string, { endpoint }: AnswerContext<SpeechBody>): WholeAnswer {
  throw errorIn(parseUpstreamJson(text, "speech"), endpoint) ??
    invalidAnswer("speech was asked for, a text came");
}

/**
 * Repeats stored speech.
 *
 * @throws {ApiError} 409 for one that was too large to be kept.
 */
export function replaySpeech(stored: object, body: SpeechBody): Response {
  assertKept(stored);
  const { audio, type, usage } = storedSchema.parse(stored);
  const bytes = Uint8Array.fromBase64(audio);
  if (!isEvents(body)) return new Response(bytes, { headers: { "content-type": type } });
  const events = joinBytes([audioEvent(bytes), lastEvent(usage)]);
  return new Response(new Uint8Array(events), { headers: streamHeaders });
}
