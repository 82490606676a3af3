import { openaiErrors } from "../../../http/openai_errors.ts";
import { DONE, joinBytes, sseData } from "../../respond/stream/sse_writer.ts";
import { idOfFunctionCall } from "../../quirks/function_calls.ts";
import type { AnswerContext, StreamedAnswer } from "../format.ts";
import { createChunkWriter } from "./chunk_writer.ts";
import { identityOf } from "./identity.ts";
import { readChatStream } from "./read_stream.ts";
import { storedStream } from "./replay.ts";
import { createReplayLog } from "./replay_log.ts";
import type { ChatBody } from "./schema.ts";
import { wireUsage } from "./usage.ts";

/** Translates the chunks of one upstream's answer into those that the client is sent. */
export function openChatStream(
  context: AnswerContext<ChatBody>,
  replayBytes: number | null,
): StreamedAnswer {
  const identity = identityOf(context);
  const withUsage = context.body.stream_options?.include_usage === true;
  const functionId = idOfFunctionCall(context.body);
  const writer = createChunkWriter(identity, withUsage, functionId !== undefined);
  const log = replayBytes === null ? null : createReplayLog(replayBytes);

  return readChatStream(context, {
    chunk(chunk) {
      const bytes = writer.chunk(chunk);
      log?.take(chunk);
      return bytes;
    },
    end: ({ usage }) =>
      withUsage && usage ? joinBytes([writer.usage(wireUsage(usage)), DONE]) : DONE,
    fail: (error) => sseData(openaiErrors.write(error, null).body),
    stored: (answer) => log && storedStream(log, identity, answer),
  }, functionId);
}
