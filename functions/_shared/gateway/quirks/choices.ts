/*
 * Choices that differ from OpenAI's: no index or null (Gemini, 22 November 2026), and in a stream the
 * whole `message` where a `delta` should be, from vendors that stream nothing and send one event
 * (Perplexity sends both, its API reference, 21 November 2026).
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
  return isObject(message) && !isBegun ? message : null;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
