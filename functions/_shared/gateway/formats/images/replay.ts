import { z } from "zod";
import { ApiError } from "../../../core/errors.ts";
import { streamHeaders } from "../../respond/stream/sse_writer.ts";

/** Characters of base64 up to which images are kept to be repeated. */
const MAX_KEPT = 8 * 1024 * 1024;

const streamSchema = z.object({ stream: z.string() });

/**
 * What is kept of an answer, to repeat it: all of it, or that it was too large. Then its request is
 * refused when it comes again, and nothing is bought twice.
 *
 * @param images Base64 of each.
 */
export function keptBody(body: object, images: readonly (string | null | undefined)[]): object {
  const length = images.reduce((sum, image) => sum + (image?.length ?? 0), 0);
  return length > MAX_KEPT ? { is_not_kept: true } : body;
}

/**
 * Repeats a stored answer.
 *
 * @throws {ApiError} 409 for one that was too large to be kept.
 */
export function replayImages(stored: object): Response {
  if ("is_not_kept" in stored) {
    throw new ApiError(
      "answer_not_kept",
      "Cannot repeat the answer: it was too large to be kept for this Idempotency-Key. Send the request with a new key to make it again.",
    );
  }
  const events = streamSchema.safeParse(stored).data?.stream;
  if (events === undefined) return Response.json(stored);
  return new Response(events, { headers: streamHeaders });
}
