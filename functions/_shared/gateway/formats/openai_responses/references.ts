import { invalidField } from "../../../http/parse_body.ts";
import { type ChatMessage, itemsOf } from "./conversation.ts";
import { idOf, type NamedItem, namedItem } from "./ids.ts";
import { isPart } from "./parts.ts";
import { toolNames } from "./tools.ts";
import type { ResponsesTool } from "./schema.ts";

/** Finds the messages with these ids; an answer has the id of its turn. */
export type FindMessages = (
  ids: readonly string[],
) => Promise<readonly { id: string; message: ChatMessage }[]>;

/** A reference in an input: its position, and the object that its id refers to. */
interface Reference {
  at: number;
  id: string;
  named: NamedItem | null;
}

/**
 * Replaces references in the input of a body by the items themselves. References to reasoning are
 * removed: stored reasoning is sent back with its answer.
 *
 * @throws {ApiError} 400 for a reference to an item that is not found.
 */
export async function withReferredItems(json: object, find: FindMessages): Promise<object> {
  const input: unknown = Reflect.get(json, "input");
  if (!Array.isArray(input)) return json;
  const references = input.flatMap((item, at) => referenceIn(item, at));
  if (references.length === 0) return json;
  const wanted = references.filter(({ named }) => named && named.kind !== "reasoning");
  const ids = [...new Set(wanted.map(({ named }) => String(named?.uuid)))];
  const found = ids.length > 0 ? await find(ids) : [];
  const tools: unknown = Reflect.get(json, "tools");
  const names = toolNames(Array.isArray(tools) ? tools.filter(isTool) : []);
  const items = new Map(
    found.flatMap(({ id, message }) => {
      const made = itemsOf(message, (prefix, at) => idOf(prefix, id, at), names);
      return made.map((item) => [keyOf(String(item.id)), item] as const);
    }),
  );
  const resolved = new Map(references.map(({ at, id, named }) => {
    if (named?.kind === "reasoning") return [at, null];
    const item = items.get(keyOf(id));
    if (item) return [at, item];
    throw invalidField(
      `input[${at}]`,
      "invalid_value",
      `the item "${id.slice(0, 100)}" was not found. Send the item itself`,
    );
  }));
  return {
    ...json,
    input: input.map((item, at) => resolved.has(at) ? resolved.get(at) : item)
      .filter((item) => item !== null),
  };
}

function isTool(value: unknown): value is ResponsesTool {
  return isPart(value);
}

/** Normalizes the prefix of a call id: only the request tells whether a tool is custom. */
function keyOf(id: string): string {
  return id.replace(/^(ctc|fc)_/, "call_").replace(/^(ctco|fco)_/, "output_");
}

function referenceIn(item: unknown, at: number): Reference[] {
  if (typeof item !== "object" || item === null || "role" in item) return [];
  const type: unknown = Reflect.get(item, "type");
  const id: unknown = Reflect.get(item, "id");
  if (typeof id !== "string" || (type != null && type !== "item_reference")) return [];
  return [{ at, id, named: namedItem(id) }];
}
