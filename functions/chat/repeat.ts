import { z } from "zod";
import { DONE, sseData } from "../_shared/sse_writer.ts";
import type { ChatBody } from "./schema.ts";

/** Headers of every streamed answer. */
export const streamHeaders: Readonly<Record<string, string>> = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache, no-transform",
  "x-accel-buffering": "no",
};

/** A stored answer, as far as a stream of it needs to be taken apart. */
const storedSchema = z.looseObject({
  choices: z.tuple([z.looseObject({
    message: z.looseObject({
      role: z.string(),
      tool_calls: z.array(z.looseObject({})).nullish(),
    }),
    finish_reason: z.string(),
  })]),
  usage: z.looseObject({}),
});

/**
 * Gives an answer once more, in the form that the request asks for. As a stream it comes in one piece:
 * message, end, usage where it was asked for, `[DONE]`.
 */
export function repeatAnswer(answer: object, { stream, stream_options }: ChatBody): Response {
  if (!stream) return Response.json(answer);
  const { choices: [choice], usage, ...rest } = storedSchema.parse(answer);
  const { message, finish_reason, ...extras } = choice;
  const { tool_calls, ...said } = message;
  const withUsage = stream_options?.include_usage === true;
  const delta = {
    ...said,
    ...tool_calls?.length
      ? { tool_calls: tool_calls.map((call, index) => ({ index, ...call })) }
      : {},
  };
  const chunk = (choices: object[], counted: object | null = null) =>
    sseData({
      ...rest,
      object: "chat.completion.chunk",
      choices,
      ...withUsage ? { usage: counted } : {},
    });
  const events = [
    chunk([{ index: 0, ...extras, delta, finish_reason: null }]),
    chunk([{ index: 0, delta: {}, finish_reason }]),
    ...withUsage ? [chunk([], usage)] : [],
    DONE,
  ];
  return new Response(ReadableStream.from(events), { headers: streamHeaders });
}
