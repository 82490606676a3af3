import { ApiError } from "../../../core/errors.ts";
import { pickFields } from "../../prepare/billable_fields.ts";
import type { Route, Turn } from "../../turn_database.ts";
import { ANTHROPIC_PARTS, MESSAGE_FIELDS, PARTS } from "./allowed_fields.ts";

type Messages = Turn["messages"];

/** The placeholder for a part of a conversation that a credential does not cover. */
const LEFT_OUT = { type: "text", text: "[A file that is not available here.]" };

/**
 * The messages that a route is sent. With a credential that is not the caller's own they consist of
 * text, images and PDFs, whose cost is their tokens. All other parts, such as audio and files at
 * the vendor, are refused in new messages and left out of earlier ones.
 *
 * @param count How many messages, at the end, are new.
 * @throws {ApiError} 400 `content_not_supported`.
 */
export function billableMessages(
  { credential, api_format }: Pick<Route, "credential" | "api_format">,
  messages: Messages,
  count: number,
): Messages {
  if (credential === "own") return messages;
  const parts = api_format === "anthropic" ? ANTHROPIC_PARTS : PARTS;
  return messages.map((message, place) => {
    const isNew = place >= messages.length - count;
    const { content } = message;
    return {
      role: message.role,
      ...pickFields(message, MESSAGE_FIELDS),
      ...Array.isArray(content) && { content: content.map((part) => partFor(part, parts, isNew)) },
    };
  });
}

function partFor(part: unknown, parts: typeof PARTS, isNew: boolean): unknown {
  const type = typeof part === "object" && part !== null ? Reflect.get(part, "type") : undefined;
  const allowed = Object.hasOwn(parts, String(type)) ? parts[String(type)] : undefined;
  if (typeof part === "object" && part !== null && allowed && isBounded(part)) {
    return pickFields(part, allowed);
  }
  if (!isNew) return LEFT_OUT;
  throw new ApiError(
    "content_not_supported",
    `Cannot send a part of type "${
      String(type === "anthropic" ? Reflect.get(Object(part), "block")?.type : type).slice(0, 50)
    }" with a credential that is not your own: what it costs is not known in advance. Send text, images (data:image/… or https://…) and PDFs (data:application/pdf;base64,…), or use a key of your own.`,
    { param: "messages" },
  );
}

/** Other addresses refer to the vendor's account, or to files of another kind. */
function isBounded(part: object): boolean {
  const type: unknown = Reflect.get(part, "type");
  if (type === "anthropic") return Reflect.get(part, "block")?.type === "search_result";
  if (type === "file") {
    const data: unknown = Reflect.get(part, "file")?.file_data;
    return typeof data === "string" && /^data:application\/pdf;base64,/i.test(data.slice(0, 50));
  }
  if (type !== "image_url") return true;
  const image: unknown = Reflect.get(part, "image_url");
  const url = typeof image === "object" && image !== null ? Reflect.get(image, "url") : image;
  return typeof url === "string" && /^(data:image\/|https?:\/\/)/i.test(url);
}
