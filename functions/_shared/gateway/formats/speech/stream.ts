import { z } from "zod";
import { invalidAnswer } from "../../call/upstream_error.ts";
import { errorIn, parseUpstreamJson } from "../../call/upstream_json.ts";
import { joinBytes } from "../../respond/stream/sse_writer.ts";
import { NO_ANSWER } from "../../settle/outcome.ts";
import type { AnswerContext, StreamedAnswer, WholeAnswer } from "../format.ts";
import { assertKept, NOT_KEPT } from "../stored_answer.ts";
import { secondsOf } from "./audio_length.ts";
import { AUDIO_TYPES, formOf, type SpeechBody } from "./schema.ts";
import { speechUsage, usageOfPart } from "./usage.ts";

/** Bytes of audio up to which it is kept to be repeated. */
const MAX_KEPT = 6 * 1024 * 1024;

/** As much of a beginning as says how long audio lasts. */
const HEAD = 4096;

const NOTHING = new Uint8Array();

const storedSchema = z.object({ audio: z.string(), type: z.string() });

/** Passes on the bytes of one upstream's speech. */
export function openSpeechStream(
  context: AnswerContext<SpeechBody>,
  replayBytes: number | null,
  contentType: string,
): StreamedAnswer {
  const form = formOf(context.body);
  const type = /^audio\//i.test(contentType) ? contentType : AUDIO_TYPES[form];
  const kept: Uint8Array[] = [];
  let head: Uint8Array = NOTHING;
  let length = 0;
  let isFinished = false;
  const isKept = () => replayBytes !== null && length <= MAX_KEPT;

  return {
    take({ bytes }) {
      if (!bytes) {
        isFinished = length > 0;
        return { bytes: null, isLast: true, error: null };
      }
      length += bytes.length;
      if (head.length < HEAD) head = joinBytes([head, bytes]);
      if (isKept()) kept.push(bytes);
      return { bytes, isLast: false, error: null };
    },
    get isFinished() {
      return isFinished;
    },
    get hasOutput() {
      return length > 0;
    },
    id: null,
    headers: { "content-type": type, "cache-control": "no-cache, no-transform" },
    breaksOff: true,
    answer: () => ({
      ...NO_ANSWER,
      content: length > 0 ? `[speech, ${form}]` : null,
      usage: isFinished ? speechUsage(context) : null,
    }),
    estimate: () => usageOfPart(context, length > 0 ? secondsOf(form, head, length) : null),
    complete: () => null,
    end: () => NOTHING,
    fail: () => NOTHING,
    stored() {
      if (replayBytes === null) return null;
      return isKept() ? { audio: joinBytes(kept).toBase64(), type } : NOT_KEPT;
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
export function replaySpeech(stored: object): Response {
  assertKept(stored);
  const { audio, type } = storedSchema.parse(stored);
  return new Response(Uint8Array.fromBase64(audio), { headers: { "content-type": type } });
}
