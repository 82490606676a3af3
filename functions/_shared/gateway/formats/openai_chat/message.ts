import { unknownShape } from "../../call/upstream_error.ts";
import { readContent } from "../../quirks/content_parts.ts";
import { withKnownReasoning } from "../../quirks/reasoning_fields.ts";
import { readCalls, type VendorCall } from "../../quirks/tool_call_shapes.ts";

/** A message of an upstream's, or a piece of one, in OpenAI's places. */
export interface VendorMessage {
  /** What it has beside its calls of tools; `content` and `refusal` are text or null, or absent. */
  fields: {
    [field: string]: unknown;
    content?: string | null;
    refusal?: string | null;
  };
  calls: VendorCall[];
}

/**
 * Reads a message, whole or a piece of one. The call of a function in OpenAI's earlier form is one of a
 * tool.
 *
 * @param hasThought Whether earlier pieces of it told what the model thinks.
 * @throws {ApiError} 502 where it says something in a form that is not known.
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
