import { deepEqual, doesNotMatch, equal, match } from "node:assert/strict";
import { HELLO, startChat, VENDOR_KEY } from "../support/chat_fixture.ts";
import { route } from "../support/memory_database.ts";
import { type Answer, chunk, completion, data, stream } from "../support/upstream_server.ts";

const failing = (status: number, error: unknown, headers: HeadersInit = {}): Answer => () =>
  Response.json({ error }, { status, headers });

const hostile = `bad\u001b[31m key ${VENDOR_KEY} sk-proj-abcdefgh1234\n\u202Eleft ${
  "x".repeat(9999)
}`;

/** Errors that are reported in a response with status 200, or by an incomplete response. */
function reportedCases(): Record<string, [answer: Answer, status: number, code: string]> {
  const reported = (error: object): Answer => () => Response.json({ error });
  const broken = (choice: object): Answer => () =>
    completion("", { choices: [{ index: 0, message: { role: "assistant" }, ...choice }] });
  return {
    "code 400 in a 200": [
      reported({ message: "no such tool", code: 400 }),
      400,
      "upstream_rejected_request",
    ],
    "code 413 in a 200": [
      reported({ message: "big", code: 413 }),
      400,
      "upstream_rejected_request",
    ],
    "a long context in a 200": [
      reported({ message: "long", code: "context_length_exceeded" }),
      400,
      "context_length_exceeded",
    ],
    "code 401 in a 200": [
      reported({ message: hostile, code: 401 }),
      502,
      "upstream_credential_rejected",
    ],
    "code 402 in a 200": [
      reported({ message: hostile, code: "402" }),
      502,
      "upstream_credential_rejected",
    ],
    "code 404 in a 200": [reported({ message: "no model", code: 404 }), 502, "upstream_error"],
    "code 429 in a 200": [reported({ message: "slow", code: 429 }), 429, "rate_limit_exceeded"],
    "an error in a choice": [
      (received) =>
        received.body.stream
          ? stream(data({ choices: [{ delta: {}, error: { message: hostile, code: 502 } }] }))
          : broken({ error: { message: hostile, code: 502 } })(received),
      502,
      "upstream_error",
    ],
    'the reason "error"': [
      (received) =>
        received.body.stream
          ? stream(chunk({ content: "" }, { finish_reason: "error" }))
          : broken({ finish_reason: "error" })(received),
      502,
      "upstream_error",
    ],
    'the reason "insufficient_system_resource"': [
      (received) =>
        received.body.stream
          ? stream(chunk({}, { finish_reason: "insufficient_system_resource" }))
          : broken({ finish_reason: "insufficient_system_resource" })(received),
      502,
      "upstream_error",
    ],
  };
}

const mapped: Record<string, [answer: Answer, status: number, code: string]> = {
  "400": [failing(400, { message: "no such tool" }), 400, "upstream_rejected_request"],
  "400 for the context": [
    failing(400, { message: "too long", code: "context_length_exceeded" }),
    400,
    "context_length_exceeded",
  ],
  "401": [failing(401, { message: hostile }), 502, "upstream_credential_rejected"],
  "402": [failing(402, { message: hostile, code: 402 }), 502, "upstream_credential_rejected"],
  "403": [failing(403, { message: hostile }), 502, "upstream_credential_rejected"],
  "404": [failing(404, { message: "no such model" }), 502, "upstream_error"],
  "408": [failing(408, { message: "slow" }), 504, "upstream_timeout"],
  "422": [failing(422, { message: "no such field" }), 400, "upstream_rejected_request"],
  "429": [failing(429, { message: "slow down" }), 429, "rate_limit_exceeded"],
  "500": [failing(500, { message: hostile }), 502, "upstream_error"],
  "503": [failing(503, "overloaded"), 502, "upstream_error"],
  "529": [failing(529, { message: "overloaded" }), 502, "upstream_error"],
  "a redirect": [
    () => new Response(null, { status: 307, headers: { location: "http://127.0.0.1:1/" } }),
    502,
    "upstream_error",
  ],
  "204": [() => new Response(null, { status: 204 }), 502, "upstream_error"],
  "an error in a 200": [
    () => completion("", { error: { message: hostile, code: 502 } }),
    502,
    "upstream_error",
  ],
  ...reportedCases(),
  "a page": [
    () => new Response("<html>Bad gateway</html>", { status: 502 }),
    502,
    "upstream_error",
  ],
};

for (const [what, [answer, status, code]] of Object.entries(mapped)) {
  for (const streaming of [false, true]) {
    const mode = streaming ? "asked for a stream" : "asked for one answer";
    Deno.test(`an upstream ${mode} that answers ${what} makes a ${status}`, async () => {
      await using chat = startChat(answer);
      const response = await chat.post({ ...HELLO, stream: streaming });
      const { error } = await response.json();
      deepEqual([response.status, error.code], [status, code]);
      doesNotMatch(
        JSON.stringify(error) + JSON.stringify(await chat.logged),
        /5f1e0c7d9b|sk-proj-abc/,
      );
      equal(response.headers.get("x-session-id"), chat.database.turns[0]?.turn.session_id);
      const outcome = await chat.database.settled();
      deepEqual([outcome.state, outcome.error?.code, outcome.content, outcome.usage], [
        "failed",
        code,
        null,
        null,
      ]);
      const [attempt] = outcome.attempts;
      deepEqual([attempt?.status, attempt?.error_code], ["failed", code]);
      equal(chat.upstream.received.length, 1, "one attempt");
      equal(chat.database.turns[0]?.outcomes.length, 1, "settled once");
    });
  }
}

Deno.test("a refusal quotes the vendor's message, sanitized", async () => {
  await using chat = startChat(failing(400, { message: hostile.replace(VENDOR_KEY, "of") }));
  const { error } = await (await chat.post(HELLO)).json();
  match(error.message, /rejects the request: bad \[31m key of \[redacted\] left x+$/);
  equal(error.message.length < 600, true);
});

for (const quote of [VENDOR_KEY, VENDOR_KEY.slice(4), btoa(VENDOR_KEY)]) {
  Deno.test(`a refusal that quotes the server's own credential is not repeated: ${quote}`, async () => {
    const refuse = failing(400, { message: `Not with ${quote}, please` });
    for (const path of ["post", "embed", "stream"] as const) {
      await using chat = startChat(refuse);
      const body = path === "embed" ? { input: "hi" } : { ...HELLO, stream: path === "stream" };
      const response = await (path === "embed" ? chat.embed(body) : chat.post(body));
      equal(response.status, 400);
      const { error } = await response.json();
      match(
        error.message,
        /rejects the request: its explanation quotes the key, and is left out\.$/,
      );
      doesNotMatch(JSON.stringify([await chat.database.settled(), await chat.logged]), /Not with/);
    }
  });
}

const half = VENDOR_KEY.slice(-9);
const passedOn: Record<string, Answer> = {
  "an error status": failing(500, { message: `no ${half}` }),
  "an error in a 200": () => completion("", { error: { message: `no ${half}` } }),
  "an error in a stream": () => stream(data({ error: { message: `no ${half}` } })),
  "a late error in a stream": () =>
    stream(chunk({ content: "hi" }), data({ error: { message: `no ${half}`, code: 429 } })),
  "its content type": () =>
    new Response("hi", { headers: { "content-type": `text/${half.replace(" ", "")}` } }),
};
for (const [what, answer] of Object.entries(passedOn)) {
  Deno.test(`a credential that is quoted in ${what} reaches neither caller nor log`, async () => {
    for (const streaming of [false, true]) {
      await using chat = startChat(answer);
      const said = await (await chat.post({ ...HELLO, stream: streaming })).text();
      const places = [said, await chat.database.settled(), chat.lines, await chat.logged];
      doesNotMatch(JSON.stringify(places), /1e0c7d9b/);
    }
  });
}

const quoting = { message: 'cannot read "my diary"', code: "no_such_thing", param: "my diary" };

for (const status of [200, 400, 401, 403, 404, 422, 429, 500, 503]) {
  Deno.test(`a vendor's message in a ${status} is shown to the caller at most, and neither stored nor logged`, async () => {
    await using chat = startChat(failing(status, quoting));
    const { error } = await (await chat.post(HELLO)).json();
    equal(error.message.includes("my diary"), [400, 422].includes(status));
    const outcome = await chat.database.settled();
    const logged = JSON.stringify(await chat.logged);
    doesNotMatch(logged + JSON.stringify(outcome), /diary/);
    match(logged, new RegExp(`upstream: ${status} no_such_thing `));
    equal(outcome.error?.code, error.code);
    match(outcome.error?.message ?? "", /vendor/);
    equal(outcome.attempts[0]?.error_message, outcome.error?.message);
  });
}

for (const code of ["the caller's own words", "SK-12345", "x".repeat(65), { a: 1 }, null]) {
  Deno.test(`a vendor's error code that is not a plain word is not logged: ${JSON.stringify(code)}`, async () => {
    await using chat = startChat(failing(500, { message: "x", code }));
    await (await chat.post(HELLO)).body?.cancel();
    match(JSON.stringify(await chat.logged), /"Error: upstream: 500 \|/);
  });
}

Deno.test("a vendor's error in the middle of an answer is neither stored nor logged", async () => {
  await using chat = startChat(() => stream(chunk({ content: "hel" }), data({ error: quoting })));
  await (await chat.post({ ...HELLO, stream: true })).text();
  const outcome = await chat.database.settled();
  equal(outcome.state, "partial");
  doesNotMatch(JSON.stringify([outcome, await chat.logged]), /diary/);
});

Deno.test("the vendor's retry-after is passed on if it is valid", async () => {
  const limited = failing(429, { message: "x" }, { "retry-after": "7", "retry-after-ms": "6500" });
  await using chat = startChat(limited);
  const response = await chat.post(HELLO);
  equal(response.headers.get("retry-after"), "7");
  equal(response.headers.get("retry-after-ms"), "6500");
  await response.body?.cancel();

  await using odd = startChat(failing(429, { message: "x" }, { "retry-after": "soon; x" }));
  const other = await odd.post(HELLO);
  equal(other.headers.get("retry-after"), null);
  await other.body?.cancel();
});

Deno.test("a vendor that cannot be reached is a 502", async () => {
  const turn = { routes: [route()] };
  await using chat = startChat(() => completion("never"), { turn });
  const response = await chat.post(HELLO);
  equal(response.status, 502);
  equal((await response.json()).error.code, "upstream_unreachable");
  const outcome = await chat.database.settled();
  deepEqual([outcome.state, outcome.attempts[0]?.upstream_status], ["failed", null]);
});

for (const streaming of [false, true]) {
  Deno.test(`a vendor that does not answer is a 504 (stream: ${streaming})`, async () => {
    await using chat = startChat(
      (_received) => new Promise((resolve) => setTimeout(resolve, 300, completion("late"))),
      {
        limits: { firstByteMs: 50 },
      },
    );
    const response = await chat.post({ ...HELLO, stream: streaming });
    equal(response.status, 504);
    equal((await response.json()).error.code, "upstream_timeout");
    const { state, attempts } = await chat.database.settled();
    equal(state, "failed");
    equal(attempts[0]?.counts_against_agent, streaming, "an answer in one piece may be long");
  });
}

for (
  const [timeout_ms, firstByteMs, status] of [
    [50, 60_000, 504],
    [60_000, 50, 504],
    [60_000, 60_000, 200],
  ] as const
) {
  Deno.test(`an agent waits ${timeout_ms} ms where the platform waits ${firstByteMs} ms: ${status}`, async () => {
    await using chat = startChat(
      (_received) => new Promise((resolve) => setTimeout(resolve, 500, completion("late"))),
      { limits: { firstByteMs } },
    );
    chat.turn = { defaults: { temperature: null, max_tokens: null, timeout_ms } };
    const response = await chat.post(HELLO);
    const answer = await response.text();
    equal(response.status, status, answer);
    equal((await chat.database.settled()).state, status === 200 ? "succeeded" : "failed");
  });
}

for (const credential of ["platform", "shared", "own"] as const) {
  Deno.test(`a failing vendor counts against the agent, unless the caller's own key is used (${credential})`, async () => {
    await using chat = startChat(() => Response.json({}, { status: 500 }));
    const encrypted_key = "v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA";
    const keys = [{ id: "k", user_id: "u", vendor_id: "openrouter", encrypted_key }];
    chat.route = { credential, keys };
    chat.deps.decryptKey = () => Promise.resolve("sk");
    await (await chat.post(HELLO)).body?.cancel();
    const { attempts: [attempt] } = await chat.database.settled();
    equal(attempt?.counts_against_agent, credential !== "own");
  });
}

for (
  const code of [
    "content_filter",
    "content_policy_violation",
    "invalid_prompt",
    "context_length_exceeded",
  ]
) {
  Deno.test(`a refusal in a 200 is the caller's fault: ${code}`, async () => {
    await using chat = startChat(() => Response.json({ error: { message: "no", code } }));
    equal((await chat.post(HELLO)).status, 400);
    const { attempts } = await chat.database.settled();
    deepEqual(attempts.map((attempt) => attempt.counts_against_agent), [false]);
  });
}

Deno.test("a stream that begins with an error still gets a status", async () => {
  const reported = data({ error: { message: hostile, code: 503 } });
  await using chat = startChat(() => stream(": PROCESSING\n\n", reported));
  const response = await chat.post({ ...HELLO, stream: true });
  equal(response.status, 502);
  const { error } = await response.json();
  equal(error.code, "upstream_error");
  equal((await chat.database.settled()).usage, null, "nothing was said, nothing is billed");
});

Deno.test("a stream that begins with an error is settled once", async () => {
  await using chat = startChat(() => stream(data({ error: "overloaded" })));
  await (await chat.post({ ...HELLO, stream: true })).body?.cancel();
  equal(chat.database.turns[0]?.outcomes.length, 1);
});

Deno.test("a stream that ends before its first chunk is a 502", async () => {
  await using chat = startChat(() => stream(": PROCESSING\n\n", data("[DONE]")));
  const response = await chat.post({ ...HELLO, stream: true });
  equal(response.status, 502);
  equal((await response.json()).error.code, "upstream_interrupted");
});

Deno.test("a whole answer that turns out to be half a stream is a 502", async () => {
  await using chat = startChat(() => stream(chunk({ content: "hi" })));
  const response = await chat.post(HELLO);
  equal(response.status, 502);
  equal((await response.json()).error.code, "upstream_interrupted");
});

Deno.test("an endless answer is given up", async () => {
  const endless = () => {
    const bytes = new Uint8Array(64 * 1024).fill(97);
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(bytes),
    });
    return new Response(body, { headers: { "content-type": "application/json" } });
  };
  await using chat = startChat(endless, { limits: { upstreamBytes: 1024 * 1024 } });
  const response = await chat.post(HELLO);
  equal(response.status, 502);
  equal((await response.json()).error.code, "upstream_invalid_response");
  await chat.upstream.dropped;
});

for (const streaming of [false, true]) {
  Deno.test(`a refusal in a 200 is neither retried nor the vendor's fault (stream: ${streaming})`, async () => {
    const refusal = { error: { message: "no such tool", code: 400 } };
    await using chat = startChat(() => Response.json(refusal), { limits: { attempts: 3 } });
    const response = await chat.post({ ...HELLO, stream: streaming });
    match((await response.json()).error.message, /rejects the request: no such tool/);
    const { attempts } = await chat.database.settled();
    deepEqual(attempts.map(({ counts_against_agent }) => counts_against_agent), [false]);
  });
}

Deno.test("an answer that is not a stream and reports no error is not waited for", async () => {
  const endless = new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(64 * 1024).fill(32)),
  });
  await using chat = startChat(() =>
    new Response(endless, { headers: { "content-type": "application/json" } })
  );
  const response = await chat.post({ ...HELLO, stream: true });
  equal((await response.json()).error.code, "upstream_invalid_response");
  await chat.upstream.dropped;
});
