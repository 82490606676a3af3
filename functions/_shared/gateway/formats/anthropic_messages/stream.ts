import { streamHeaders } from "../../respond/stream/sse_writer.ts";
import { readUsage } from "../../quirks/usage_shapes.ts";
import type { TurnUsage } from "../../settle/outcome.ts";
import type { AnswerContext, StreamedAnswer } from "../format.ts";
import { type Chunk, NO_CHUNK } from "../openai_chat/chunk.ts";
import { readChatStream } from "../openai_chat/read_stream.ts";
import { recordingIn, storedStream } from "../openai_chat/replay.ts";
import { wireUsage } from "../openai_chat/usage.ts";
import { createReplayLog, type Recording } from "../openai_chat/replay_log.ts";
import { identityOf, wantsThoughts } from "./message.ts";
import { MessageWriter } from "./message_writer.ts";
import type { MessagesRequest } from "./request.ts";

/** Translates the chunks of one upstream's answer into the events of a message. */
export function openMessageStream(
  context: AnswerContext<MessagesRequest>,
  replayBytes: number | null,
): StreamedAnswer {
  const identity = identityOf(context);
  const writer = new MessageWriter(identity);
  const log = replayBytes === null ? null : createReplayLog(replayBytes);
  let first: Chunk | null = null;

  return readChatStream(context, {
    chunk(chunk) {
      first ??= chunk;
      log?.take(chunk);
      return writer.chunk(chunk);
    },
    end: ({ usage }) => writer.end(usage),
    fail: (error) => writer.fail(error),
    stored(answer) {
      const { id, model } = identity;
      const opening = first?.usage && wireUsage(first.usage.usage);
      return log && storedStream(log, { id, model, created: 0, opening }, answer);
    },
  });
}

/** Replays a stored answer; a streamed one event by event. */
export function replayMessage(stored: object, { asked }: MessagesRequest): Response {
  if (!asked.stream) return Response.json(stored);
  const events = play(recordingIn(stored), wantsThoughts(asked));
  return new Response(ReadableStream.from(events), { headers: streamHeaders });
}

function* play(
  { identity: { id, model, opening }, usage, chunks }: Recording,
  thinks: boolean,
): Generator<Uint8Array> {
  const writer = new MessageWriter({ id, model, thinks });
  // The recorded form of a chunk excludes usage.
  yield writer.chunk({ ...NO_CHUNK, usage: readUsage(opening) });
  for (const chunk of chunks()) yield writer.chunk(chunk);
  yield writer.end(usage && usageIn(usage));
}

function usageIn(recorded: object): TurnUsage | null {
  const measured = readUsage(recorded)?.usage;
  return measured ? { ...measured, estimated: "estimated" in recorded } : null;
}
