import { assertKept, NOT_KEPT, repeatStored } from "../stored_answer.ts";

/** Characters of base64 up to which images are kept to be repeated. */
const MAX_KEPT = 8 * 1024 * 1024;

/**
 * What is kept of an answer, to repeat it: all of it, or that it was too large. Then its request is
 * refused when it comes again, and nothing is bought twice.
 *
 * @param images Base64 of each.
 */
export function keptBody(body: object, images: readonly (string | null | undefined)[]): object {
  const length = images.reduce((sum, image) => sum + (image?.length ?? 0), 0);
  return length > MAX_KEPT ? NOT_KEPT : body;
}

/**
 * Repeats a stored answer.
 *
 * @throws {ApiError} 409 for one that was too large to be kept.
 */
export function replayImages(stored: object): Response {
  assertKept(stored);
  return repeatStored(stored);
}
