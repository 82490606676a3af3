import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { startChat, VENDOR_KEY } from "../support/chat_fixture.ts";
import type { Received } from "../support/upstream_server.ts";

/** One vector of each text. */
const vectors =
  (extra: object = {}) => ({ body: { input } = { input: "" } }: Partial<Received> = {}) =>
    Response.json({
      object: "list",
      data: (Array.isArray(input) && typeof input[0] !== "number" ? input : [input]).map((
        _one: unknown,
        index: number,
      ) => ({ object: "embedding", index, embedding: [0.25, -1] })),
      model: "vendor-embedding-1",
      usage: { prompt_tokens: 5, total_tokens: 5 },
      ...extra,
    });
const ASK = { model: "embedder", input: "hello" };

Deno.test("embeddings have OpenAI's form and the requested model's name", async () => {
  await using chat = startChat(vectors());
  const response = await chat.embed({ ...ASK, dimensions: 2, encoding_format: "float" });
  equal(response.status, 200);
  deepEqual(await response.json(), {
    object: "list",
    data: [{ object: "embedding", index: 0, embedding: [0.25, -1] }],
    model: "gpt-4o",
    usage: { prompt_tokens: 5, total_tokens: 5 },
  });
  const [call] = chat.upstream.received;
  deepEqual([call?.path, call?.headers.get("authorization"), call?.body], [
    "/v1/embeddings",
    `Bearer ${VENDOR_KEY}`,
    { model: "openai/gpt-4o", input: "hello", dimensions: 2, encoding_format: "float" },
  ]);
});

Deno.test("the platform's credential is used for embeddings only, not for other routes of the vendor", async () => {
  await using chat = startChat(vectors());
  const asked = { ...ASK, provider: { order: ["dearest"] }, models: ["other"], some_day: 1 };
  await (await chat.embed(asked)).body?.cancel();
  deepEqual(chat.upstream.received[0]?.body, {
    model: "openai/gpt-4o",
    input: "hello",
  });
});

Deno.test("a total alone is the usage of embeddings", async () => {
  await using chat = startChat(vectors({ usage: { total_tokens: 9 } }));
  const { usage } = await (await chat.embed(ASK)).json();
  deepEqual(usage, { prompt_tokens: 9, total_tokens: 9 });
  equal((await chat.database.settled(0)).usage?.estimated, false);
});

Deno.test("embeddings are a turn of their own kind, settled with their usage", async () => {
  await using chat = startChat(vectors());
  await (await chat.embed(ASK)).body?.cancel();
  const { request, outcomes } = chat.database.turns[0]!;
  deepEqual(
    [request.kind, request.session_id, request.messages],
    ["embedding", null, [{ role: "user", content: "hello" }]],
  );
  equal(outcomes.length, 1);
  const { state, content, usage, vendor_id, attempts, model_used } = outcomes[0]!;
  deepEqual([state, content, vendor_id, model_used], [
    "succeeded",
    null,
    "openrouter",
    "vendor-embedding-1",
  ]);
  deepEqual([usage?.input_tokens, usage?.output_tokens, usage?.estimated], [5, 0, false]);
  equal(attempts.length, 1);
});

const inputs: Record<string, [input: unknown, bytes: number, tokens: number]> = {
  "a text": ["hello", 5, 2],
  "texts": [["ab", "cde"], 5, 2],
  "tokens": [[1, 2, 3], 3, 3],
  "lists of tokens": [[[1, 2], [3]], 3, 3],
};
for (const [what, [input, bytes, tokens]] of Object.entries(inputs)) {
  Deno.test(`embeddings of ${what} are estimated by their length`, async () => {
    await using chat = startChat(vectors({ usage: undefined }));
    const response = await chat.embed({ ...ASK, input });
    deepEqual(chat.upstream.received[0]?.body.input, input);
    const [message] = chat.database.turns[0]!.request.messages;
    equal(String(message?.content).length, bytes);
    const { usage } = await response.json();
    equal(usage.estimated, true);
    // Four bytes of text are about a token, and a token is reserved for each byte.
    ok(usage.prompt_tokens >= tokens);
  });
}

Deno.test("vectors as base64 are passed on as they are", async () => {
  await using chat = startChat(vectors({ data: [{ embedding: "AACAPgAAgL8=" }] }));
  const { data } = await (await chat.embed({ ...ASK, encoding_format: "base64" })).json();
  deepEqual(data, [{ object: "embedding", index: 0, embedding: "AACAPgAAgL8=" }]);
});

const refused: Record<string, [body: unknown, param: string]> = {
  "more than 2,048 texts": [{ input: Array(2049).fill("x") }, "input"],
  "no input": [{ model: "m" }, "input"],
  "no text": [{ input: "" }, "input"],
  "no texts": [{ input: [] }, "input"],
  "half a token": [{ input: [1.5] }, "input[0]"],
  "a model of another type": [{ ...ASK, model: 1 }, "model"],
  "an unknown encoding": [{ ...ASK, encoding_format: "xml" }, "encoding_format"],
  "no dimensions": [{ ...ASK, dimensions: 0 }, "dimensions"],
};
for (const [what, [body, param]] of Object.entries(refused)) {
  Deno.test(`embeddings refuse ${what}`, async () => {
    await using chat = startChat(vectors());
    const response = await chat.embed(body);
    const { error } = await response.json();
    deepEqual([response.status, error.param], [400, param]);
    equal(chat.database.turns.length, 0);
  });
}

Deno.test("embeddings are retried and replayed like any turn", async () => {
  let asked = 0;
  await using chat = startChat(
    () => asked++ === 0 ? new Response(null, { status: 500 }) : vectors()(),
    { limits: { attempts: 3, backoffMs: 1 } },
  );
  const first = await (await chat.embed(ASK, { "idempotency-key": "k" })).json();
  const { answer, attempts } = await chat.database.settled();
  equal(attempts.length, 2);
  deepEqual(answer, first);
  const { turn_id } = chat.database.turns[0]!.turn;
  chat.database.replay = { replay: first, turn_id, session_id: null };
  const again = await chat.embed(ASK, { "idempotency-key": "k" });
  deepEqual([again.headers.get("x-session-id"), await again.json()], [null, first]);
});

for (
  const [what, answer, code] of [
    ["no embeddings", () => Response.json({ data: [] }), "upstream_invalid_response"],
    ["no JSON", () => new Response("hello"), "upstream_invalid_response"],
    ["an error in a 200", () => Response.json({ error: { message: "x" } }), "upstream_error"],
  ] as const
) {
  Deno.test(`a provider of embeddings that answers ${what} makes a 502`, async () => {
    await using chat = startChat(answer);
    const response = await chat.embed(ASK);
    deepEqual([response.status, (await response.json()).error.code], [502, code]);
    equal((await chat.database.settled()).state, "failed");
  });
}

Deno.test("embeddings refuse a body of more than three megabytes", async () => {
  await using chat = startChat(vectors());
  const response = await chat.embed({ model: "e", input: "x".repeat(3 * 1024 * 1024) });
  equal(response.status, 413);
  equal((await response.json()).error.code, "request_too_large");
});

Deno.test("embeddings answer any JSON with a 2xx or 4xx", async () => {
  await using chat = startChat(vectors());
  await fc.assert(fc.asyncProperty(fc.jsonValue(), fc.jsonValue(), async (input, model) => {
    const response = await chat.embed({ input, model });
    await response.body?.cancel();
    ok(response.status < 500, String(response.status));
  }));
});

const FLOATS = [0.25, -1];
const BASE64 = "AACAPgAAgL8=";

/** Encodings of vectors: what is requested, what the vendor answers, and what the client gets. */
const forms: [asked: object, answered: unknown, given: unknown][] = [
  [{ encoding_format: "base64" }, FLOATS, BASE64],
  [{ encoding_format: "base64" }, BASE64, BASE64],
  [{ encoding_format: "float" }, BASE64, FLOATS],
  [{ encoding_format: null }, BASE64, FLOATS],
  [{}, BASE64, FLOATS],
  [{}, FLOATS, FLOATS],
];
for (const [asked, answered, given] of forms) {
  Deno.test(`a vector is given as asked: ${JSON.stringify([asked, answered])}`, async () => {
    await using chat = startChat(vectors({ data: [{ index: 0, embedding: answered }] }));
    const { data } = await (await chat.embed({ ...ASK, ...asked })).json();
    deepEqual(data, [{ object: "embedding", index: 0, embedding: given }]);
  });
}

const at = (index: unknown, value: number) => ({ index, embedding: [value] });
const orders: Record<string, [data: object[], given: number[] | null]> = {
  "in order": [[at(0, 1), at(1, 2), at(2, 3)], [1, 2, 3]],
  "by their index": [[at(2, 3), at(0, 1), at(1, 2)], [1, 2, 3]],
  "without an index": [[at(null, 1), at(undefined, 2), at(null, 3)], [1, 2, 3]],
  "all under one index": [[at(0, 1), at(0, 2), at(0, 3)], [1, 2, 3]],
  "one for three": [[at(0, 1)], null],
  "four for three": [[at(0, 1), at(1, 2), at(2, 3), at(3, 4)], null],
  "two in one place": [[at(0, 1), at(1, 2), at(1, 3)], null],
  "one out of place": [[at(0, 1), at(1, 2), at(7, 3)], null],
  "no vector in one place": [[at(0, 1), at(1, 2), { index: 2, embedding: null }], null],
  "base64 that is none": [[at(0, 1), at(1, 2), { index: 2, embedding: "AAA" }], null],
};
for (const [what, [data, given]] of Object.entries(orders)) {
  Deno.test(`three vectors ${what}`, async () => {
    await using chat = startChat(vectors({ data }));
    const response = await chat.embed({ ...ASK, input: ["a", "b", "c"] });
    const answer = await response.json();
    const { attempts } = await chat.database.settled();
    equal(attempts[0]?.counts_against_agent, false);
    if (given === null) {
      deepEqual([response.status, answer.error.code], [502, "upstream_invalid_response"]);
    } else {
      deepEqual(answer.data.map((one: { embedding: number[] }) => one.embedding[0]), given);
    }
  });
}

Deno.test("a batch is as large as OpenAI's: 2,048 texts, or 300,000 tokens", async () => {
  const count = (input: unknown[]) => vectors({ data: input.map((_, index) => at(index, 1)) });
  const texts = Array.from({ length: 2048 }, () => "word ".repeat(240));
  const tokens = Array.from({ length: 1200 }, () => Array.from({ length: 250 }, () => 100_000));
  for (const input of [texts, tokens]) {
    await using chat = startChat(count(input));
    const response = await chat.embed({ ...ASK, input });
    equal(response.status, 200);
    await response.body?.cancel();
  }
});
