import { z } from "zod";
import { DONE, streamHeaders } from "../../respond/stream/sse_writer.ts";
import type { Answer } from "../../settle/outcome.ts";
import { type AnswerIdentity, createChunkWriter } from "./chunk_writer.ts";
import { readReplayLog, type Recording, type ReplayLog } from "./replay_log.ts";
import type { ChatBody } from "./schema.ts";
import { wireUsage } from "./usage.ts";

/** The stored form of a streamed answer. */
const storedSchema = z.object({ stream: z.string() });

/** A stream that has ended, as it is stored. */
export function storedStream(
  log: ReplayLog,
  identity: AnswerIdentity,
  { usage }: Answer,
): z.infer<typeof storedSchema> {
  return { stream: log.text(identity, usage && wireUsage(usage)) };
}

/** The recording that {@linkcode storedStream} made. */
export function recordingIn(stored: object): Recording {
  return readReplayLog(storedSchema.parse(stored).stream);
}

/** Replays a stored answer. The request is the same, so it is streamed if the first one was. */
export function replayAnswer(stored: object, body: ChatBody): Response {
  if (!body.stream) return Response.json(stored);
  const events = play(recordingIn(stored), body);
  return new Response(ReadableStream.from(events), { headers: streamHeaders });
}

function* play(
  { identity, usage, chunks }: Recording,
  { stream_options, functions }: ChatBody,
): Generator<Uint8Array> {
  const withUsage = stream_options?.include_usage === true;
  const writer = createChunkWriter(identity, withUsage, Array.isArray(functions));
  for (const chunk of chunks()) yield writer.chunk(chunk);
  if (withUsage && usage) yield writer.usage(usage);
  yield DONE;
}
