import { z } from "zod";
import { parseLenient } from "../../quirks/loose_json.ts";
import { eventsIn, isStream } from "../../quirks/unasked_streams.ts";
import { sseText } from "../../respond/stream/sse_writer.ts";
import { assistantMessage, rankOf } from "./assistant.ts";
import { isObject, isPiece, type Piece } from "./blocks.ts";
import { chatUsage, endOf, errorIn } from "./vendor_fields.ts";
import { createChunkEvents } from "./vendor_stream.ts";

const messageSchema = z.looseObject({
  id: z.string().nullish(),
  model: z.string().nullish(),
  content: z.array(z.unknown()).transform((blocks) => blocks.filter(isPiece)),
  stop_reason: z.string().nullish(),
  stop_sequence: z.string().nullish(),
  stop_details: z.unknown().optional(),
  usage: z.unknown().optional(),
});

/**
 * Converts a message from Anthropic's API to a chat completion. A text that is not a message is
 * returned unchanged; the reader of completions reports the error.
 */
export function completionText(text: string): string {
  let json: unknown;
  try {
    json = parseLenient(text);
  } catch {
    return isStream(text) ? streamText(text) : text;
  }
  const parsed = messageSchema.safeParse(json);
  if (!parsed.success) return isObject(json) && json.error ? errorText(json) : text;
  const { id, model, content, usage } = parsed.data;
  const message = assistantMessage(content);
  const parts = Array.isArray(message.content) ? message.content : [];
  return JSON.stringify({
    id,
    model,
    choices: [{
      index: 0,
      message: {
        ...message,
        content: parts.some(isText) ? parts.filter(isText).map(({ text }) => text).join("") : null,
        ...thoughtOf(content),
        ...content.some(isUnusual) && { anthropic: { content } },
      },
      ...endOf(parsed.data),
    }],
    usage: chatUsage(usage),
  });
}

/** Converts a stream that was not asked for to chunks, which are joined elsewhere. */
function streamText(text: string): string {
  return sseText(eventsIn(text).flatMap(createChunkEvents()));
}

function errorText(json: Record<string, unknown>): string {
  return JSON.stringify({ ...json, error: errorIn(json) });
}

const isText = ({ type }: Piece) => type === "text";

/** Whether a completion has no field for a block, or would lose its position. */
function isUnusual(block: Piece, at: number, blocks: Piece[]): boolean {
  const before = blocks[at - 1];
  const isKnown = ["thinking", "redacted_thinking", "text", "tool_use"].includes(block.type);
  const isSecondText = block.type === "text" && before?.type === "text";
  return !isKnown || isSecondText || Boolean(block.citations) ||
    (before !== undefined && rankOf(block) < rankOf(before));
}

function thoughtOf(content: readonly Piece[]): object {
  const text = content.map(({ type, thinking }) => type === "thinking" ? thinking : "").join("");
  return text === "" ? {} : { reasoning_content: text };
}
