import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import fc from "fast-check";
import { APIError } from "openai";
import { handleImages } from "../../../functions/images/handler.ts";
import type { ChatOverrides } from "../support/chat_fixture.ts";
import { startOpenai } from "../support/openai_fixture.ts";
import { type Answer, data, stream } from "../support/upstream_server.ts";

const PNG = "iVBORw0KGgo=";
const USAGE = {
  input_tokens: 9,
  input_tokens_details: { text_tokens: 9, image_tokens: 0 },
  output_tokens: 272,
  total_tokens: 281,
};
const BY_IMAGE = { "image/1024x1024": 0.04, "image/1024x1024/hd": 0.08 };

const pictures = (count: number, extra: object = {}) =>
  Response.json({
    created: 7,
    data: Array.from({ length: count }, () => ({ b64_json: PNG })),
    ...extra,
  });
const start = (answer: Answer, overrides: ChatOverrides = {}) =>
  startOpenai(handleImages, answer, overrides);
const event = (type: string, extra: object = {}) =>
  `event: ${type}\n${data({ type, b64_json: PNG, size: "1024x1024", quality: "low", ...extra })}`;
const partial = (index: number) =>
  event("image_generation.partial_image", { partial_image_index: index });
const completed = event("image_generation.completed", { usage: USAGE });

Deno.test("OpenAI's client gets images, and the ledger their size, quality and cost", async () => {
  const told = { size: "1024x1024", quality: "high", output_format: "png", usage: USAGE };
  await using images = start(() => pictures(2, told));
  const { database, upstream } = images.chat;
  const answer = await images.openai.images.generate({
    model: "painter",
    prompt: "a cat",
    n: 2,
    quality: "auto",
  });
  deepEqual({ ...answer }, { created: 7, data: [{ b64_json: PNG }, { b64_json: PNG }], ...told });
  deepEqual([upstream.received[0]?.path, upstream.received[0]?.body], [
    "/v1/images/generations",
    { model: "openai/gpt-4o", prompt: "a cat", n: 2, quality: "auto" },
  ]);
  const { request, outcomes } = database.turns[0]!;
  deepEqual(
    [request.kind, request.session_id, request.messages, request.units, request.max_output_tokens],
    ["image", null, [{ role: "user", content: "a cat" }], { image: 2 }, 24_576],
  );
  const { state, content, usage, attempts } = outcomes[0]!;
  deepEqual([state, content, usage?.input_tokens, usage?.output_tokens, usage?.estimated], [
    "succeeded",
    "[2 images, 1024x1024]",
    9,
    272,
    false,
  ]);
  deepEqual(attempts[0]?.usage?.units, { "image/1024x1024/high": 2 });
});

/** For a vendor that charges per image: the request, the reserved units, the answer, the charge. */
const charged: [asked: object, reserved: object, answered: Response, units: object][] = [
  [{ size: "1024x1024" }, { "image/1024x1024": 1 }, pictures(1), { "image/1024x1024": 1 }],
  [
    { size: "1024x1024", quality: "HD", n: 3 },
    { "image/1024x1024/hd": 3 },
    pictures(2),
    { "image/1024x1024/hd": 2 },
  ],
  [{}, { image: 1 }, pictures(1, { size: "1792x1024" }), { "image/1792x1024": 1 }],
  [{ quality: "hd" }, { "image/auto/hd": 1 }, pictures(1), { "image/auto/hd": 1 }],
  [
    { size: "auto", quality: "auto" },
    { image: 1 },
    pictures(1, { size: "tall", quality: { a: 1 } }),
    { image: 1 },
  ],
];
for (const [asked, reserved, answered, units] of charged) {
  Deno.test(`images are charged by size and quality: ${JSON.stringify(asked)}`, async () => {
    await using images = start(() => answered.clone());
    images.chat.route = { unit_rates: BY_IMAGE };
    const body = { model: "painter", prompt: "a cat", ...asked };
    await images.openai.post("/images/generations", { body });
    const { request, outcomes } = images.chat.database.turns[0]!;
    deepEqual(request.units, reserved);
    deepEqual(outcomes[0]?.usage, {
      input_tokens: 0,
      output_tokens: 0,
      cached_input_tokens: 0,
      cache_write_tokens: 0,
      reasoning_tokens: 0,
      units,
      estimated: false,
    });
  });
}

Deno.test("images are streamed with partial images, and replayed without", async () => {
  await using images = start(() => stream(partial(0), partial(1), completed));
  const ask = { model: "painter", prompt: "a cat", partial_images: 2, stream: true } as const;
  const headers = { "idempotency-key": "k" };
  const events = await Array.fromAsync(await images.openai.images.generate(ask, { headers }));
  deepEqual(events.map(({ type, b64_json }) => [type, b64_json]), [
    ["image_generation.partial_image", PNG],
    ["image_generation.partial_image", PNG],
    ["image_generation.completed", PNG],
  ]);
  equal(images.chat.upstream.received[0]?.headers.get("accept"), "text/event-stream");
  const { answer, usage, content, state } = await images.chat.database.settled();
  deepEqual([state, content, usage?.output_tokens, usage?.units], [
    "succeeded",
    "[1 image, 1024x1024]",
    272,
    { "image/1024x1024/low": 1 },
  ]);
  equal(images.chat.database.turns[0]?.request.max_output_tokens, 3 * 12_288);
  const { turn_id } = images.chat.database.turns[0]!.turn;
  images.chat.database.replay = { replay: { ...answer }, turn_id, session_id: null };
  const again = await Array.fromAsync(await images.openai.images.generate(ask, { headers }));
  deepEqual(again, events.slice(-1));
});

Deno.test("the events of several images add up in tokens and cost", async () => {
  const priced = event("image_generation.completed", { usage: { ...USAGE, cost: 0.1 } });
  await using images = start(() => stream(priced, priced, priced));
  const ask = { model: "painter", prompt: "a cat", n: 3, stream: true } as const;
  await Array.fromAsync(await images.openai.images.generate(ask));
  const { usage, provider_cost } = await images.chat.database.settled();
  deepEqual([usage?.output_tokens, provider_cost], [816, "0.3000000000"]);
});

Deno.test("a request for a stream is answered by events even if the vendor does not stream", async () => {
  await using images = start(() => pictures(2, { size: "512x512" }));
  images.chat.route = { unit_rates: BY_IMAGE };
  const ask = { model: "painter", prompt: "a cat", n: 2, stream: true } as const;
  const events = await Array.fromAsync(await images.openai.images.generate(ask));
  deepEqual(events.map(({ type }) => type), Array(2).fill("image_generation.completed"));
  deepEqual((await images.chat.database.settled()).usage?.units, { "image/512x512": 2 });
});

Deno.test("an image that is sent as a URL is charged once, and not bought again when repeated", async () => {
  const url = "https://images.example.com/1.png";
  await using images = start(() => pictures(1, { data: [{ url }] }));
  images.chat.route = { unit_rates: BY_IMAGE };
  const ask = { model: "painter", prompt: "a cat", size: "1024x1024", stream: true } as const;
  const events = await Array.fromAsync(await images.openai.images.generate(ask));
  deepEqual(events.map((event) => [event.type, Reflect.get(event, "url")]), [
    ["image_generation.completed", url],
  ]);
  const { usage, state } = await images.chat.database.settled();
  deepEqual([state, usage?.units], ["succeeded", { "image/1024x1024": 1 }]);
  equal(images.chat.upstream.received.length, 1);
});

Deno.test("a stream of images that breaks off ends with an error, and is charged by an estimate", async () => {
  await using images = start(() => stream(partial(0)));
  images.chat.route = { unit_rates: BY_IMAGE };
  const ask = { model: "painter", prompt: "a cat", size: "1024x1024", stream: true } as const;
  await rejects(async () => await Array.fromAsync(await images.openai.images.generate(ask)), {
    code: "upstream_interrupted",
  });
  const { state, usage } = await images.chat.database.settled();
  deepEqual([state, usage?.units, usage?.estimated], ["partial", { "image/1024x1024": 1 }, true]);
});

Deno.test("an answer that is too large to be stored is not bought again when repeated", async () => {
  const large = "A".repeat(9 * 1024 * 1024);
  await using images = start(() => pictures(1, { data: [{ b64_json: large }] }));
  const ask = { model: "painter", prompt: "a cat" };
  const headers = { "idempotency-key": "k" };
  const { data: made } = await images.openai.images.generate(ask, { headers });
  equal(made?.[0]?.b64_json?.length, large.length);
  const { answer } = await images.chat.database.settled();
  deepEqual(answer, { is_not_kept: true });
  const { turn_id } = images.chat.database.turns[0]!.turn;
  images.chat.database.replay = { replay: { ...answer }, turn_id, session_id: null };
  await rejects(
    images.openai.images.generate(ask, { headers }),
    (error) =>
      error instanceof APIError && error.status === 409 && error.code === "answer_not_kept",
  );
});

Deno.test("a session keeps the prompt and a line, and what others pay for is bounded", async () => {
  await using images = start(() =>
    pictures(1, { data: [{ url: "https://x.test/1.png", revised_prompt: "a grey cat" }] })
  );
  const headers = { "x-session-id": "sess_0123456789ab" };
  const body = { model: "m", prompt: "a cat", store: false, seed: 7, input_image: "x" };
  await images.openai.post("/images/generations", { body, headers });
  deepEqual(images.chat.upstream.received[0]?.body, { model: "openai/gpt-4o", prompt: "a cat" });
  const { request, outcomes } = images.chat.database.turns[0]!;
  deepEqual([request.session_id, request.store, outcomes[0]?.content], [
    "sess_0123456789ab",
    false,
    "[1 image]\na grey cat",
  ]);
});

const refused: Record<string, [body: object, param: string]> = {
  "no prompt": [{ model: "m" }, "prompt"],
  "a prompt that is too long": [{ prompt: "x".repeat(32_001) }, "prompt"],
  "no images": [{ prompt: "x", n: 0 }, "n"],
  "too many images": [{ prompt: "x", n: 11 }, "n"],
  "half an image": [{ prompt: "x", n: 1.5 }, "n"],
  "a size in words": [{ prompt: "x", size: "large" }, "size"],
  "a size of nothing": [{ prompt: "x", size: "0x0" }, "size"],
  "a size out of range": [{ prompt: "x", size: "9999x9999" }, "size"],
  "a quality that no price could have": [{ prompt: "x", quality: "a/b" }, "quality"],
  "partial images without a stream": [{ prompt: "x", partial_images: 1 }, "partial_images"],
  "too many partial images": [{ prompt: "x", stream: true, partial_images: 4 }, "partial_images"],
  "an unknown form of answers": [{ prompt: "x", response_format: "svg" }, "response_format"],
};
Deno.test("images refuse invalid requests, and name the field", async () => {
  await using images = start(() => pictures(1));
  for (const [what, [body, param]] of Object.entries(refused)) {
    const error = await images.openai.post("/images/generations", { body }).then(
      () => ok(false, what),
      (error) => error,
    );
    deepEqual([what, error.status, error.param], [what, 400, param]);
  }
  equal(images.chat.database.turns.length, 0);
});

const wrong: Record<string, () => Response> = {
  "no image": () => Response.json({ data: [] }),
  "an image of nothing": () => Response.json({ data: [{ b64_json: null }] }),
  "no JSON": () => new Response("hello"),
  "an error in a 200": () => Response.json({ error: { message: "x" } }),
};
for (const [what, answer] of Object.entries(wrong)) {
  Deno.test(`a vendor of images that answers ${what} makes a 502`, async () => {
    await using images = start(answer);
    await rejects(images.openai.images.generate({ prompt: "a cat" }), { status: 502 });
    equal((await images.chat.database.settled()).state, "failed");
  });
}

Deno.test("images answer any JSON with a 2xx or 4xx", async () => {
  await using images = start(() => pictures(1));
  const some = fc.record({ prompt: fc.jsonValue(), n: fc.jsonValue(), size: fc.jsonValue() });
  await fc.assert(fc.asyncProperty(some, async (body) => {
    const response = await images.fetch("http://127.0.0.1/images/generations", {
      method: "POST",
      body: JSON.stringify(body),
    });
    await response.body?.cancel();
    ok(response.status < 500, String(response.status));
  }));
});
