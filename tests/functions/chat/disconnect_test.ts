import { deepEqual, equal, ok } from "node:assert/strict";
import { handleChat } from "../../../functions/chat/handler.ts";
import { type ChatFixture, firstBytes, HELLO, startChat } from "../support/chat_fixture.ts";
import { chunk, data, stream, usageChunk } from "../support/upstream_server.ts";

const ASK = { ...HELLO, stream: true };
const END = data("[DONE]");

/** The chat function on a port of its own, as clients reach it. */
function serve(chat: ChatFixture) {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => handleChat(request, chat.deps),
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}/chat/completions`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** An endless answer. */
function endless(): Response {
  const tick = () => new Promise<void>((resolve) => setTimeout(resolve, 5));
  const parts = Array.from({ length: 2000 }, () => [tick, chunk({ content: "word " })]).flat();
  return stream(...parts);
}

async function ask(url: string, signal?: AbortSignal) {
  const response = await fetch(url, { method: "POST", body: JSON.stringify(ASK), signal });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  const first = await reader.read();
  return { reader, first: first.value ?? "" };
}

Deno.test("a client that disconnects ends the upstream call; its turn is partial, its usage an estimate", async () => {
  await using chat = startChat(endless);
  await using server = serve(chat);
  const client = new AbortController();
  const { reader, first } = await ask(server.url, client.signal);
  ok(first.includes("word"));
  client.abort();
  await reader.closed.catch(() => {});

  await chat.upstream.dropped;
  const outcome = await chat.database.settled();
  deepEqual([outcome.state, outcome.error?.code, outcome.usage?.estimated, outcome.finish_reason], [
    "partial",
    "client_disconnected",
    true,
    null,
  ]);
  ok(outcome.content?.startsWith("word"));
  equal(outcome.usage?.output_tokens, Math.ceil(outcome.content!.length / 4));
  deepEqual(outcome.attempts.map(({ status, error_code }) => [status, error_code]), [[
    "succeeded",
    null,
  ]]);
  equal(chat.database.turns[0]?.outcomes.length, 1);
});

Deno.test("a client that disconnects before the first chunk ends the upstream call", async () => {
  const pause = Promise.withResolvers<void>();
  await using chat = startChat(() => stream(": PROCESSING\n\n", () => pause.promise), {
    limits: { commitAfterMs: 10, keepaliveMs: 10 },
  });
  await using server = serve(chat);
  const client = new AbortController();
  const { promise: came } = firstBytes(chat.deps);
  const { reader } = await ask(server.url, client.signal);
  await came;
  client.abort();
  await reader.closed.catch(() => {});
  const outcome = await chat.database.settled();
  deepEqual([outcome.state, outcome.error?.code, outcome.content], [
    "failed",
    "client_disconnected",
    null,
  ]);
  ok(
    outcome.usage!.estimated && outcome.usage!.input_tokens > 0 &&
      outcome.usage!.output_tokens === 0,
  );
  pause.resolve();
});

Deno.test("a client that disconnects at the last word has its turn counted in full", async () => {
  const pause = Promise.withResolvers<void>();
  await using chat = startChat(() =>
    stream(
      chunk({ content: "all" }, { finish_reason: "stop" }),
      () => pause.promise,
      usageChunk(8, 1),
      END,
    )
  );
  await using server = serve(chat);
  const client = new AbortController();
  const { reader } = await ask(server.url, client.signal);
  client.abort();
  await reader.closed.catch(() => {});
  pause.resolve();
  const outcome = await chat.database.settled();
  deepEqual([outcome.state, outcome.usage?.estimated, outcome.usage?.input_tokens], [
    "succeeded",
    false,
    8,
  ]);
});

Deno.test("a client that reads to the end does not count as disconnected", async () => {
  await using chat = startChat(() =>
    stream(chunk({ content: "all" }, { finish_reason: "stop" }), usageChunk(8, 1), END)
  );
  await using server = serve(chat);
  const response = await fetch(server.url, { method: "POST", body: JSON.stringify(ASK) });
  ok((await response.text()).endsWith("data: [DONE]\n\n"));
  equal((await chat.database.settled()).state, "succeeded");
});

Deno.test("a client that reads slowly slows the upstream, and loses nothing", async () => {
  // 30 MB: more than the sockets on the way can hold.
  const filler = "x".repeat(100_000);
  const parts = Array.from({ length: 300 }, (_, index) => chunk({ content: `${index} ${filler}` }));
  let sent = 0;
  const counted = parts.flatMap((part) => [() => Promise.resolve(void sent++), part]);
  await using chat = startChat(
    () => stream(...counted, chunk({}, { finish_reason: "stop" }), END),
    {
      limits: { queueBytes: 8 * 1024 },
    },
  );
  const response = await chat.post(ASK);
  const reader = response.body!.getReader();
  await reader.read();
  let before = -1;
  while (before !== sent) {
    before = sent;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  ok(sent < parts.length, `${sent} of ${parts.length} chunks were taken from the upstream`);
  let chunks = 1;
  for (let read = await reader.read(); !read.done; read = await reader.read()) chunks++;
  equal(chunks, parts.length + 2);
  equal((await chat.database.settled()).state, "succeeded");
});

Deno.test("a client that stops reading counts as disconnected", async () => {
  await using chat = startChat(endless, { limits: { queueBytes: 100, clientStallMs: 30 } });
  const response = await chat.post(ASK);
  const outcome = await chat.database.settled();
  deepEqual([outcome.state, outcome.error?.code], ["partial", "client_disconnected"]);
  await chat.upstream.dropped;
  await response.body?.cancel().catch(() => {});
});

Deno.test("a client that does not read does not delay a shutdown", async () => {
  await using chat = startChat(endless, { limits: { queueBytes: 100 } });
  const response = await chat.post(ASK);
  chat.shutdown.abort();
  const outcome = await chat.database.settled();
  deepEqual([outcome.state, outcome.error?.code], ["partial", "shutting_down"]);
  await response.body?.cancel();
});

Deno.test("a client that disconnects before the answer begins has its turn settled", async () => {
  const called = Promise.withResolvers<void>();
  const pause = Promise.withResolvers<void>();
  await using chat = startChat(async () => {
    called.resolve();
    await pause.promise;
    return endless();
  });
  await using server = serve(chat);
  const client = new AbortController();
  const asking = ask(server.url, client.signal).catch((error) => error);
  await called.promise;
  client.abort();
  await asking;
  pause.resolve();
  const outcome = await chat.database.settled();
  equal(outcome.error?.code, "client_disconnected");
  await chat.upstream.dropped;
});
