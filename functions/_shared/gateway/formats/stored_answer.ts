import { z } from "zod";
import { ApiError } from "../../core/errors.ts";
import { streamHeaders } from "../respond/stream/sse_writer.ts";

/** Stored in place of an answer that is too large for replay. */
export const NOT_KEPT = { is_not_kept: true } as const;

const streamSchema = z.object({ stream: z.string() });

/**
 * Refuses to replay an answer that was too large to store, so that the request is not billed twice.
 *
 * @throws {ApiError} 409 `answer_not_kept`.
 */
export function assertKept(stored: object): void {
  if (!("is_not_kept" in stored)) return;
  throw new ApiError(
    "answer_not_kept",
    "Cannot repeat the answer: it was too large to be kept for this Idempotency-Key. Send the request with a new key to make it again.",
  );
}

/** Replays a stored answer byte for byte: the events of a stream, or a body. */
export function repeatStored(stored: object): Response {
  const events = streamSchema.safeParse(stored).data?.stream;
  return events === undefined
    ? Response.json(stored)
    : new Response(events, { headers: streamHeaders });
}
