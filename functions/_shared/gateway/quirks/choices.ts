/*
 * Choices that differ from OpenAI's: without an index, or with null (Gemini, 22 November 2026); in
 * a stream, the whole `message` in place of a `delta`, from vendors that send the whole answer as
 * one event (Perplexity sends both, its API reference, 21 November 2026). Conversely, proxies that
 * convert between the two send a `delta` in an unstreamed answer, or the bare `text` of
 * `/completions`.
 */

/** The first choice; undefined if there is none. Others are ignored, as only one is requested. */
export function firstChoice(choices: unknown): object | undefined {
  const list: unknown[] = Array.isArray(choices) ? choices : [];
  return list.filter(isObject).find((choice) => {
    const index: unknown = Reflect.get(choice, "index");
    return typeof index !== "number" || index === 0;
  });
}

/**
 * The delta of a streamed choice.
 *
 * @param isBegun Whether the answer has begun: then a whole message only repeats it.
 * @returns null if it adds nothing; undefined if its form is unknown.
 */
export function deltaOf(choice: object, isBegun: boolean): object | null | undefined {
  const delta: unknown = Reflect.get(choice, "delta");
  if (isObject(delta)) return delta;
  if (delta !== null && delta !== undefined) return undefined;
  const message: unknown = Reflect.get(choice, "message");
  if (isObject(message)) return isBegun ? null : message;
  const text: unknown = Reflect.get(choice, "text");
  return typeof text === "string" ? { content: text } : null;
}

/**
 * The message of an unstreamed choice; undefined if it has none.
 *
 * @param ends Whether the choice has a finish reason; without one, a `delta` is only a part of an
 * answer.
 */
export function messageOf(choice: object, ends: boolean): object | undefined {
  const { message, delta, text }: Record<string, unknown> = { ...choice };
  if (isObject(message)) return message;
  if (ends && isObject(delta)) return delta;
  return typeof text === "string" ? { content: text } : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
