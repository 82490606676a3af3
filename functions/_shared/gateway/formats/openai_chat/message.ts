import { unknownShape } from "../../call/upstream_error.ts";
import { readContent } from "../../quirks/content_parts.ts";
import { withKnownReasoning } from "../../quirks/reasoning_fields.ts";
import { readCalls, type VendorCall } from "../../quirks/tool_call_shapes.ts";

/** An upstream's message, or a piece of one, in OpenAI's fields. */
export interface VendorMessage {
  /** Its fields other than tool calls; `content` and `refusal` are text, null or absent. */
  fields: {
    [field: string]: unknown;
    content?: string | null;
    refusal?: string | null;
  };
  calls: VendorCall[];
}

/**
 * Reads a message, or a piece of one. A function call in OpenAI's earlier form becomes a tool call.
 *
 * @param hasThought Whether earlier pieces of it had reasoning.
 * @throws {ApiError} 502 for content in an unknown form.
 */
export function readMessage(message: object, hasThought = false): VendorMessage {
  const { content, refusal, tool_calls, usage: _usage, ...others }: Record<string, unknown> = {
    ...message,
  };
  const { rest, calls } = withoutFunctionCall(withKnownReasoning(others, hasThought));
  const read = readContent(content);
  if (read === null) throw unknownShape("message: its content is of no known type");
  const refused = (typeof refusal === "string" ? refusal : "") + read.refusal;
  const thought = typeof rest.reasoning_content === "string" ? rest.reasoning_content : "";
  const images = Array.isArray(rest.images) ? rest.images : [];
  return {
    fields: {
      ...rest,
      ...content !== undefined && { content: read.text },
      ...(refused || refusal === null) && { refusal: refused || null },
      ...read.thoughts && { reasoning_content: thought + read.thoughts },
      ...read.images.length > 0 && { images: [...images, ...read.images] },
    },
    calls: [...readCalls(tool_calls), ...calls],
  };
}

function withoutFunctionCall({ function_call: called, ...rest }: Record<string, unknown>) {
  const isCalled = typeof called === "object" && called !== null;
  const calls = isCalled ? readCalls([{ index: 0, type: "function", function: called }]) : [];
  return { rest, calls };
}
