import { mergeMeasured } from "../../quirks/usage_shapes.ts";
import type { Chunk } from "./chunk.ts";

/** Fields with a whole value rather than a piece of it: they are not concatenated. */
const NAMES = new Set(["id", "type", "name", "role", "format"]);

/**
 * Makes one chunk of two that follow each other; clients that accumulate deltas get the same
 * result. Lists of the first are extended in place, as there may be many chunks.
 */
export function mergeChunks(first: Chunk, second: Chunk): Chunk {
  const before = { ...first.delta };
  if (second.wereThoughts) delete before.reasoning_content;
  return {
    delta: joinObjects(before, second.delta ?? {}),
    wereThoughts: first.wereThoughts || second.wereThoughts,
    finishReason: second.finishReason ?? first.finishReason,
    id: first.id ?? second.id,
    model: first.model ?? second.model,
    usage: mergeMeasured(first.usage, second.usage),
    error: second.error ?? first.error,
    choiceExtras: joinObjects(first.choiceExtras, second.choiceExtras),
    extras: { ...first.extras, ...second.extras },
  };
}

function joinObjects(first: object, second: object): Record<string, unknown> {
  const joined: Record<string, unknown> = { ...first };
  for (const [name, value] of Object.entries(second)) {
    joined[name] = NAMES.has(name) ? joined[name] || value : join(joined[name], value);
  }
  return joined;
}

function join(first: unknown, second: unknown): unknown {
  if (first === null || first === undefined) return second;
  if (second === null || second === undefined) return first;
  if (typeof first === "string" && typeof second === "string") return first + second;
  if (Array.isArray(first) && Array.isArray(second)) return joinLists(first, second);
  if (isObject(first) && isObject(second)) return joinObjects(first, second);
  return second;
}

/** Elements with the same index are pieces of one element; those without an index are appended. */
function joinLists(list: unknown[], more: unknown[]): unknown[] {
  for (const element of more) {
    const index = indexOf(element);
    const at = index === undefined ? -1 : list.findIndex((other) => indexOf(other) === index);
    if (at < 0) list.push(element);
    else list[at] = join(list[at], element);
  }
  return list;
}

function indexOf(element: unknown): unknown {
  return isObject(element) ? Reflect.get(element, "index") : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
