import { deepEqual, equal } from "node:assert/strict";
import { type ChatFixture, HELLO, startChat } from "../support/chat_fixture.ts";
import { route } from "../support/memory_database.ts";
import { chunk, data, startUpstream, stream, usageChunk } from "../support/upstream_server.ts";

const ASK = { ...HELLO, stream: true };

/** A chat whose vendor bills an answer to its end, whether or not it is read. */
function startBilling(answer: () => Response, limits: ChatFixture["deps"]["limits"] | object = {}) {
  const upstream = startUpstream(answer);
  const turn = { routes: [route({ base_url: upstream.baseUrl, cancel_stops_billing: false })] };
  const chat = startChat(answer, { turn, limits });
  return {
    chat,
    upstream,
    async [Symbol.asyncDispose]() {
      await chat[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
    },
  };
}

/** Reads the first chunk of a stream, then leaves. */
async function leaveAfterFirst(chat: ChatFixture): Promise<void> {
  const response = await chat.post(ASK);
  const reader = response.body!.getReader();
  await reader.read();
  await reader.cancel();
}

Deno.test("an abandoned answer that is billed to its end is read to its end", async () => {
  const pause = Promise.withResolvers<void>();
  await using billing = startBilling(() =>
    stream(
      chunk({ content: "first " }),
      () => pause.promise,
      chunk({ content: "and last" }, { finish_reason: "stop" }),
      usageChunk(40, 2),
      data("[DONE]"),
    )
  );
  await leaveAfterFirst(billing.chat);
  pause.resolve();
  const { state, content, usage, error, attempts } = await billing.chat.database.settled();
  deepEqual([state, content, error], ["succeeded", "first and last", null]);
  deepEqual([usage?.input_tokens, usage?.output_tokens, usage?.estimated], [40, 2, false]);
  equal(attempts[0]?.status, "succeeded");
});

/** An endless answer. */
function endless(word: string): Response {
  const tick = () => new Promise<void>((resolve) => setTimeout(resolve, 2));
  return stream(...Array.from({ length: 5000 }, () => [tick, chunk({ content: word })]).flat());
}

for (
  const [what, limits, word] of [
    ["for long", { readOnMs: 50 }, "word "],
    ["for much", { readOnBytes: 20_000 }, "x".repeat(1000)],
  ] as const
) {
  Deno.test(`but not ${what}`, async () => {
    await using billing = startBilling(() => endless(word), limits);
    await leaveAfterFirst(billing.chat);
    const { state, usage, error, attempts } = await billing.chat.database.settled();
    // The vendor charges for the whole answer, which no one reads: the database books its maximum
    // length.
    deepEqual([state, error?.code, usage], ["partial", "client_disconnected", null]);
    equal(attempts[0]?.counts_against_agent, false);
    deepEqual([attempts[0]?.usage, attempts[0]?.usage_is_unknown], [null, true]);
    await billing.upstream.dropped;
  });
}
