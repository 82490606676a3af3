import { deepEqual } from "node:assert/strict";
import fc from "fast-check";
import {
  chatMessages,
  itemsOf,
} from "../../../functions/_shared/gateway/formats/openai_responses/conversation.ts";
import { carry } from "../../../functions/_shared/gateway/formats/openai_responses/encrypted_content.ts";
import { parseResponsesBody } from "../../../functions/_shared/gateway/formats/openai_responses/schema.ts";
import { toolNames } from "../../../functions/_shared/gateway/formats/openai_responses/tools.ts";

const TOOLS = [
  { type: "function", name: "f" },
  { type: "custom", name: "shell" },
  { type: "namespace", name: "git", tools: [{ type: "function", name: "log" }] },
];

const text = fc.string({ minLength: 1, unit: "grapheme" });
const inputText = text.map((text) => ({ type: "input_text", text }));
const image = fc.record({
  type: fc.constant("input_image"),
  image_url: fc.webUrl(),
  detail: fc.constantFrom("auto", "low", "high"),
});
const file = fc.record({
  type: fc.constant("input_file"),
  file_data: fc.base64String().map((data) =>
    `data:application/pdf;base64,${btoa("%PDF-1")}${data}`
  ),
  filename: text,
});

const audio = fc.record({
  type: fc.constant("input_audio"),
  input_audio: fc.record({ data: fc.base64String(), format: fc.constantFrom("mp3", "wav") }),
});

const asked = fc.record({
  type: fc.constant("message"),
  role: fc.constantFrom("user", "system", "developer"),
  status: fc.constant("completed"),
  content: fc.array(fc.oneof(inputText, image, file, audio), { minLength: 1, maxLength: 4 }),
});
const outputText = text.map((text) => ({
  type: "output_text",
  text,
  annotations: [],
  logprobs: [],
}));
const refusal = text.map((refusal) => ({ type: "refusal", refusal }));
const answered = fc.record({
  type: fc.constant("message"),
  role: fc.constant("assistant"),
  status: fc.constant("completed"),
  content: fc.array(fc.oneof(outputText, refusal), { minLength: 1, maxLength: 2 }),
});

/** Reasoning before an answer, as a client sends it that stores nothing on the server. */
const thought = fc.record({
  vendor: fc.constantFrom("deepseek", "google_ai"),
  message: fc.record({ reasoning_content: text }),
  calls: fc.constant({}),
});

/** Calls of every kind, each with its result. */
const calls = fc.array(
  fc.tuple(
    fc.oneof(
      fc.record({ type: fc.constant("function_call"), name: fc.constant("f"), arguments: text }),
      fc.record({
        type: fc.constant("function_call"),
        name: fc.constant("log"),
        namespace: fc.constant("git"),
        arguments: text,
      }),
      fc.record({ type: fc.constant("custom_tool_call"), name: fc.constant("shell"), input: text }),
    ),
    fc.uuid(),
    fc.string(),
  ),
  { minLength: 1, maxLength: 3 },
).map((made) => [
  ...made.map(([call, id]) => ({ ...call, call_id: `call_${id}`, status: "completed" })),
  ...made.map(([{ type }, id, output]) => ({
    type: type === "function_call" ? "function_call_output" : "custom_tool_call_output",
    call_id: `call_${id}`,
    output,
    status: "completed",
  })),
]);

const exchange = fc.tuple(
  asked.map((item) => [item]),
  fc.option(thought.map((carried) => [reasoningItem(carried)]), { nil: [] }),
  fc.option(answered.map((item) => [item]), { nil: [] }),
  fc.option(calls, { nil: [] }),
).map(([asked, thoughts, answer, called]) => [
  ...asked,
  // Reasoning that led to no answer and no call is not sent.
  ...answer.length + called.length > 0 ? thoughts : [],
  ...answer,
  ...called.flat(),
]);
const input = fc.array(exchange, { minLength: 1, maxLength: 5 }).map((made) => made.flat());

function reasoningItem(carried: Parameters<typeof carry>[0]) {
  return { type: "reasoning", summary: [], encrypted_content: carry(carried) };
}

/** The item that carries the continuation of a message. */
function thoughtsIn({ continuation }: Record<string, unknown>): Record<string, unknown>[] {
  if (continuation === undefined) return [];
  const { vendor_id: vendor, message }: Record<string, unknown> = Object(continuation);
  return [reasoningItem({ vendor: String(vendor), message: Object(message), calls: {} })];
}

/** The stored result of a custom tool has no type of its own: its call determines it. */
const plain = (items: object[]) =>
  items.map(({ id: _id, ...item }: { id?: unknown; type?: string }) => ({
    ...item,
    type: item.type?.replace("custom_tool_call_output", "function_call_output"),
  }));

Deno.test("an input translated to chat messages and back to items is the same", () => {
  const names = toolNames(TOOLS);
  fc.assert(fc.property(input, (items) => {
    const body = parseResponsesBody({ input: items });
    const messages = chatMessages(body.input ?? []);
    const again = messages.flatMap((message) => [
      ...thoughtsIn(message),
      ...itemsOf(message, (prefix) => prefix, names),
    ]);
    deepEqual(plain(again), plain(items));
    // The stored conversation is sent again, and has the same meaning.
    const second = parseResponsesBody({ input: again.map(({ id: _id, ...item }) => item) });
    deepEqual(chatMessages(second.input ?? []), messages);
  }));
});
