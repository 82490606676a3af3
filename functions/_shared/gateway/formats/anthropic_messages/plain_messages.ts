import { ApiError } from "../../../core/errors.ts";
import type { Route } from "../../turn_database.ts";
import type { ChatMessage } from "./assistant.ts";
import { isObject, isPiece, objectIn, type Piece, textOfBlock } from "./blocks.ts";

/** The optional message fields that a vendor accepts. */
interface Supported {
  cacheMarks: boolean;
  reasoning: boolean;
}

/**
 * Prepares a conversation for a vendor with OpenAI's API: removes whatever only Anthropic's API
 * supports. Any conversation may contain it in which a client of Anthropic's API took part.
 *
 * @throws {ApiError} 400 `content_not_supported` for content that other vendors do not support.
 */
export function plainMessages(
  messages: readonly ChatMessage[],
  { extra_fields }: Pick<Route, "extra_fields">,
): ChatMessage[] {
  const supported = {
    cacheMarks: extra_fields?.includes("cache_control") === true,
    reasoning: extra_fields?.includes("reasoning") === true,
  };
  const plain: ChatMessage[] = [];
  /** Images in tool results: OpenAI's API accepts images only in user messages. */
  let images: Piece[] = [];
  const flush = () => {
    if (images.length > 0) plain.push({ role: "user", content: images });
    images = [];
  };
  for (const message of messages) {
    if (message.role !== "tool") flush();
    const { content, ...rest } = plainMessage(message, supported);
    if (message.role === "tool" && Array.isArray(content)) {
      const shown = content.filter((part) => isPiece(part) && part.type !== "text");
      images.push(...shown);
      const said = content.filter((part) => !shown.includes(part));
      plain.push({ ...rest, content: said.length > 0 ? said : "See the next message." });
    } else if (content !== null || rest.tool_calls || message.content === null) {
      plain.push({ ...rest, content });
    }
  }
  flush();
  return plain;
}

function plainMessage(
  message: ChatMessage,
  supported: Supported,
): ChatMessage & { content: unknown } {
  const { content, reasoning_details, tool_calls, ...rest } = message;
  const details = Array.isArray(reasoning_details)
    ? reasoning_details.filter((detail) => supported.reasoning || !isSigned(detail))
    : reasoning_details;
  return {
    ...rest,
    ...(Array.isArray(details) ? details.length > 0 : details !== undefined) &&
      { reasoning_details: details },
    ...tool_calls !== undefined && {
      tool_calls: Array.isArray(tool_calls) ? tool_calls.map(plainCall) : tool_calls,
    },
    content: Array.isArray(content) ? plainContent(message, content, supported) : content ?? null,
  };
}

function isSigned(detail: unknown): boolean {
  return isObject(detail) && detail.format === "anthropic-claude-v1";
}

function plainCall(call: unknown): unknown {
  if (!isObject(call) || !("anthropic" in call)) return call;
  const { anthropic: _anthropic, ...rest } = call;
  return rest;
}

/** Content in OpenAI's format, without Anthropic's fields; null if no part remains. */
function plainContent(
  { role }: ChatMessage,
  content: readonly unknown[],
  supported: Supported,
): unknown[] | null {
  const parts = content.map((part) => isPiece(part) ? plainPart(part, role, supported) : part)
    .filter((part) => part !== null);
  return parts.length > 0 ? parts : null;
}

function plainPart(part: Piece, role: string, { cacheMarks }: Supported): Piece | null {
  if (part.type === "anthropic") return textPart(part.block, role);
  const { anthropic, type, ...rest } = part;
  if (anthropic === undefined) return part;
  const { cache_control, result } = isObject(anthropic) ? anthropic : {};
  const isError = isObject(result) && result.is_error === true;
  return {
    type,
    ...rest,
    ...isError && type === "text" && { text: `Error: ${rest.text}` },
    ...cacheMarks && cache_control !== undefined && { cache_control },
  };
}

function textPart(block: unknown, role: string): Piece | null {
  const text = textOfBlock(block);
  if (text !== null) return { type: "text", text };
  if (role === "assistant") return null;
  const type = String(objectIn({ block }, "block").type).slice(0, 50);
  throw new ApiError(
    "content_not_supported",
    `Cannot send a block of type "${type}" to this model's vendor: only the Anthropic API accepts it. Send its content as text, or choose an Anthropic model.`,
    { param: "messages" },
  );
}
