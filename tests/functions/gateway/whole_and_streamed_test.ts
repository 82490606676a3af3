import { deepEqual } from "node:assert/strict";
import fc from "fast-check";
import { eventsOf, HELLO } from "../support/chat_fixture.ts";
import { blocksOf, HI, messageEvents, postMessages } from "../support/messages_fixture.ts";
import { type ResponsesFixture, startResponses } from "../support/responses_fixture.ts";
import { chunk, completion, data, stream, usageChunk } from "../support/upstream_server.ts";

/*
 * What a model says is the same for a client whether it comes whole or in pieces, however the vendor
 * cuts them: in each format that clients speak.
 */

// deno-lint-ignore no-explicit-any -- an answer of any format.
type Json = any;

const piece = fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 });
const pieces = fc.array(piece, { maxLength: 4 });
const call = fc.record({
  name: fc.constantFrom("f", "g"),
  args: fc.dictionary(fc.constantFrom("a", "b"), fc.oneof(fc.integer(), piece)),
  cut: fc.nat(12),
});

/** An answer: its reasoning, text and calls, each in pieces. */
const answer = fc.record({
  thought: pieces,
  /**
   * Tags around reasoning within the text, which may be split anywhere; absent if it has a field of
   * its own.
   */
  tag: fc.option(fc.constantFrom(["<think>", "</think>"], ["[THINK]", "[/THINK]"]), {
    nil: undefined,
  }),
  cuts: fc.array(fc.nat(60), { maxLength: 5 }),
  said: pieces,
  calls: fc.array(call, { maxLength: 2 }),
  finish: fc.constantFrom("stop", "length"),
}).filter(({ said, calls }) => said.length + calls.length > 0);
type Answered = typeof answer extends fc.Arbitrary<infer Value> ? Value : never;

function callsOf({ calls }: Answered) {
  return calls.map(({ name, args }, index) => ({
    id: `call_${index}`,
    type: "function",
    function: { name, arguments: JSON.stringify(args) },
  }));
}

/** The text, with the reasoning if it is in tags, in pieces. */
function textOf({ thought, tag, said, cuts }: Answered): string[] {
  if (!tag) return said;
  const text = [tag[0], ...thought, tag[1], ...said].join("");
  const ends = [...cuts, text.length].toSorted((a, b) => a - b);
  return ends.map((end, at) => text.slice(ends[at - 1] ?? 0, end)).filter((part) => part !== "");
}

const finishOf = ({ calls, finish }: Answered) => calls.length > 0 ? "tool_calls" : finish;

function whole(made: Answered): Response {
  const { thought, tag, calls } = made;
  const said = textOf(made);
  const message = {
    role: "assistant",
    content: said.length > 0 ? said.join("") : null,
    ...!tag && thought.length > 0 && { reasoning_content: thought.join("") },
    ...calls.length > 0 && { tool_calls: callsOf(made) },
  };
  return completion("", { choices: [{ index: 0, message, finish_reason: finishOf(made) }] });
}

function inPieces(made: Answered): Response {
  const calls = callsOf(made).flatMap(({ function: { name, arguments: text }, ...rest }, index) => {
    const { cut } = made.calls[index]!;
    return [
      { index, ...rest, function: { name, arguments: text.slice(0, cut) } },
      { index, function: { arguments: text.slice(cut) } },
    ];
  });
  return stream(
    chunk({ role: "assistant", content: "" }),
    ...made.tag ? [] : made.thought.map((reasoning_content) => chunk({ reasoning_content })),
    ...textOf(made).map((content) => chunk({ content })),
    ...calls.map((call) => chunk({ tool_calls: [call] })),
    chunk({}, { finish_reason: finishOf(made) }),
    usageChunk(11, 7),
    data("[DONE]"),
  );
}

const FORMATS: Record<string, (fixture: ResponsesFixture, stream: boolean) => Promise<Json>> = {
  async "/chat/completions"({ chat }, stream) {
    const options = { stream, ...stream && { stream_options: { include_usage: true } } };
    const response = await chat.post({ ...HELLO, ...options });
    if (stream) return merged(await eventsOf(response));
    const { choices: [{ message, finish_reason }], usage } = await response.json();
    return { ...readMessage(message), finish_reason, usage };
  },
  async "/responses"({ openai: { responses } }, isStreamed) {
    const asked = { model: HELLO.model, input: "hello" };
    let response: Json;
    if (isStreamed) {
      for await (const event of await responses.create({ ...asked, stream: true })) {
        if ("response" in event) response = event.response;
      }
    } else response = await responses.create(asked);
    const { output, status, usage, incomplete_details } = response;
    const items = output.map(({ id: _id, encrypted_content: _carried, ...item }: Json) => item);
    return { items, status, usage, incomplete_details };
  },
  async "/messages"({ chat }, stream) {
    const thinking = { type: "enabled", budget_tokens: 1024 };
    const response = await postMessages(chat, { ...HI, max_tokens: 2000, thinking, stream });
    if (!stream) {
      const { content, stop_reason, usage } = await response.json();
      return { content, stop_reason, usage };
    }
    const events = await messageEvents(response);
    const { delta, usage } = events.at(-2)!;
    return { content: blocksOf(events), stop_reason: delta.stop_reason, usage };
  },
};

function readMessage({ content, reasoning_content = null, tool_calls = [] }: Json) {
  const calls = tool_calls.map((
    { id, type, function: { name, arguments: text } }: Json,
  ) => [id, type, name, text]);
  return { content, reasoning_content, calls };
}

/** The chunks of an answer, merged as clients merge them. */
function merged(events: Json[]): Json {
  const message: Json = { content: null, tool_calls: [] };
  let [finish, usage]: Json[] = [null, null];
  for (const { choices, usage: measured } of events.filter((event) => event !== "[DONE]")) {
    usage ??= measured;
    const { delta = {}, finish_reason } = choices[0] ?? {};
    finish ??= finish_reason;
    for (const field of ["content", "reasoning_content"]) {
      if (delta[field]) message[field] = (message[field] ?? "") + delta[field];
    }
    for (const { index, function: { name, arguments: text }, ...rest } of delta.tool_calls ?? []) {
      const call = message.tool_calls[index] ??= { ...rest, function: { name, arguments: "" } };
      call.function.arguments += text ?? "";
    }
  }
  return { ...readMessage(message), finish_reason: finish, usage };
}

Deno.test("an answer is the same whole and streamed, in each format", async (test) => {
  for (const [path, ask] of Object.entries(FORMATS)) await test.step(path, () => compare(ask));
});

async function compare(ask: (typeof FORMATS)[string]): Promise<void> {
  let made: Answered;
  await using fixture = startResponses(({ body }) => body.stream ? inPieces(made) : whole(made));
  await fc.assert(
    fc.asyncProperty(answer, async (given) => {
      made = given;
      deepEqual(await ask(fixture, true), await ask(fixture, false));
    }),
    { numRuns: 100 },
  );
}
