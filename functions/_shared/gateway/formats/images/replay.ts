import { assertKept, NOT_KEPT, repeatStored } from "../stored_answer.ts";

/** The most base64 characters of images that are stored for replay. */
const MAX_KEPT = 8 * 1024 * 1024;

/**
 * The value stored for replay: the answer, or a marker that it was too large. A repeated request is
 * then refused, so that it is not billed twice.
 *
 * @param images The base64 data of each image.
 */
export function keptBody(body: object, images: readonly (string | null | undefined)[]): object {
  const length = images.reduce((sum, image) => sum + (image?.length ?? 0), 0);
  return length > MAX_KEPT ? NOT_KEPT : body;
}

/**
 * Replays a stored answer.
 *
 * @throws {ApiError} 409 for an answer that was too large to store.
 */
export function replayImages(stored: object): Response {
  assertKept(stored);
  return repeatStored(stored);
}
