import { z } from "zod";
import type { Answer } from "../../settle/outcome.ts";
import { wireUsage } from "../../quirks/usage_shapes.ts";
import type { AnswerIdentity } from "./chunk_writer.ts";
import { playReplayLog, type ReplayLog } from "./replay_log.ts";
import type { ChatBody } from "./schema.ts";

/** Headers of every streamed answer. */
export const streamHeaders: Readonly<Record<string, string>> = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache, no-transform",
  "x-accel-buffering": "no",
};

/** What is kept of a streamed answer. */
const keptSchema = z.object({ stream: z.string() });

/** A stream that has come to its end, as it is kept. */
export function keptStream(
  recording: ReplayLog,
  identity: AnswerIdentity,
  { usage }: Answer,
): z.infer<typeof keptSchema> {
  return { stream: recording.text(identity, usage && wireUsage(usage)) };
}

/**
 * Gives an answer once more, as it was given before: what is repeated is the same request, so a
 * stream is asked for where one was.
 */
export function replayAnswer(answer: object, { stream, stream_options }: ChatBody): Response {
  if (!stream) return Response.json(answer);
  const { stream: recording } = keptSchema.parse(answer);
  const events = playReplayLog(recording, stream_options?.include_usage === true);
  return new Response(ReadableStream.from(events), { headers: streamHeaders });
}
