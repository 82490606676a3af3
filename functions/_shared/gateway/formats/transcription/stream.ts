import { z } from "zod";
import { openaiErrors } from "../../../http/openai_errors.ts";
import { errorIn, parseUpstreamJson } from "../../call/upstream_json.ts";
import { DONE, joinBytes, sseData, sseEvents } from "../../respond/stream/sse_writer.ts";
import type { SseEvent } from "../../respond/stream/sse_event.ts";
import { NO_ANSWER } from "../../settle/outcome.ts";
import type { AnswerContext, StreamedAnswer, TakenEvent } from "../format.ts";
import type { TranscriptionBody } from "./schema.ts";
import { KEPT } from "./transcript.ts";
import { type ReportedUsage, reportedUsageIn, transcriptionUsage } from "./usage.ts";

const LAST = "transcript.text.done";

const eventSchema = z.looseObject({
  type: z.string(),
  delta: z.string().nullish(),
  text: z.string().nullish(),
});

/** The answer of a model that does not stream; its transcript becomes the last event. */
const wholeSchema = z.looseObject({ text: z.string(), type: z.undefined().optional() });

const nothing: TakenEvent = { bytes: null, isLast: false, error: null };

/** Passes on the events of an upstream's transcript. */
export function openTranscriptStream(
  context: AnswerContext<TranscriptionBody>,
  replayBytes: number | null,
): StreamedAnswer {
  const kept: Uint8Array[] = [];
  let text = "";
  let reported: ReportedUsage = { measured: null, seconds: null };
  let isFinished = false;

  function take({ data }: SseEvent): TakenEvent {
    if (data === "[DONE]") return { ...nothing, isLast: true };
    const json = parseUpstreamJson(data, "transcript event");
    const error = errorIn(json, context.endpoint);
    if (error) return { ...nothing, error };
    const whole = wholeSchema.safeParse(json).data;
    const event = eventSchema.safeParse(whole ? { ...whole, type: LAST } : json).data;
    if (!event?.type.startsWith("transcript.")) return nothing;
    text += event.delta ?? "";
    if (event.type === LAST) {
      isFinished = true;
      text = event.text ?? text;
      reported = reportedUsageIn(event);
    }
    const bytes = sseEvents([event]);
    if (replayBytes !== null) kept.push(bytes);
    return { ...nothing, bytes };
  }

  const usage = () => transcriptionUsage(context, reported, text);
  return {
    take,
    get isFinished() {
      return isFinished;
    },
    get hasOutput() {
      return isFinished || text !== "";
    },
    id: null,
    answer: () => ({
      ...NO_ANSWER,
      content: isFinished || text !== "" ? KEPT : null,
      usage: isFinished ? usage() : null,
    }),
    estimate: usage,
    complete: () => null,
    end: () => DONE,
    fail: (error) => sseData(openaiErrors.write(error, null).body),
    stored() {
      if (replayBytes === null) return null;
      return { stream: new TextDecoder().decode(joinBytes([...kept, DONE])) };
    },
  };
}
