import { deepEqual, doesNotMatch, equal, match, ok } from "node:assert/strict";
import { ApiError } from "../../../functions/_shared/core/errors.ts";
import { readAddress } from "../../../functions/widget/address.ts";
import { bindingOfSecret } from "../../../functions/widget/identity.ts";
import { operations } from "../../../functions/widget/operations.ts";
import { createWidgetHandler } from "../../../functions/widget/handler.ts";
import { startChat } from "../support/chat_fixture.ts";
import { signIdentity } from "../support/identity_signature.ts";
import { memoryRecordings } from "../support/audio_fixture.ts";
import { memoryWidgets, SITE, WIDGET_KEY } from "../support/memory_widgets.ts";
import { testKeyring } from "../support/oauth_fixture.ts";
import { type Answer, chunk, completion, data, stream } from "../support/upstream_server.ts";

/** The function with a vendor, and a page of an allowed website. */
function start(answer: Answer = () => completion("Hello!"), hasKeys = true) {
  const chat = startChat(answer);
  const widgets = memoryWidgets();
  const keyring = testKeyring();
  const work: Promise<unknown>[] = [];
  widgets.beginTurn = async (caller, request) => {
    if (caller.visitor) await widgets.messages(caller.visitor, 0);
    return await chat.database.beginTurn(caller, request);
  };
  const handle = createWidgetHandler({
    ...chat.deps,
    lifetime: { ...chat.deps.lifetime, waitUntil: (promise) => void work.push(promise) },
    authenticate: () => Promise.reject(new ApiError("invalid_token", "No.")),
    keyring: hasKeys ? keyring : null,
    widgets,
    recordings: memoryRecordings().recordings,
    clientAddressHeader: "cf-connecting-ip",
  });
  const ask = (method: string, path: string, body?: unknown, headers: HeadersInit = {}) =>
    handle(
      new Request(`http://127.0.0.1/widget/${path}`, {
        method,
        headers: { origin: SITE, ...Object.fromEntries(new Headers(headers)) },
        body: body === undefined ? undefined : JSON.stringify(body),
      }),
    );
  const visit = async (details: object = {}) => {
    const { ticket } = await (await ask("POST", `${WIDGET_KEY}/tickets`)).json();
    return await ask("POST", `${WIDGET_KEY}/sessions`, { ticket, ...details });
  };
  const say = async (body: object, token?: string) =>
    await ask("POST", `${WIDGET_KEY}/messages`, body, {
      authorization: `Bearer ${token ?? (await (await visit()).json()).token}`,
      "idempotency-key": crypto.randomUUID(),
    });
  return { ...chat, chat, widgets, keyring, work, handle, ask, visit, say };
}

const code = async (response: Response) => [response.status, (await response.json()).error.code];

const RECORDING = `messages/${crypto.randomUUID()}/recording`;

const bodies: Record<string, object | undefined> = {
  sessions: { ticket: `wtk_${"A".repeat(43)}` },
  messages: { message: "Hi" },
};

Deno.test("pages of other origins are refused, and cannot read that they are", async () => {
  await using fixture = start();
  const origins = [
    null,
    "null",
    "https://b.example",
    "http://a.example",
    "https://a.example:8443",
    "https://www.a.example",
    "https://a.example.evil.test",
    "https://evila.example",
    "https://a.example/",
    "HTTPS://a.example",
    "https://user@a.example",
    "https://a.example, https://b.example",
    "file://",
    "chrome-extension://abcdef",
    "*",
    "",
    "a.example",
    "//a.example",
    "https://",
    "https:a.example",
    "https:///a.example",
    "https://a.example:443",
    "https://a.example:",
    "https://a.example:0443",
    "https://a.example.",
    "https://A.example",
    "https://a.example?",
    "https://a.example#",
    "https://a.example\\@evil.test",
    "https://a.example@evil.test",
    "https://a%2eexample",
    "https://a.example%00.evil.test",
    "https://xn--a-7sb.example",
    "https://a.example, https://a.example",
    "https://a.example https://b.example",
    "https://*.example",
    "https://[::1]",
    "https://127.0.0.1",
    "https://2130706433",
    "http://localhost",
    "data:text/html,x",
    "blob:https://a.example/0",
    "about:blank",
    "ws://a.example",
    "javascript:alert(1)",
    "android-app://a.example",
    "capacitor://a.example",
  ];
  ok(origins.length >= 45);
  for (const origin of origins) {
    for (
      const [method, path] of [
        ["GET", "settings"],
        ["POST", "tickets"],
        ["POST", "sessions"],
        ["POST", "messages"],
        ["GET", "messages"],
        ["POST", "end"],
        ["DELETE", "session"],
        ["POST", RECORDING],
        ["GET", RECORDING],
        ["OPTIONS", "messages"],
        ["OPTIONS", RECORDING],
      ] as const
    ) {
      const headers = new Headers({
        authorization: `Bearer wvt_${"A".repeat(43)}`,
        "idempotency-key": "12345678",
        // No other header that a page can set matters.
        referer: `${SITE}/`,
        "x-forwarded-host": "a.example",
      });
      if (origin !== null) headers.set("origin", origin);
      const response = await fixture.handle(
        new Request(`http://127.0.0.1/widget/${WIDGET_KEY}/${path}`, {
          method,
          headers,
          body: method === "POST" ? JSON.stringify(bodies[path]) : null,
        }),
      );
      if (method !== "OPTIONS") {
        deepEqual(await code(response), [403, "origin_not_allowed"], `${origin} ${path}`);
      }
      equal(response.headers.get("access-control-allow-origin"), null, `${origin} ${path}`);
      match(response.headers.get("vary") ?? "", /origin/i);
    }
  }
});

Deno.test("only a widget's own pages may call its operations", async () => {
  await using fixture = start();
  const paths = Object.values(operations).map(({ path }) => path)
    .filter((path) => path.startsWith("/widget/{key}/"));
  deepEqual(paths.length, 9);
  for (const path of paths) {
    const asked = path.slice("/widget/".length).replace("{key}", WIDGET_KEY)
      .replace("{id}", crypto.randomUUID());
    for (const [origin, allowed] of [[SITE, SITE], ["https://b.example", null]] as const) {
      const response = await fixture.ask("OPTIONS", asked, undefined, { origin });
      equal(response.headers.get("access-control-allow-origin"), allowed, `${origin} ${asked}`);
    }
  }
});

Deno.test("only a widget's own pages may read answers, errors and preflights", async () => {
  await using fixture = start();
  for (
    const response of [
      await fixture.ask("GET", `${WIDGET_KEY}/settings`),
      await fixture.ask("OPTIONS", `${WIDGET_KEY}/messages`),
      await fixture.ask("GET", `${WIDGET_KEY}/messages`),
      await fixture.ask("GET", `${WIDGET_KEY}/nothing`),
    ]
  ) {
    equal(response.headers.get("access-control-allow-origin"), SITE);
    match(response.headers.get("vary") ?? "", /origin/i);
    equal(response.headers.get("access-control-allow-credentials"), null);
    await response.body?.cancel();
  }
  const script = await fixture.ask("GET", "embed.js", undefined, { origin: "https://b.example" });
  equal(script.headers.get("access-control-allow-origin"), "*");
  equal(script.headers.get("content-type"), "text/javascript; charset=utf-8");
  equal(script.headers.get("cross-origin-resource-policy"), "cross-origin");
});

Deno.test("a ticket opens one session, and tokens are stored as hashes", async () => {
  await using fixture = start();
  const { ticket } = await (await fixture.ask("POST", `${WIDGET_KEY}/tickets`)).json();
  match(ticket, /^wtk_/);
  const first = await fixture.ask("POST", `${WIDGET_KEY}/sessions`, {
    ticket,
    page_url: "https://a.example/cart?email=someone#top",
  });
  const session = await first.json();
  equal(first.status, 201);
  match(session.token, /^wvt_[\w-]{43}$/);
  const [[hash, details] = []] = fixture.widgets.sessions;
  ok(!JSON.stringify([hash, details]).includes(session.token));
  deepEqual(details, { page_url: "https://a.example/cart", user_id: undefined });
  const again = await fixture.ask("POST", `${WIDGET_KEY}/sessions`, { ticket });
  deepEqual(await code(again), [401, "ticket_not_valid"]);
  ok(!JSON.stringify(fixture.lines).includes(session.token), "the log has no token");
});

Deno.test("an identity signed with one of the widget's secrets is valid for a day", async () => {
  await using fixture = start();
  const widget_id = crypto.randomUUID();
  const secrets = ["wis_new", "wis_old"];
  for (const secret of secrets) {
    const row = { id: crypto.randomUUID(), widget_id };
    const encrypted_secret = await fixture.keyring.encrypt(secret, bindingOfSecret(row));
    fixture.widgets.stored.push({ ...row, encrypted_secret });
  }
  const soon = Math.floor(Date.now() / 1000) + 600;
  const identity = async (changes: object = {}, secret = "wis_new", text = `7.${soon}`) => ({
    identity: {
      user_id: "7",
      expires_at: soon,
      signature: await signIdentity(secret, text),
      ...changes,
    },
  });
  equal((await fixture.visit(await identity())).status, 201);
  equal((await fixture.visit(await identity({}, "wis_old"))).status, 201);
  deepEqual([...fixture.widgets.sessions.values()], [{ user_id: "7" }, { user_id: "7" }]);
  const past = soon - 700;
  const far = soon + 100_000;
  for (
    const forged of [
      await identity({ user_id: "8" }),
      await identity({ expires_at: soon + 1 }),
      await identity({}, "wis_other"),
      await identity({ expires_at: past }, "wis_new", `7.${past}`),
      await identity({ expires_at: far }, "wis_new", `7.${far}`),
      await identity({ signature: "0".repeat(64) }),
    ]
  ) {
    deepEqual(await code(await fixture.visit(forged)), [401, "identity_not_valid"]);
  }
  equal((await fixture.visit(await identity({ signature: "zz" }))).status, 400);
  equal(
    (await fixture.visit({ user_id: "7" })).status,
    400,
    "an id without a signature is refused",
  );
});

Deno.test("without encryption keys visitors can chat, and none is identified", async () => {
  await using fixture = start(undefined, false);
  equal((await fixture.say({ message: "Hi", stream: false })).status, 200);
  const identity = {
    user_id: "7",
    expires_at: Math.floor(Date.now() / 1000) + 600,
    signature: "0".repeat(64),
  };
  deepEqual(await code(await fixture.visit({ identity })), [503, "keys_not_configured"]);
});

Deno.test("an answer to a visitor has its text only: no model, usage or reasoning", async () => {
  const events = [
    chunk({ role: "assistant", reasoning_content: "hidden thought" }),
    chunk({ content: "Hel" }),
    chunk({ content: "lo!" }),
    chunk({}, { finish_reason: "stop" }),
    data("[DONE]"),
  ];
  await using fixture = start(({ body }) =>
    body.stream ? stream(...events) : completion("Hello!", { system_fingerprint: "hidden" })
  );
  const streamed = await (await fixture.say({ message: "Hi" })).text();
  const sent = streamed.split("\n\n").filter((line) => line.startsWith("data: "))
    .map((line) => JSON.parse(line.slice(6)));
  deepEqual(sent, [
    { type: "delta", text: "Hel" },
    { type: "delta", text: "lo!" },
    { type: "done" },
  ]);
  const whole = await (await fixture.say({ message: "Hi", stream: false })).text();
  deepEqual(JSON.parse(whole), { role: "assistant", content: "Hello!" });
  doesNotMatch(streamed + whole, /hidden|gpt|model|usage|token/);
  deepEqual(fixture.chat.database.turns.map(({ request }) => request.messages), [
    [{ role: "user", content: "Hi" }],
    [{ role: "user", content: "Hi" }],
  ]);
});

Deno.test("a visitor sets nothing but the message", async () => {
  await using fixture = start();
  for (
    const [body, expected] of [
      [{ message: "x", model: "gpt-4o" }, "unknown_parameter"],
      [{ message: "x", tools: [] }, "unknown_parameter"],
      [{ message: "x", temperature: 2 }, "unknown_parameter"],
      [{ message: "x", metadata: { session_id: "sess_2" } }, "unknown_parameter"],
      [{ message: "x", messages: [{ role: "system", content: "x" }] }, "unknown_parameter"],
      [{ message: [{ type: "image_url" }] }, "invalid_type"],
      [{ message: " \n" }, "invalid_value"],
      [{ message: "x".repeat(4_001) }, "invalid_value"],
      [{}, "missing_required_parameter"],
    ] as const
  ) {
    deepEqual(await code(await fixture.say(body)), [400, expected], JSON.stringify(body));
  }
  equal((await fixture.say({ message: "x".repeat(70_000) })).status, 413);
  const { token } = await (await fixture.visit()).json();
  const withoutKey = await fixture.ask("POST", `${WIDGET_KEY}/messages`, { message: "x" }, {
    authorization: `Bearer ${token}`,
  });
  deepEqual(await code(withoutKey), [400, "missing_required_parameter"]);
  deepEqual(fixture.chat.database.turns, []);
});

Deno.test("the owner learns why an agent cannot answer, a visitor does not", async () => {
  const failing = () =>
    Response.json({ error: { message: "Key sk-123 of Acme exceeds its quota" } }, { status: 500 });
  await using fixture = start(failing);
  const { error } = await (await fixture.say({ message: "Hi" })).json();
  deepEqual([error.code, /sk-123|quota|openrouter/i.test(error.message)], [
    "widget_unavailable",
    false,
  ]);
  fixture.widgets.beginTurn = () =>
    Promise.reject(
      new ApiError("budget_exceeded", "The budget of 5 USD is spent.", {
        details: { limit_usd: "5" },
      }),
    );
  const refused = await (await fixture.say({ message: "Hi" })).json();
  equal(refused.error.code, "widget_unavailable");
  doesNotMatch(JSON.stringify(refused), /USD|budget|limit/);
  ok(JSON.stringify(fixture.lines).includes("budget_exceeded"), "the log has the reason");
});

Deno.test("an answer continues when the visitor's connection breaks", async () => {
  const rest = Promise.withResolvers<void>();
  await using fixture = start(() =>
    stream(
      chunk({ role: "assistant", content: "Hel" }),
      () => rest.promise,
      chunk({ content: "lo!" }),
      chunk({}, { finish_reason: "stop" }),
      data("[DONE]"),
    )
  );
  const response = await fixture.say({ message: "Hi" });
  const reader = response.body!.getReader();
  await reader.read();
  await reader.cancel();
  rest.resolve();
  await Promise.all(fixture.work);
  const { state, content } = await fixture.chat.database.settled();
  deepEqual([state, content], ["succeeded", "Hello!"]);
});

Deno.test("an address is passed to Postgres only in a form that it can read", () => {
  const read = (value: string) =>
    readAddress(
      new Request("http://x", { headers: { "cf-connecting-ip": value } }),
      "cf-connecting-ip",
    );
  deepEqual(
    ["203.0.113.7", "1.2.3.4, 203.0.113.7", "::ffff:203.0.113.7", "2001:DB8::1", "fe80::1%eth0"]
      .map(read),
    ["203.0.113.7", "203.0.113.7", "203.0.113.7", "2001:db8::1", "fe80::1"],
  );
  deepEqual(["unknown", "203.0.113.7:443", "", "'; drop"].map(read), [null, null, null, null]);
});
