import { deepEqual, doesNotMatch, equal, match, ok } from "node:assert/strict";
import { ApiError } from "../../../functions/_shared/core/errors.ts";
import type { Outcome } from "../../../functions/_shared/gateway/settle/outcome.ts";
import {
  type ChatFixture,
  eventsOf,
  firstBytes,
  HELLO,
  startChat,
} from "../support/chat_fixture.ts";
import { chunk, completion, data, stream } from "../support/upstream_server.ts";

const ASK = { ...HELLO, stream: true };
const END = data("[DONE]");
const unavailable = () =>
  new ApiError("database_unavailable", "Not now.", { cause: new Error("database: 0") });

/** Makes the first calls that settle a turn fail with this error. */
function failSettling(chat: ChatFixture, times: number, error: () => Error): Outcome[] {
  const seen: Outcome[] = [];
  const settle = chat.database.settleTurn;
  chat.database.settleTurn = (turnId, outcome) => {
    seen.push(outcome);
    return seen.length <= times ? Promise.reject(error()) : settle(turnId, outcome);
  };
  return seen;
}

/** A host that keeps a worker alive for its work. */
function host() {
  const work: Promise<unknown>[] = [];
  return { work, waitUntil: (promise: Promise<unknown>) => void work.push(promise) };
}

Deno.test("settling is retried while the database is down", async () => {
  await using chat = startChat(() => completion("hi"));
  const seen = failSettling(chat, 2, unavailable);
  equal((await chat.post(HELLO)).status, 200);
  equal(seen.length, 3);
  deepEqual(seen[0], seen[2]);
  equal(chat.database.turns[0]?.outcomes.length, 1);
});

Deno.test("a turn that cannot be settled is answered anyway, and logged", async () => {
  await using chat = startChat(() => completion("hi"), { limits: { settleMs: 500 } });
  const seen = failSettling(chat, Infinity, unavailable);
  const response = await chat.post(HELLO);
  equal((await response.json()).choices[0].message.content, "hi");
  ok(seen.length > 1, "it was tried again");
  equal((await chat.logged).settle_error, "database: 0");
});

Deno.test("settling continues after the answer until the database is back", async () => {
  for (const isStream of [false, true]) {
    const { work, waitUntil } = host();
    await using chat = startChat(
      () =>
        isStream
          ? stream(chunk({ content: "hi" }, { finish_reason: "stop" }), END)
          : completion("hi"),
      { limits: { settleMs: 20, settlePauseMs: 40 } },
    );
    chat.deps.lifetime.waitUntil = waitUntil;
    let isAway = true;
    const settle = chat.database.settleTurn;
    chat.database.settleTurn = (turnId, outcome) =>
      isAway ? Promise.reject(unavailable()) : settle(turnId, outcome);
    // If the answer waited for the database, this would never end.
    await (await chat.post({ ...HELLO, stream: isStream })).text();
    equal(chat.database.turns[0]?.outcomes.length, 0);
    isAway = false;
    await Promise.all(work);
    deepEqual(chat.database.turns[0]?.outcomes.map(({ state }) => state), ["succeeded"]);
    equal((await chat.logged).settle_error, undefined);
  }
});

Deno.test("settling is given up before the platform stops the worker", async () => {
  const { work, waitUntil } = host();
  await using chat = startChat(() => completion("hi"), {
    limits: { settleMs: 1, settlePauseMs: 2, settleUntilMs: 300 },
  });
  chat.deps.lifetime.waitUntil = waitUntil;
  const begun = performance.now();
  const seen = failSettling(chat, Infinity, unavailable);
  await (await chat.post(HELLO)).body?.cancel();
  await Promise.all(work);
  ok(performance.now() - begun >= 250, "and not much earlier");
  const tries = seen.length;
  ok(tries > 10, `${tries} times`);
  equal((await chat.logged).settle_error, "database: 0");
  await new Promise((resolve) => setTimeout(resolve, 50));
  equal(seen.length, tries);
});

Deno.test("the pauses between attempts to settle grow", async () => {
  const { work, waitUntil } = host();
  await using chat = startChat(() => completion("hi"), {
    limits: { settleMs: 1, settleBackoffMs: 20, settlePauseMs: 160 },
  });
  chat.deps.lifetime.waitUntil = waitUntil;
  chat.deps.random = () => 0;
  const times: number[] = [];
  const settle = chat.database.settleTurn;
  chat.database.settleTurn = (turnId, outcome) => {
    times.push(performance.now());
    return times.length < 6 ? Promise.reject(unavailable()) : settle(turnId, outcome);
  };
  await (await chat.post(HELLO)).body?.cancel();
  await Promise.all(work);
  const pauses = times.slice(1).map((time, index) => time - times[index]!);
  // Half of 20, 40, 80, 160 and 160 at least; a timer may be early by a millisecond.
  for (const [index, least] of [10, 20, 40, 80, 80].entries()) {
    ok(pauses[index]! >= least - 1, `${pauses}`);
  }
});

Deno.test("a host that stops retries settling at once, and briefly", async () => {
  const { work, waitUntil } = host();
  await using chat = startChat(() => completion("hi"), {
    limits: { settleMs: 20, settleBackoffMs: 60_000, settlePauseMs: 60_000 },
  });
  chat.deps.lifetime.waitUntil = waitUntil;
  const seen = failSettling(chat, Infinity, unavailable);
  await (await chat.post(HELLO)).body?.cancel();
  equal(seen.length, 1, "a long pause has begun");
  chat.shutdown.abort();
  await Promise.all(work);
  equal(seen.length, 2);
  equal((await chat.logged).settle_error, "database: 0");
});

Deno.test("a settlement that the database refuses is repeated without the text", async () => {
  await using chat = startChat(() => completion("hi"));
  failSettling(chat, 1, () => new TypeError("no such column"));
  await (await chat.post(HELLO)).body?.cancel();
  const [, second] = chat.database.turns[0]!.outcomes.length === 1
    ? [null, chat.database.turns[0]!.outcomes[0]!]
    : chat.database.turns[0]!.outcomes;
  deepEqual([second?.state, second?.content, second?.tool_calls], ["succeeded", null, null]);
  ok(second?.usage && second.attempts[0]?.usage, "what it sold is certain");
  const { settle_error, settled_without_answer } = await chat.logged;
  deepEqual([settle_error, settled_without_answer], ["no such column", true]);
});

Deno.test("a settlement that is refused without the text too is not retried", async () => {
  await using chat = startChat(() => completion("hi"));
  const seen = failSettling(chat, 99, () => new TypeError("no such column"));
  await (await chat.post(HELLO)).body?.cancel();
  equal(seen.length, 2);
  equal((await chat.logged).settle_error, "no such column");
});

Deno.test("a slow database delays the end of an answer only briefly", async () => {
  const { work, waitUntil } = host();
  await using chat = startChat(
    () => stream(chunk({ content: "hi" }, { finish_reason: "stop" }), END),
    { limits: { settleMs: 20 } },
  );
  chat.deps.lifetime.waitUntil = waitUntil;
  const slow = Promise.withResolvers<void>();
  const settle = chat.database.settleTurn;
  chat.database.settleTurn = async (turnId, outcome) => {
    await slow.promise;
    return settle(turnId, outcome);
  };
  const all = await eventsOf(await chat.post(ASK));
  equal(all.at(-1), "[DONE]");
  equal(chat.database.turns[0]?.outcomes.length, 0);
  equal(chat.lines.length, 0, "the line waits for the outcome");
  slow.resolve();
  await Promise.all(work);
  equal((await chat.database.settled()).state, "succeeded");
});

Deno.test("without a host that waits, the answer waits for its turn", async () => {
  await using chat = startChat(() => completion("hi"), { limits: { settleMs: 1 } });
  const settle = chat.database.settleTurn;
  chat.database.settleTurn = async (turnId, outcome) => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    return settle(turnId, outcome);
  };
  await (await chat.post(HELLO)).body?.cancel();
  equal(chat.database.turns[0]?.outcomes.length, 1);
});

Deno.test("a host that stops ends the stream with an error; its turn is partial", async () => {
  const { work, waitUntil } = host();
  const pause = Promise.withResolvers<void>();
  await using chat = startChat(() => stream(chunk({ content: "half" }), () => pause.promise));
  chat.deps.lifetime.waitUntil = waitUntil;
  const response = await chat.post(ASK);
  equal(work.length, 1, "the host knows of the stream");
  chat.shutdown.abort();
  await Promise.all(work);
  // deno-lint-ignore no-explicit-any -- a test reads into whatever was sent.
  const all = await eventsOf(response) as any[];
  equal(all.at(-1).error.code, "shutting_down");
  const outcome = await chat.database.settled();
  deepEqual([outcome.state, outcome.content, outcome.usage?.estimated], ["partial", "half", true]);
  deepEqual(
    outcome.attempts.map(({ status }) => status),
    ["succeeded"],
    "no fault of the provider",
  );
  pause.resolve();
});

Deno.test("a host that stops before the first token still has the prompt counted", async () => {
  const pause = Promise.withResolvers<void>();
  const called = Promise.withResolvers<void>();
  await using chat = startChat(() => {
    called.resolve();
    return stream(": PROCESSING\n\n", () => pause.promise);
  });
  const { promise: came } = firstBytes(chat.deps);
  const answering = chat.post(ASK);
  await called.promise;
  // The answer counts only once its first bytes have arrived.
  await came;
  await new Promise((resolve) => setTimeout(resolve, 50));
  chat.shutdown.abort();
  equal((await answering).status, 503);
  const outcome = await chat.database.settled();
  deepEqual([outcome.state, outcome.usage?.estimated, outcome.usage?.output_tokens], [
    "failed",
    true,
    0,
  ]);
  pause.resolve();
});

Deno.test("the end of a stream waits until its turn is settled, so that the next turn finds it", async () => {
  await using chat = startChat(() =>
    stream(chunk({ content: "hi" }, { finish_reason: "stop" }), END)
  );
  const settling = Promise.withResolvers<void>();
  const slow = Promise.withResolvers<void>();
  const settle = chat.database.settleTurn;
  chat.database.settleTurn = async (turnId, outcome) => {
    settling.resolve();
    await slow.promise;
    return settle(turnId, outcome);
  };
  const response = await chat.post(ASK);
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const reading = (async () => {
    for (let read = await reader.read(); !read.done; read = await reader.read()) text += read.value;
  })();
  await settling.promise;
  await new Promise((resolve) => setTimeout(resolve, 20));
  match(text, /"hi"/);
  doesNotMatch(text, /DONE/);
  slow.resolve();
  await reading;
  match(text, /\[DONE\]\n\n$/);
});

Deno.test("a host that stops fails a turn that waits for a whole answer", async () => {
  const pause = Promise.withResolvers<void>();
  const called = Promise.withResolvers<void>();
  await using chat = startChat(async () => {
    called.resolve();
    await pause.promise;
    return completion("late");
  });
  const answering = chat.post(HELLO);
  await called.promise;
  chat.shutdown.abort();
  const response = await answering;
  equal(response.status, 503);
  equal((await response.json()).error.code, "shutting_down");
  deepEqual((await chat.database.settled()).state, "failed");
  pause.resolve();
});

Deno.test("a host that has stopped begins no upstream call", async () => {
  await using chat = startChat(() => completion("hi"));
  chat.shutdown.abort();
  equal((await chat.post(HELLO)).status, 503);
  equal(chat.upstream.received.length, 0);
  equal((await chat.database.settled()).state, "failed");
});

Deno.test("a turn that does not begin is not settled", async () => {
  await using chat = startChat(() => completion("hi"));
  chat.database.beginTurn = () =>
    Promise.reject(new ApiError("session_busy", "This session is busy with another request."));
  const response = await chat.post(HELLO);
  equal(response.status, 409);
  equal((await response.json()).error.code, "session_busy");
  equal(response.headers.get("x-session-id"), null);
  equal(chat.upstream.received.length, 0);
});

Deno.test("an error in our own code after the turn began settles the turn as failed", async () => {
  await using chat = startChat(() => completion("hi"));
  chat.deps.fetch = () => {
    throw new ReferenceError("oops");
  };
  const response = await chat.post(HELLO);
  equal(response.status, 502);
  match(String((await chat.logged).cause), /oops/);
  equal((await chat.database.settled()).state, "failed");
  await response.body?.cancel();
});
