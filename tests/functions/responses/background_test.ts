import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import OpenAI from "openai";
import { followResponse } from "../../../functions/responses/background.ts";
import { responsesDatabase } from "../../../functions/responses/db.ts";
import type { ResponseFrame } from "../../../functions/_shared/gateway/formats/openai_responses/response.ts";
import { startResponses } from "../support/responses_fixture.ts";
import { chunk, completion, data, stream, usageChunk } from "../support/upstream_server.ts";

const ENDING = [chunk({}, { finish_reason: "stop" }), usageChunk(11, 7), data("[DONE]")];

async function until<Value>(
  ask: () => Promise<Value>,
  isDone: (value: Value) => boolean,
): Promise<Value> {
  for (;;) {
    const value = await ask();
    if (isDone(value)) return value;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

Deno.test("a background response continues without its client, which polls it", async () => {
  const held = Promise.withResolvers<void>();
  await using fixture = startResponses(() =>
    stream(chunk({ content: "Hel" }), () => held.promise, chunk({ content: "lo" }), ...ENDING)
  );
  const { responses } = fixture.openai;
  const queued = await responses.create({ model: "gpt-4o", input: "hi", background: true });
  deepEqual([queued.status, queued.background, queued.output], ["queued", true, []]);
  equal((await responses.retrieve(queued.id)).status, "in_progress");
  held.resolve();
  const done = await until(
    () => responses.retrieve(queued.id),
    ({ status }) => status !== "in_progress",
  );
  deepEqual([done.id, done.status, done.output_text, done.usage?.total_tokens], [
    queued.id,
    "completed",
    "Hello",
    18,
  ]);
  deepEqual((await responses.inputItems.list(queued.id)).data.map((item) => item.type), [
    "message",
  ]);
  // The recording of the events ends after the turn.
  await fixture.chat.logged;
});

Deno.test("a client resumes its stream where it left off", async () => {
  const held = Promise.withResolvers<void>();
  await using fixture = startResponses(() =>
    stream(chunk({ content: "Hel" }), () => held.promise, chunk({ content: "lo" }), ...ENDING)
  );
  const { responses } = fixture.openai;
  const events: OpenAI.Responses.ResponseStreamEvent[] = [];
  const first = await responses.create({
    model: "gpt-4o",
    input: "hi",
    background: true,
    stream: true,
  });
  for await (const event of first) {
    events.push(event);
    if (event.type === "response.output_text.delta") break;
  }
  const [created] = events;
  ok(created?.type === "response.created");
  const id = created.response.id;
  held.resolve();
  const after = events.length - 1;
  for await (const event of await responses.retrieve(id, { stream: true, starting_after: after })) {
    events.push(event);
  }
  deepEqual(events.map(({ sequence_number }) => sequence_number), events.map((_, at) => at));
  const last = events.at(-1);
  ok(last?.type === "response.completed");
  const [message] = last.response.output;
  ok(message?.type === "message" && message.content[0]?.type === "output_text");
  equal(message.content[0].text, "Hello");
  await fixture.chat.logged;
});

Deno.test("a running background response can be cancelled, which ends its upstream call", async () => {
  await using fixture = startResponses(() =>
    stream(chunk({ content: "Hel" }), () => fixture.chat.upstream.dropped)
  );
  const { responses } = fixture.openai;
  const { id } = await responses.create({ model: "gpt-4o", input: "hi", background: true });
  equal((await responses.cancel(id)).status, "cancelled");
  await fixture.chat.upstream.dropped;
  equal((await fixture.chat.database.settled()).state, "partial");
  equal((await responses.retrieve(id)).status, "cancelled");
  await fixture.chat.logged;
});

Deno.test("a background response that fails before its first text is failed, with the reason", async () => {
  await using fixture = startResponses(() =>
    Response.json({ error: { message: "no" } }, { status: 500 })
  );
  const { responses } = fixture.openai;
  const { id } = await responses.create({ model: "gpt-4o", input: "hi", background: true });
  const failed = await until(
    () => responses.retrieve(id),
    ({ status }) => status !== "in_progress",
  );
  deepEqual([failed.status, failed.error?.code, failed.output], ["failed", "server_error", []]);
  await fixture.chat.logged;
});

Deno.test("a deleted response is gone, and unknown ones are a 404 in OpenAI's form", async () => {
  await using fixture = startResponses(() => completion("hi"));
  const { responses } = fixture.openai;
  const { id } = await responses.create({ model: "gpt-4o", input: "hi" });
  equal((await responses.retrieve(id)).output_text, "hi");
  await responses.delete(id);
  for (const gone of [id, `resp_${"0".repeat(32)}`, "resp_x", "a/b"]) {
    await rejects(responses.retrieve(gone), (error) => {
      ok(error instanceof OpenAI.NotFoundError);
      return error.code === "response_not_found";
    });
  }
});

Deno.test("references to earlier items are replaced by the items", async () => {
  await using fixture = startResponses(() => completion("hi"));
  const { responses } = fixture.openai;
  const first = await responses.create({ model: "gpt-4o", input: "hello" });
  const turn = first.id.split("_")[1];
  await responses.create({
    model: "gpt-4o",
    input: [
      { role: "user", content: "hello" },
      { type: "item_reference", id: `rs_${turn}` },
      { type: "item_reference", id: `msg_${turn}` },
      { role: "user", content: "and?" },
    ],
  });
  deepEqual(fixture.chat.upstream.received[1]?.body.messages.slice(1), [
    { role: "user", content: "hello" },
    { role: "assistant", content: "hi" },
    { role: "user", content: "and?" },
  ]);
  await rejects(
    responses.create({ model: "gpt-4o", input: [{ type: "item_reference", id: "msg_unknown" }] }),
    (error) => error instanceof OpenAI.BadRequestError && error.param === "input[0]",
  );
});

Deno.test("events that could not be stored are sent to the database again unchanged", async () => {
  const sent: [number, string[]][] = [];
  const database = {
    append: (_turnId: string, first: number, events: readonly object[]) => {
      if (events.length > 0) sent.push([first, events.map((event) => JSON.stringify(event))]);
      return sent.length === 1 ? Promise.reject(new Error("down")) : Promise.resolve(true);
    },
  };
  const events = ["a", "b"].map((type) => ({ type }));
  const body = events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("");
  // SAFETY: of a stream that does not fail, only the turn is asked for.
  const frame = { turnId: "t" } as ResponseFrame;
  const running = Promise.resolve(new Response(body));
  await followResponse({ frame, running, cancel: () => {}, database }, null);
  const kept = events.map((event) => JSON.stringify(event));
  deepEqual(sent, [[0, kept], [0, kept]]);
});

Deno.test("an event is stored whatever characters it has", async () => {
  const asked: unknown[] = [];
  const { append } = responsesDatabase((_name, args, schema) => {
    asked.push(args);
    return Promise.resolve(schema.parse(true));
  }, { ask: (_caller, work) => work() });
  await append("t", 0, [{ delta: "a\0b\ud800" }]);
  deepEqual(asked, [{ turn_id: "t", first_number: 0, events: [{ delta: "ab\ufffd" }] }]);
});
