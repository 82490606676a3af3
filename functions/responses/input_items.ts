import { itemsOf } from "../_shared/gateway/formats/openai_responses/conversation.ts";
import { idOf, namedItem } from "../_shared/gateway/formats/openai_responses/ids.ts";
import { bodySchema } from "../_shared/gateway/formats/openai_responses/schema.ts";
import { toolNames } from "../_shared/gateway/formats/openai_responses/tools.ts";
import { invalidField } from "../_shared/http/parse_body.ts";
import type { ListedMessage, Paging } from "./db.ts";
import type { ItemPaging } from "./query.ts";

/**
 * Lists a page of the input items of a response.
 *
 * @param find Returns messages as `list_response_input()` does.
 * @throws {ApiError} 400 for an `after` that is not the id of an item.
 */
export async function listInputItems(
  { order, limit, after }: ItemPaging,
  find: (paging: Paging) => Promise<{ asked: object; messages: readonly ListedMessage[] }>,
) {
  const named = after === undefined ? null : namedItem(after);
  if (after !== undefined && !named) {
    throw invalidField("after", "invalid_value", "it is the id of no item");
  }
  const { asked, messages } = await find({ order, limit, after: named?.uuid ?? null });
  const names = toolNames(bodySchema.parse(asked).tools);
  const items = messages.flatMap(({ id, message }) => {
    const made = itemsOf(message, (prefix, at) => idOf(prefix, id, at), names);
    return order === "asc" ? made : made.toReversed();
  });
  const start = after === undefined ? 0 : items.findIndex(({ id }) => id === after) + 1;
  const data = items.slice(start, start + limit);
  return {
    object: "list",
    data,
    has_more: items.length > start + limit,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
  };
}
