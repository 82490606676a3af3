import { chunk, completion, data, type Received, stream, usageChunk } from "./upstream_server.ts";

/** The arguments with which the vendor calls the tool `add`. */
export const SUMMANDS = { a: 2, b: 3 };

/** The question that the vendor answers without end. */
export const ENDLESS = "Count to infinity.";

const call = {
  id: "call_1",
  type: "function",
  function: { name: "add", arguments: JSON.stringify(SUMMANDS) },
};

/**
 * A model that reasons, calls a tool if the request has one, states its result once it has it,
 * returns an object if the request asks for one, and otherwise says "Hello."
 */
export function thinkAndAdd({ body }: Received): Response {
  const last = body.messages.at(-1);
  const delta = last.role === "tool"
    ? { content: `It is ${textOf(last.content)}.` }
    : body.response_format
    ? { content: '{"sum":5}' }
    : body.tools
    ? { tool_calls: [{ index: 0, ...call }] }
    : { content: "Hello." };
  const finish_reason = "tool_calls" in delta ? "tool_calls" : "stop";
  if (!body.stream) {
    const message = { role: "assistant", content: null, reasoning_content: "Hm.", ...delta };
    return completion("", { choices: [{ index: 0, message, finish_reason }] });
  }
  const isEndless = textOf(last.content) === ENDLESS;
  return stream(
    chunk({ role: "assistant", content: "" }),
    chunk({ reasoning_content: "Hm." }),
    chunk(isEndless ? { content: "One, two" } : delta),
    ...isEndless ? [() => new Promise<void>(() => {})] : [],
    chunk({}, { finish_reason }),
    usageChunk(11, 7),
    data("[DONE]"),
  );
}

function textOf(content: string | { text?: string }[]): string {
  return typeof content === "string" ? content : content.map(({ text }) => text ?? "").join("");
}
