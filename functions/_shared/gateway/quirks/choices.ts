/*
 * Choices that differ from OpenAI's: no index or null (Gemini, 22 November 2026), and in a stream the
 * whole `message` where a `delta` should be, from vendors that stream nothing and send one event
 * (Perplexity sends both, its API reference, 21 November 2026). The other way round, a `delta` in an
 * answer that came in one piece, and the bare `text` of `/completions`, come from proxies that translate
 * the one into the other.
 */

/** The choice that was asked for; undefined where there is none. A second one is left out. */
export function firstChoice(choices: unknown): object | undefined {
  const list: unknown[] = Array.isArray(choices) ? choices : [];
  return list.filter(isObject).find((choice) => {
    const index: unknown = Reflect.get(choice, "index");
    return typeof index !== "number" || index === 0;
  });
}

/**
 * What a choice of a stream adds to the answer.
 *
 * @param isBegun Whether the answer has begun: then a message repeats what was said.
 * @returns null where it adds nothing; undefined where it is in no known form.
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
 * The message of a choice that came in one piece; undefined where it has none.
 *
 * @param ends Whether the choice says why it ends: else a `delta` is only a part of an answer.
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
