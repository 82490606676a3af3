import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import {
  chatMessages,
  conversationOf,
} from "../../../functions/_shared/gateway/formats/anthropic_messages/conversation.ts";
import { parsePromptBody } from "../../../functions/_shared/gateway/formats/anthropic_messages/schema.ts";
import { bodySchema } from "../../../functions/_shared/gateway/formats/openai_chat/schema.ts";

/*
 * Conversations as Anthropic's clients send them are stored as OpenAI's messages. On the way back to
 * Anthropic's API each is equal to what was sent.
 */

const said = fc.string({ minLength: 1, maxLength: 20 });
const base64 = fc.base64String({ minLength: 4, maxLength: 16 });
const mark = fc.option(
  fc.constantFrom({ type: "ephemeral" }, { type: "ephemeral", ttl: "1h" }),
  { nil: undefined },
);
const optional = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });

const text = fc.record({
  type: fc.constant("text"),
  text: said,
  cache_control: mark,
  citations: optional(fc.constant([{ type: "char_location", cited_text: "x" }])),
});
const image = fc.record({
  type: fc.constant("image"),
  source: fc.oneof(
    fc.record({
      type: fc.constant("base64"),
      media_type: fc.constantFrom("image/png", "image/jpeg"),
      data: base64,
    }),
    fc.record({ type: fc.constant("url"), url: fc.webUrl() }),
    fc.record({ type: fc.constant("file"), file_id: said }),
  ),
  cache_control: mark,
});
const document = fc.record({
  type: fc.constant("document"),
  source: fc.oneof(
    fc.record({
      type: fc.constant("base64"),
      media_type: fc.constant("application/pdf"),
      data: base64.map((data) => btoa("%PDF-1") + data),
    }),
    fc.record({ type: fc.constant("text"), media_type: fc.constant("text/plain"), data: said }),
    fc.record({ type: fc.constant("content"), content: said }),
    fc.record({ type: fc.constant("url"), url: fc.webUrl() }),
  ),
  title: optional(said),
  context: optional(said),
  citations: optional(fc.constant({ enabled: true })),
  cache_control: mark,
});
const search = fc.record({
  type: fc.constant("search_result"),
  source: fc.webUrl(),
  title: said,
  content: fc.array(text, { minLength: 1, maxLength: 2 }),
});
const id = fc.stringMatching(/^toolu_[A-Za-z0-9]{4,8}$/);
const use = fc.record({
  type: fc.constant("tool_use"),
  id,
  name: fc.stringMatching(/^[a-z_]{1,12}$/),
  input: fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.jsonValue({ maxDepth: 2 })),
  cache_control: mark,
  caller: optional(fc.constant({ type: "direct" })),
});
const content = fc.oneof(
  said,
  fc.array(fc.oneof(text, image, document, search), { minLength: 1, maxLength: 3 }),
);
const result = fc.record({
  type: fc.constant("tool_result"),
  tool_use_id: id,
  content: optional(content),
  is_error: optional(fc.boolean()),
  cache_control: mark,
});
const thought = fc.oneof(
  fc.record({ type: fc.constant("thinking"), thinking: fc.string(), signature: said }),
  fc.record({ type: fc.constant("redacted_thinking"), data: said }),
);
const hosted = fc.record({
  type: fc.constant("server_tool_use"),
  id: said,
  name: fc.constant("web_search"),
  input: fc.record({ query: said }),
});

const user = fc.record({
  role: fc.constant("user"),
  content: fc.oneof(
    said,
    // Results come first, as Anthropic's API demands.
    fc.tuple(
      fc.array(result, { maxLength: 2 }),
      fc.array(fc.oneof(text, image, document, search), { maxLength: 3 }),
    ).map(([results, blocks]) => [...results, ...blocks]).filter(({ length }) => length > 0),
  ),
});
const assistant = fc.record({
  role: fc.constant("assistant"),
  content: fc.oneof(
    said,
    fc.array(fc.oneof(thought, text, use, hosted), { minLength: 1, maxLength: 5 }),
  ),
});
const prompt = fc.record({
  model: fc.constant("m"),
  system: optional(fc.oneof(said, fc.array(text, { minLength: 1, maxLength: 3 }))),
  // Clients take turns; neighbours of one role are one message to Anthropic's API.
  messages: fc.array(fc.tuple(user, assistant), { minLength: 1, maxLength: 3 })
    .map((exchanges) => exchanges.flat()),
});

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

Deno.test("a conversation stored in OpenAI's form is sent back as it was received", () => {
  fc.assert(
    fc.property(prompt, (given) => {
      const sent = plain(given) as { system?: unknown; messages: unknown[] };
      const stored = plain(chatMessages(parsePromptBody(sent))) as { role: string }[];
      const { messages, system } = conversationOf(stored);
      deepEqual(
        plain({ system, messages }),
        plain({ system: sent.system, messages: sent.messages }),
      );
    }),
    { numRuns: 1000 },
  );
});

Deno.test("a stored conversation is a chat that /chat/completions accepts", () => {
  fc.assert(
    fc.property(prompt, (given) => {
      const messages = chatMessages(parsePromptBody(plain(given) as object));
      const checked = bodySchema.safeParse(plain({ messages }));
      equal(checked.success, true, JSON.stringify(checked.error?.issues));
    }),
    { numRuns: 300 },
  );
});

const chatText = fc.record({ type: fc.constant("text"), text: said });
const chatUser = fc.record({
  role: fc.constant("user"),
  content: fc.oneof(
    said,
    fc.array(
      fc.oneof(
        chatText,
        fc.record({ type: fc.constant("image_url"), image_url: fc.record({ url: fc.webUrl() }) }),
      ),
      { minLength: 1, maxLength: 3 },
    ),
  ),
});
const chatAnswer = fc.record({
  role: fc.constant("assistant"),
  content: fc.oneof(fc.constant(null), fc.array(chatText, { minLength: 1, maxLength: 2 })),
  tool_calls: fc.array(use, { minLength: 1, maxLength: 2 }).map((uses) =>
    uses.map(({ id, name, input }) => ({
      id,
      type: "function",
      function: { name, arguments: JSON.stringify(input) },
    }))
  ),
}).chain((answer) =>
  fc.tuple(
    fc.constant(answer),
    ...answer.tool_calls.map(({ id }) =>
      fc.record({ role: fc.constant("tool"), tool_call_id: fc.constant(id), content: said })
    ),
  )
);
const chat = fc.tuple(
  fc.record({ role: fc.constant("system"), content: said }),
  chatUser,
  fc.array(chatAnswer, { maxLength: 3 }).map((answers) => answers.flat()),
  fc.record({ role: fc.constant("assistant"), content: said }),
).map(([system, user, calls, answer]) => [system, user, ...calls, answer]);

Deno.test("a chat translated for Anthropic's API translates back to the same chat", () => {
  fc.assert(
    fc.property(chat, (given) => {
      const sent = plain(given) as { role: string }[];
      const { system, messages } = conversationOf(sent);
      const read = parsePromptBody(plain({ model: "m", system, messages }) as object);
      deepEqual(plain(chatMessages(read)), sent);
    }),
    { numRuns: 500 },
  );
});

Deno.test("Claude Code's billing header is not an instruction", () => {
  const header = { type: "text" as const, text: "x-anthropic-billing-header: cc_version=2; cch=1" };
  const rest = { type: "text" as const, text: "Be brief." };
  const messages = [{ role: "user" as const, content: "hi" }];
  deepEqual(chatMessages({ system: [header, rest], messages })[0]?.content, [rest]);
  equal(chatMessages({ system: [header], messages })[0]?.role, "user");
});

Deno.test("tool results come first and once, whatever OpenAI's client sends between them", () => {
  const call = (id: string) => ({
    id,
    type: "function",
    function: { name: "f", arguments: "{}" },
  });
  const { messages } = conversationOf([
    { role: "user", content: "Add." },
    { role: "assistant", content: null, tool_calls: [call("a"), call("b")] },
    { role: "user", content: "By the way." },
    { role: "tool", tool_call_id: "b", content: "2" },
    { role: "tool", tool_call_id: "a", content: "0" },
    { role: "tool", tool_call_id: "a", content: "1" },
  ]);
  deepEqual(messages.at(-1), {
    role: "user",
    content: [
      { type: "tool_result", tool_use_id: "b", content: "2" },
      { type: "tool_result", tool_use_id: "a", content: "1" },
      { type: "text", text: "By the way." },
    ],
  });
  equal(messages.length, 3);
});
