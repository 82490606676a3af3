import { type CalledWith, interrupted } from "../../call/upstream_error.ts";
import { eventsIn } from "../../quirks/unasked_streams.ts";
import { type Measured, mergeMeasured, usageAlone } from "../../quirks/usage_shapes.ts";
import { type Chunk, createChunkReader, NO_CHUNK } from "./chunk.ts";
import { mergeChunks } from "./merge_chunks.ts";
import { wireUsage } from "./usage.ts";

/**
 * Joins the chunks of a stream into a completion.
 *
 * @throws {ApiError} 502 for an incomplete stream; the reported error for one that reports an
 * error.
 */
export function joinStream(text: string, target: CalledWith): object {
  const reader = createChunkReader(target);
  let joined: Chunk = NO_CHUNK;
  let isDone = false;
  let isEnded = false;
  for (const event of eventsIn(text)) {
    if (isDone) {
      joined = { ...joined, usage: mergeMeasured(joined.usage, usageAlone(event.data)) };
      continue;
    }
    const chunk = reader.read(event);
    isDone = chunk === null;
    if (chunk === null) continue;
    // A stream that continues after its finish reason has not ended.
    isEnded = chunk.finishReason !== null || (isEnded && !says(chunk));
    joined = mergeChunks(joined, chunk);
    if (joined.error) {
      joined.error.usage ??= joined.usage?.usage ?? null;
      throw joined.error;
    }
  }
  const mayEnd = isDone && !isEnded && reader.callsAreWhole;
  if (mayEnd) joined = mergeChunks(joined, { ...NO_CHUNK, ...reader.end() });
  if (!isEnded && !(mayEnd && says(joined))) {
    const error = interrupted(undefined, isDone && says(joined) ? "answer" : "upstream");
    error.usage = joined.usage?.usage ?? null;
    throw error;
  }
  return {
    ...joined.extras,
    id: joined.id,
    model: joined.model,
    choices: [{
      ...joined.choiceExtras,
      message: joined.delta ?? {},
      finish_reason: joined.finishReason,
    }],
    ...joined.usage && { usage: asVendorUsage(joined.usage) },
  };
}

function says({ delta }: Chunk): boolean {
  return Boolean(delta?.content || delta?.refusal || delta?.tool_calls);
}

/** Writes parsed usage back in the form from which it is parsed. */
function asVendorUsage({ usage, cost }: Measured): object {
  return {
    ...wireUsage(usage),
    service_tier: usage.service_tier,
    cache_creation: { ephemeral_1h_input_tokens: usage.cache_write_1h_tokens },
    ...cost !== null && { cost: Number(cost) },
  };
}
