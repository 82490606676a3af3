import { ApiError } from "../../../core/errors.ts";
import { pickFields } from "../../prepare/billable_fields.ts";
import type { Route, Turn } from "../../turn_database.ts";
import { MESSAGE_FIELDS, PARTS } from "./allowed_fields.ts";

type Messages = Turn["messages"];

/** What stands in a conversation for a part of it that a credential does not buy. */
const LEFT_OUT = { type: "text", text: "[A file that is not available here.]" };

/**
 * The messages that a route is sent. With a credential that is not the caller's own they have text and
 * images, whose tokens are bounded. Files, audio and whatever else a part may be are refused in what the
 * caller sends now, and left out of what was said before.
 *
 * @param count How many messages, the last ones, are new.
 * @throws {ApiError} 400 `content_not_supported`.
 */
export function billableMessages(
  { credential }: Pick<Route, "credential">,
  messages: Messages,
  count: number,
): Messages {
  if (credential === "own") return messages;
  return messages.map((message, place) => {
    const isNew = place >= messages.length - count;
    const { content } = message;
    return {
      role: message.role,
      ...pickFields(message, MESSAGE_FIELDS),
      ...Array.isArray(content) && { content: content.map((part) => partFor(part, isNew)) },
    };
  });
}

function partFor(part: unknown, isNew: boolean): unknown {
  const type = typeof part === "object" && part !== null ? Reflect.get(part, "type") : undefined;
  const allowed = Object.hasOwn(PARTS, String(type)) ? PARTS[String(type)] : undefined;
  if (typeof part === "object" && part !== null && allowed && isPlainImage(part)) {
    return pickFields(part, allowed);
  }
  if (!isNew) return LEFT_OUT;
  throw new ApiError(
    "content_not_supported",
    `Cannot send a part of type "${
      String(type).slice(0, 50)
    }" with a credential that is not your own: what it costs is not known in advance. Send text and images (data:image/… or https://…), or use a key of your own.`,
    { param: "messages" },
  );
}

/** Other addresses lead into the vendor's account, or to files that are no image. */
function isPlainImage(part: object): boolean {
  if (Reflect.get(part, "type") !== "image_url") return true;
  const image: unknown = Reflect.get(part, "image_url");
  const url = typeof image === "object" && image !== null ? Reflect.get(image, "url") : image;
  return typeof url === "string" && /^(data:image\/|https?:\/\/)/i.test(url);
}
