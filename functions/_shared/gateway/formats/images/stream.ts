import { z } from "zod";
import { openaiErrors } from "../../../http/openai_errors.ts";
import { errorIn, parseUpstreamJson } from "../../call/upstream_json.ts";
import { type Measured, measureIn } from "../../quirks/usage_shapes.ts";
import type { SseEvent } from "../../respond/stream/sse_event.ts";
import { DONE, joinBytes, sseData, sseEvents } from "../../respond/stream/sse_writer.ts";
import type { Answer } from "../../settle/outcome.ts";
import type { AnswerContext, StreamedAnswer, TakenEvent } from "../format.ts";
import { imageAnswer, imageKindSchema, imagesIn, kindOf } from "./images.ts";
import { keptBody } from "./replay.ts";
import type { ImageBody } from "./schema.ts";
import { describeImages, estimateImages, type ImageKind } from "./units.ts";

const PARTIAL = "image_generation.partial_image";
const COMPLETED = "image_generation.completed";

const eventSchema = imageKindSchema.extend({
  type: z.string(),
  // Absent for an image that is sent as a URL.
  b64_json: z.string().min(1).optional(),
});

type ImageEvent = z.infer<typeof eventSchema>;

const nothing: TakenEvent = { bytes: null, isLast: false, error: null };

/** Translates an upstream's image stream, with partial and finished images. */
export function openImageStream(
  context: AnswerContext<ImageBody>,
  replayBytes: number | null,
): StreamedAnswer {
  const { body, endpoint } = context;
  const wanted = body.n ?? 1;
  const finished: ImageEvent[] = [];
  const made: ImageKind[] = [];
  let hasPartial = false;
  let measured: Measured | null = null;

  function take({ event, data }: SseEvent): TakenEvent {
    if (data === "[DONE]") return { ...nothing, isLast: true };
    const json = parseUpstreamJson(data, "image event");
    const error = errorIn(json, endpoint);
    if (error) return { ...nothing, error };
    const events = eventsOf(json, event);
    for (const one of events) {
      hasPartial ||= one.type === PARTIAL;
      if (one.type !== COMPLETED) continue;
      made.push(kindOf(body, one));
      if (replayBytes !== null) finished.push(one);
    }
    measured = sum(measured, measureIn(json));
    return events.length > 0 ? { ...nothing, bytes: sseEvents(events) } : nothing;
  }

  const answer = (): Answer => ({
    ...imageAnswer(context, made, measured),
    content: made.length > 0 ? describeImages(made) : hasPartial ? "[no image]" : null,
    ...made.length === 0 && measured === null && { usage: null },
  });

  return {
    take,
    get isFinished() {
      return made.length >= wanted;
    },
    get hasOutput() {
      return hasPartial || made.length > 0;
    },
    id: null,
    answer,
    estimate: () => estimateImages(context, made.length > 0 ? made : undefined),
    complete: () => null,
    end: () => DONE,
    fail: (error) => sseData(openaiErrors.write(error, null).body),
    stored() {
      if (replayBytes === null) return null;
      const stream = new TextDecoder().decode(joinBytes([sseEvents(finished), DONE]));
      return keptBody({ stream }, [stream]);
    },
  };
}

/** Converts an event of the upstream; a whole answer becomes one event for each image. */
function eventsOf(json: object, name: string): ImageEvent[] {
  const whole = imagesIn(json);
  if (whole) {
    const { data, ...about } = whole;
    return data.map(({ b64_json, ...image }) => ({
      ...about,
      ...image,
      ...b64_json && { b64_json },
      type: COMPLETED,
    }));
  }
  const event = eventSchema.safeParse({ type: name, ...json }).data;
  return event?.b64_json && [PARTIAL, COMPLETED].includes(event.type) ? [event] : [];
}

/** The total usage of several images that report it separately. */
function sum(first: Measured | null, second: Measured | null): Measured | null {
  if (first === null || second === null) return first ?? second;
  const [a, b] = [first.usage, second.usage];
  return {
    usage: {
      ...b,
      input_tokens: a.input_tokens + b.input_tokens,
      output_tokens: a.output_tokens + b.output_tokens,
      cached_input_tokens: a.cached_input_tokens + b.cached_input_tokens,
      cache_write_tokens: a.cache_write_tokens + b.cache_write_tokens,
      reasoning_tokens: a.reasoning_tokens + b.reasoning_tokens,
    },
    cost: first.cost === null || second.cost === null
      ? first.cost ?? second.cost
      // Rounded to the ten decimals of the ledger, as sums of floats have spurious digits.
      : (Number(first.cost) + Number(second.cost)).toFixed(10),
  };
}
