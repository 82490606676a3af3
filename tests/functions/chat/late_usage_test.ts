import { deepEqual, equal, match } from "node:assert/strict";
import type { TurnLimits } from "../../../functions/_shared/gateway/limits.ts";
import {
  type ChatFixture,
  type ChatOverrides,
  HELLO,
  startChat,
  VENDOR_KEY,
} from "../support/chat_fixture.ts";
import { route } from "../support/memory_database.ts";
import {
  type Answer,
  chunk,
  completion,
  data,
  type Received,
  startUpstream,
  stream,
  usageChunk,
} from "../support/upstream_server.ts";

const USAGE_PATH = "/generation?id={id}";
const END = data("[DONE]");

const GENERATION = {
  id: "gen/1",
  cancelled: true,
  tokens_prompt: 1,
  tokens_completion: 1,
  native_tokens_prompt: 1_200,
  native_tokens_completion: 340,
  native_tokens_reasoning: 40,
  native_tokens_cached: 200,
  total_cost: 0.00123,
  provider_name: null,
};

const TOLD = {
  usage: {
    input_tokens: 1_200,
    output_tokens: 340,
    cached_input_tokens: 200,
    cache_write_tokens: 0,
    reasoning_tokens: 40,
    estimated: false,
  },
  provider_cost: "0.00123",
};

/** An endless answer of a vendor that calls it gen/1. */
function endless(headers: Record<string, string> = {}): Response {
  const tick = () => new Promise<void>((resolve) => setTimeout(resolve, 5));
  const parts = Array.from({ length: 1_000 }, () => [
    tick,
    chunk({ content: "word " }, { id: "gen/1" }),
  ]).flat();
  const response = stream(...parts);
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
  return response;
}

interface World extends AsyncDisposable {
  chat: ChatFixture;
  /** The requests for the usage of an answer. */
  asked: Received[];
  /** Resolves when no background work is left. */
  idle(): Promise<void>;
}

/** A vendor that answers chats with `talk`, and requests for usage with `tell`. */
function prepare(
  talk: Answer,
  tell: Answer,
  { limits, ...overrides }: ChatOverrides = {},
  usage_path: string | null = USAGE_PATH,
): World {
  const upstream = startUpstream((received) =>
    received.path === "/v1/chat/completions" ? talk(received) : tell(received)
  );
  const background: Promise<unknown>[] = [];
  const quick: Partial<TurnLimits> = {
    lateUsagePausesMs: [1, 5, 10],
    commitAfterMs: 100,
  };
  const shutdown = new AbortController();
  const chat = startChat(talk, {
    ...overrides,
    turn: { routes: [route({ base_url: upstream.baseUrl, usage_path })] },
    limits: { ...quick, ...limits },
    deps: {
      lifetime: { shutdown: shutdown.signal, waitUntil: (work) => void background.push(work) },
      ...overrides.deps,
    },
  });
  chat.shutdown.signal.addEventListener("abort", () => shutdown.abort());
  return {
    chat,
    get asked() {
      return upstream.received.filter(({ path }) => path !== "/v1/chat/completions");
    },
    async idle() {
      for (let done = 0; done < background.length;) {
        done = background.length;
        await Promise.all(background);
      }
    },
    async [Symbol.asyncDispose]() {
      await chat[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
    },
  };
}

/** Requests a stream and disconnects after its first bytes. */
async function leaveEarly({ chat, idle }: World): Promise<void> {
  const response = await chat.post({ ...HELLO, stream: true });
  const reader = response.body!.getReader();
  await reader.read();
  await reader.cancel();
  await idle();
}

const corrections = ({ chat }: World) => chat.database.corrections.map((one) => one.correction);
const told = () => Response.json({ data: GENERATION });

Deno.test("a vendor is asked for the usage of an abandoned answer until it knows it", async () => {
  let questions = 0;
  await using world = prepare(() => endless(), () => {
    return questions++ < 2 ? new Response(null, { status: 404 }) : told();
  });
  await leaveEarly(world);
  const { chat, asked } = world;
  deepEqual(
    asked.map(({ path, search }) => path + search),
    Array(3).fill("/v1/generation?id=gen%2F1"),
  );
  equal(asked[0]?.headers.get("authorization"), `Bearer ${VENDOR_KEY}`);
  equal((await chat.database.settled()).usage?.estimated, true, "it was settled before");
  deepEqual(chat.database.corrections, [
    { turnId: chat.database.turns[0]!.turn.turn_id, correction: TOLD },
  ]);
  const line = chat.lines.find(({ event }) => event === "usage_asked_for");
  deepEqual([line?.was_told, line?.corrected], [true, true]);
  match(String(line?.request_id), /^req_/);
});

Deno.test("a vendor that names its answer in a header is asked by that name", async () => {
  await using world = prepare(() => endless({ "x-generation-id": "gen-head" }), told);
  await leaveEarly(world);
  equal(world.asked[0]?.search, "?id=gen-head");
  deepEqual(corrections(world), [TOLD]);
});

Deno.test("a vendor is asked for the usage of a stream that broke off or reported none", async () => {
  const said = chunk({ content: "hi" }, { id: "gen-2" });
  const streams = [
    () => stream(said, data({ error: { message: "broken" } })),
    () => stream(said, chunk({}, { finish_reason: "stop" }), END),
  ];
  for (const talk of streams) {
    await using world = prepare(talk, told);
    await (await world.chat.post({ ...HELLO, stream: true })).text();
    await world.idle();
    equal(world.asked[0]?.search, "?id=gen-2");
    deepEqual(corrections(world), [TOLD]);
  }
});

Deno.test("counts of the common tokenizer are used if the vendor has no others", async () => {
  const data = { tokens_prompt: 5, tokens_completion: 3, native_tokens_prompt: null };
  await using world = prepare(() => endless(), () => Response.json({ data }));
  await leaveEarly(world);
  const [correction] = corrections(world);
  deepEqual(
    [correction?.usage.input_tokens, correction?.usage.output_tokens, correction?.provider_cost],
    [5, 3, null],
  );
});

Deno.test("no vendor is asked for usage that is known, or that it cannot report", async () => {
  const whole = () =>
    stream(chunk({ content: "hi" }, { finish_reason: "stop" }), usageChunk(1, 1), END);
  const worlds: [World, object][] = [
    [prepare(whole, told), { stream: true }],
    [prepare(() => completion("hi"), told), {}],
    [prepare(() => stream(chunk({ content: "hi" })), told, {}, null), { stream: true }],
    [prepare(() => stream(data({ choices: [{ delta: { content: "hi" } }] })), told), {
      stream: true,
    }],
  ];
  for (const [world, more] of worlds) {
    await using open = world;
    await (await open.chat.post({ ...HELLO, ...more })).text();
    await open.idle();
    deepEqual([open.asked.length, corrections(open)], [0, []]);
  }
});

Deno.test("the demo model is not asked for usage of the vendor it stands in for", async () => {
  await using demo = startUpstream(() => stream(chunk({ content: "hi" }, { id: "gen-3" }), END));
  await using world = prepare(() => completion(""), told, {
    deps: { env: { variables: new Map(), demoUpstreamUrl: demo.baseUrl } },
  });
  await (await world.chat.post({ ...HELLO, stream: true })).text();
  await world.idle();
  deepEqual([demo.received.length, world.asked.length], [1, 0]);
});

Deno.test("a vendor that reports no usage leaves the estimate, and is asked a bounded number of times", async (test) => {
  const answers: [string, Answer, number][] = [
    ["not there", () => new Response(null, { status: 404 }), 3],
    ["broken", () => new Response(null, { status: 503 }), 3],
    ["refuses", () => new Response(null, { status: 401 }), 1],
    ["leads elsewhere", () => Response.redirect("http://127.0.0.1:1/"), 1],
    ["no JSON", () => new Response("<html>"), 3],
    ["nothing in it", () => Response.json({ data: {} }), 3],
    ["negative", () => Response.json({ data: { ...GENERATION, native_tokens_prompt: -1 } }), 3],
    ["no end", () => new Response(new Blob([new Uint8Array(300_000)])), 3],
    ["silence", () => new Promise((resolve) => setTimeout(() => resolve(told()), 400)), 3],
  ];
  for (const [name, tell, times] of answers) {
    await test.step(name, async () => {
      await using world = prepare(() => endless(), tell, {
        limits: name === "silence" ? { lateUsageMs: 60 } : {},
      });
      await leaveEarly(world);
      deepEqual([world.asked.length, corrections(world)], [times, []]);
      const line = world.chat.lines.find(({ event }) => event === "usage_asked_for");
      deepEqual([line?.was_told, line?.corrected], [false, false]);
    });
  }
});

Deno.test("no vendor is asked after the platform may have ended the worker", async () => {
  await using late = prepare(() => endless(), told, { limits: { lateUsageUntilMs: 0 } });
  await leaveEarly(late);
  deepEqual([late.asked.length, corrections(late)], [0, []]);

  await using stopped = prepare(() => endless(), told, { limits: { lateUsagePausesMs: [60_000] } });
  const left = leaveEarly(stopped);
  await stopped.chat.database.settled();
  stopped.chat.shutdown.abort();
  await left;
  deepEqual([stopped.asked.length, corrections(stopped)], [0, []]);
});

Deno.test("a correction is retried while the database is down", async () => {
  await using world = prepare(() => endless(), told);
  const { chat } = world;
  const correct = chat.database.correctTurn;
  let calls = 0;
  const { databaseError } = await import("../../../functions/_shared/database/database_error.ts");
  chat.database.correctTurn = (turnId, correction) =>
    calls++ === 0
      ? Promise.reject(databaseError({ message: "away", code: "08006" }, 503))
      : correct(turnId, correction);
  await leaveEarly(world);
  deepEqual([calls, corrections(world)], [2, [TOLD]]);
});
