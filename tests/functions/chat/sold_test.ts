import { deepEqual, equal } from "node:assert/strict";
import { HELLO, startChat } from "../support/chat_fixture.ts";
import { route } from "../support/memory_database.ts";
import { type Answer, chunk, completion, data, stream } from "../support/upstream_server.ts";

/**
 * What each attempt of a turn sold: nothing, the reported usage, an estimate, or an unknown amount.
 */
type Sold = "nothing" | "measured" | "estimated" | "unknown";

const limits = { attempts: 2, backoffMs: 2, upstreamBytes: 20_000 };
const USAGE = { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 };
const END = data("[DONE]");

const raw = (body: BodyInit | null, init: ResponseInit = {}): Answer => () =>
  new Response(body, init);
const json = (body: object, status = 200): Answer => () => Response.json(body, { status });
const error = { error: { message: "x" } };
const breaks = (...chunks: string[]): Answer => () => {
  const encoder = new TextEncoder();
  let sent = 0;
  const body = new ReadableStream({
    pull(controller) {
      const next = chunks[sent++];
      if (next === undefined) controller.error(new Error("the connection broke"));
      else controller.enqueue(encoder.encode(next));
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
};
const silent: Answer = async () => {
  await new Promise((resolve) => setTimeout(resolve, 400));
  return completion("late");
};

const inOnePiece: Record<string, readonly [answer: Answer, sold: Sold]> = {
  "an answer with usage": [
    json({ choices: [{ message: { content: "hi" } }], usage: USAGE }),
    "measured",
  ],
  "an answer without usage": [json({ choices: [{ message: { content: "hi" } }] }), "estimated"],
  "no answer in time": [silent, "unknown"],
  "half an answer": [raw('{"choices":['), "unknown"],
  "no JSON": [raw("<html>"), "unknown"],
  "another shape": [json({ choices: [] }), "unknown"],
  "too large an answer": [raw("x".repeat(30_000)), "unknown"],
  "an empty 200": [raw(null), "unknown"],
  "a 204": [raw(null, { status: 204 }), "unknown"],
  "a redirect": [raw(null, { status: 302, headers: { location: "/" } }), "nothing"],
  "a 400": [json(error, 400), "nothing"],
  "a 401": [json(error, 401), "nothing"],
  "a 429": [raw(null, { status: 429 }), "nothing"],
  "a 500 that explains itself": [json(error, 500), "nothing"],
  "a 504 that explains itself": [json(error, 504), "nothing"],
  ...Object.fromEntries(
    [400, 401, 402, 404, 408, 413, 429, 500, 502, 503, 504, 529].map((status) => [
      `a ${status} with usage`,
      [json({ ...error, usage: USAGE }, status), "measured"] as const,
    ]),
  ),
  "another shape with usage": [json({ choices: [], usage: USAGE }), "measured"],
  "a 502 of a proxy": [raw("<html>Bad Gateway", { status: 502 }), "unknown"],
  "a 504 without a word": [raw(null, { status: 504 }), "unknown"],
  "an error in a 200 with a status": [json({ error: { message: "x", code: 503 } }), "nothing"],
  "an error in a 200 with usage": [
    json({ error: { message: "x", code: 503 }, usage: USAGE }),
    "measured",
  ],
  "an error in a choice with usage": [
    json({ choices: [{ message: {}, error: { message: "x", code: 503 } }], usage: USAGE }),
    "measured",
  ],
};

const streamed: Record<string, [answer: Answer, sold: Sold]> = {
  "a stream without usage": [
    () => stream(chunk({ content: "hi" }, { finish_reason: "stop" }), END),
    "estimated",
  ],
  "a stream that breaks before its first word": [breaks(), "unknown"],
  "a stream that breaks in the middle": [breaks(chunk({ content: "hi" })), "estimated"],
  "a stream that ends without a word": [() => stream(END), "unknown"],
  "a stream that says what it sold, and fails": [
    () => stream(data(JSON.stringify({ choices: [], usage: USAGE })), data(JSON.stringify(error))),
    "measured",
  ],
  "no stream": [raw("hello", { headers: { "content-type": "text/plain" } }), "unknown"],
};

for (const [cases, isStream] of [[inOnePiece, false], [streamed, true]] as const) {
  for (const [what, [answer, sold]] of Object.entries(cases)) {
    Deno.test(`${what} is recorded as ${sold === "unknown" ? "an unknown amount" : sold} sold, each time`, async () => {
      await using chat = startChat(answer, {
        limits: { ...limits, ...answer === silent && { firstByteMs: 150 } },
      });
      await (await chat.post({ ...HELLO, ...isStream && { stream: true } })).text();
      const { attempts } = await chat.database.settled();
      for (const { usage, usage_is_unknown } of attempts) {
        const found = usage ? usage.estimated ? "estimated" : "measured" : "nothing";
        equal(usage_is_unknown ? "unknown" : found, sold);
      }
    });
  }
}

Deno.test("a call that could not be sent is recorded as nothing sold", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const closed = `http://127.0.0.1:${listener.addr.port}`;
  listener.close();
  const routes = [closed, "http://no.such.host.invalid"].map((base_url) => route({ base_url }));
  await using chat = startChat(() => completion("hi"), { turn: { routes }, limits });
  await (await chat.post(HELLO)).body?.cancel();
  const { attempts } = await chat.database.settled();
  equal(attempts.length, 2);
  deepEqual(attempts.map(({ usage_is_unknown }) => usage_is_unknown), [false, false]);
  equal(chat.database.reserved, 0, "and so needs nothing reserved");
});

Deno.test("a call after one that failed with usage has money reserved for it", async () => {
  const answers = [json({ ...error, usage: USAGE }, 503), () => completion("hi")];
  await using chat = startChat((call) => answers.shift()!(call), {
    limits,
    turn: { has_budget: true },
  });
  equal((await chat.post(HELLO)).status, 200);
  equal(chat.database.reserved, 1);
  const { attempts } = await chat.database.settled();
  equal(attempts[0]?.usage?.input_tokens, 7);
});

const usageAfter = (words: string, output: number) => [
  chunk({ content: words }),
  data(JSON.stringify({
    choices: [],
    usage: { prompt_tokens: 700, completion_tokens: output, total_tokens: 700 + output },
  })),
];
const LONG = "word ".repeat(400);

for (
  const [what, chunks, output, isEstimated] of [
    ["what follows counts", [...usageAfter("hi", 1), chunk({ content: LONG })], 501, true],
    ["the larger one counts", [...usageAfter("hi", 900), chunk({ content: LONG })], 900, false],
    ["nothing follows", usageAfter("hi", 3), 3, false],
    ["a later one replaces it", [...usageAfter("hi", 1), ...usageAfter(LONG, 450)], 450, false],
  ] as const
) {
  Deno.test(`usage in the middle of a stream that breaks: ${what}`, async () => {
    await using chat = startChat(breaks(...chunks), { limits: { ...limits, attempts: 1 } });
    await (await chat.post({ ...HELLO, stream: true })).text();
    const { usage } = await chat.database.settled();
    deepEqual([usage?.input_tokens, usage?.output_tokens, usage?.estimated], [
      700,
      output,
      isEstimated,
    ]);
  });
}

Deno.test("an implausible count is bounded by what the call could have used, unless the caller's own key pays", async () => {
  const absurd = { prompt_tokens: 5, completion_tokens: 3, total_tokens: 999_999_999 };
  const huge = { prompt_tokens: 999_999_999, completion_tokens: 3 };
  for (
    const [credential, usage, window, expected] of [
      ["platform", absurd, 8_192, [5, 8_192, true]],
      ["platform", absurd, null, [5, 40_960, true]],
      ["platform", huge, 8_192, [8_192, 3, true]],
      ["platform", huge, null, [40_960, 3, true]],
      ["platform", USAGE, 8_192, [7, 3, false]],
      ["own", huge, 8_192, [999_999_999, 3, false]],
    ] as const
  ) {
    await using chat = startChat(json({ choices: [{ message: { content: "hi" } }], usage }));
    chat.deps.decryptKey = () => Promise.resolve("sk-own");
    const keys = [{ id: "k", user_id: "u", vendor_id: "openrouter", encrypted_key: "v1" }];
    chat.route = { credential, context_window: window, ...credential === "own" && { keys } };
    await (await chat.post({ ...HELLO, max_tokens: 100 })).body?.cancel();
    const { usage: booked, attempts } = await chat.database.settled();
    deepEqual([booked?.input_tokens, booked?.output_tokens, booked?.estimated], expected);
    deepEqual(attempts[0]?.usage, booked);
    equal((await chat.logged).usage_bounded === true, expected[2]);
  }
});
