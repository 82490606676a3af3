import { deepEqual, equal, match, ok } from "node:assert/strict";
import { HELLO, startChat } from "../support/chat_fixture.ts";
import { chunk, completion, data, stream } from "../support/upstream_server.ts";

const rule = { role: "system", content: "Be brief." };
const exchanges = Array.from({ length: 8 }, (_, place) => [
  { role: "user", content: `${place} ${"ab12".repeat(250)}` },
  { role: "assistant", content: `answer ${place}` },
]).flat();
const tooLong = () =>
  Response.json(
    { error: { message: "maximum context length is 100", code: "context_length_exceeded" } },
    { status: 400 },
  );

const streamed = () =>
  stream(chunk({ content: "hi" }), chunk({}, { finish_reason: "stop" }), data("[DONE]"));

/** A vendor that accepts up to this many messages. */
const taking = (limit: number) => ({ body }: { body: { messages: unknown[]; stream?: boolean } }) =>
  body.messages.length > limit ? tooLong() : body.stream ? streamed() : completion("hi");
const turn = { messages: [rule, ...exchanges, ...HELLO.messages], new_messages: 1 };

for (const streams of [false, true]) {
  Deno.test(`a conversation that is too long for its vendor is sent without its oldest messages (stream: ${streams})`, async () => {
    await using chat = startChat(taking(6), { turn, limits: { attempts: 3 } });
    const response = await chat.post({ ...HELLO, stream: streams });
    equal(response.status, 200);
    match(await response.text(), /hi/);
    const [first, ...rest] = chat.upstream.received.map(({ body }) => body.messages);
    deepEqual(first?.length, turn.messages.length);
    ok(rest.length > 0 && rest.length <= 2, `${rest.length} more calls`);
    const last = rest.at(-1)!;
    deepEqual(last, [rule, ...exchanges.slice(-(last.length - 2)), ...HELLO.messages]);
    const { state, prompt_limit, attempts } = await chat.database.settled();
    equal(state, "succeeded");
    ok(prompt_limit && prompt_limit < 1300, "it is remembered how much was taken");
    deepEqual(attempts.map((attempt) => [attempt.status, attempt.counts_against_agent]).at(0), [
      "failed",
      false,
    ]);
  });
}

Deno.test("a new message that is too long by itself is refused with the reason", async () => {
  await using chat = startChat(taking(0), { turn, limits: { attempts: 9 } });
  const response = await chat.post(HELLO);
  equal(response.status, 400);
  equal((await response.json()).error.code, "context_length_exceeded");
  equal(chat.upstream.received.at(-1)?.body.messages.length, 2);
  equal((await chat.database.settled()).prompt_limit, undefined);
});

Deno.test("a conversation that fits is not noted", async () => {
  await using chat = startChat(taking(100), { turn });
  equal((await chat.post(HELLO)).status, 200);
  equal((await chat.database.settled()).prompt_limit, undefined);
});
