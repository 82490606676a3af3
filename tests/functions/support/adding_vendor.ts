import { chunk, completion, data, type Received, stream, usageChunk } from "./upstream_server.ts";

/** What the vendor calls the tool `add` with. */
export const SUMMANDS = { a: 2, b: 3 };

/** The question to which the vendor begins an answer, and never ends it. */
export const ENDLESS = "Count to infinity.";

const call = {
  id: "call_1",
  type: "function",
  function: { name: "add", arguments: JSON.stringify(SUMMANDS) },
};

/**
 * A vendor's model that thinks, calls a tool where it is given one, says its result when it has it, gives
 * an object where it is asked for one, and says "Hello." else.
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
