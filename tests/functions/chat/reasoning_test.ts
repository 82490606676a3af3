import { deepEqual, equal } from "node:assert/strict";
import { eventsOf, HELLO, startChat } from "../support/chat_fixture.ts";
import { chunk, completion, data, stream } from "../support/upstream_server.ts";

const ASK = { ...HELLO, stream: true };
const THOUGHT = "hm, ".repeat(100);

/** 40,000 characters of reasoning, in the field of that name. */
const thinking = (field: string) =>
  Array.from({ length: 100 }, () => chunk({ [field]: THOUGHT, content: "" }));

for (const field of ["reasoning", "reasoning_content"]) {
  Deno.test(`an answer cut while the model thought costs what it thought ("${field}")`, async () => {
    await using chat = startChat(() => stream(...thinking(field)));
    const events = await eventsOf(await chat.post(ASK));
    equal(JSON.stringify(events.at(-1)).includes("upstream_interrupted"), true);
    const { content, state, usage, first_token_ms } = await chat.database.settled();
    deepEqual([content, state, typeof first_token_ms], [null, "failed", "number"]);
    deepEqual([usage?.output_tokens, usage?.reasoning_tokens, usage?.estimated], [
      10_000,
      10_000,
      true,
    ]);
  });
}

Deno.test("a client that disconnects while the model thinks pays for the reasoning", async () => {
  const pause = Promise.withResolvers<void>();
  await using chat = startChat(() => stream(...thinking("reasoning"), () => pause.promise));
  const reader = (await chat.post(ASK)).body!.pipeThrough(new TextDecoderStream()).getReader();
  let read = "";
  while (read.split("\n\n").length <= 100) read += (await reader.read()).value;
  await reader.cancel();
  const { error, usage } = await chat.database.settled();
  deepEqual([error?.code, usage?.output_tokens], ["client_disconnected", 10_000]);
  pause.resolve();
});

Deno.test("reasoning that comes in two fields at once is counted once", async () => {
  const both = { reasoning: THOUGHT, reasoning_content: THOUGHT };
  await using chat = startChat(() => stream(chunk(both), chunk({ content: "12345678" })));
  await eventsOf(await chat.post(ASK));
  const { content, usage } = await chat.database.settled();
  deepEqual([content, usage?.output_tokens, usage?.reasoning_tokens], ["12345678", 102, 100]);
});

Deno.test("reasoning alone is not an answer", async () => {
  await using chat = startChat(() => stream(...thinking("reasoning"), data("[DONE]")));
  const events = await eventsOf(await chat.post(ASK));
  equal(JSON.stringify(events.at(-1)).includes("upstream_interrupted"), true);
});

Deno.test("the estimate of a whole answer's usage counts its reasoning", async () => {
  const message = { role: "assistant", content: "12345678", reasoning_content: THOUGHT };
  await using chat = startChat(() =>
    completion("", {
      choices: [{ index: 0, message, finish_reason: "stop" }],
      usage: undefined,
    })
  );
  await (await chat.post(HELLO)).body?.cancel();
  const { content, usage } = await chat.database.settled();
  deepEqual([content, usage?.output_tokens, usage?.reasoning_tokens], ["12345678", 102, 100]);
});
