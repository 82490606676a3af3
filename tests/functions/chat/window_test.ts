import { deepEqual, equal } from "node:assert/strict";
import { fittingMessages } from "../../../functions/_shared/gateway/prepare/fitting_messages.ts";
import { sizeOfMessages, tokensOf } from "../../../functions/_shared/gateway/token_estimate.ts";
import { HELLO, startChat } from "../support/chat_fixture.ts";
import { route } from "../support/memory_database.ts";
import { completion, startUpstream } from "../support/upstream_server.ts";

type Message = { role: string; [field: string]: unknown };

const long = "word ".repeat(80);
const system = { role: "system", content: "Be brief." };
const calls = { role: "assistant", content: null, tool_calls: [{ id: "c1", type: "function" }] };
const result = { role: "tool", tool_call_id: "c1", content: long };
const first = [{ role: "user", content: long }, { role: "assistant", content: "one" }];
const second = [{ role: "user", content: "second" }, calls, result, {
  role: "assistant",
  content: "two",
}];
const third = [{ role: "user", content: "third" }, { role: "assistant", content: long }];
const now = [{ role: "user", content: "now" }];
const whole: Message[] = [system, ...first, ...second, ...third, ...now];

const tokens = (messages: Message[]) =>
  messages.reduce((sum, message) => sum + tokensOf(sizeOfMessages(message)), 0);
const wide = route({ context_window: 10_000_000 });
const fitInto = (
  context_window: number | null,
  messages = whole,
  new_messages = 1,
  limit: number | null = 100,
) => fittingMessages(messages, { new_messages, routes: [wide] }, { context_window }, limit);
const fit = (room: number, messages = whole, count = 1) => fitInto(room + 100, messages, count);

Deno.test("a fallback with a smaller window gets the exchanges that fit, each whole", () => {
  deepEqual(fitInto(null), whole);
  deepEqual(fit(tokens(whole)), whole, "all of it fits");
  deepEqual(fit(tokens(whole) - 1), [system, ...second, ...third, ...now]);
  const withoutFirst = [system, ...second, ...third, ...now];
  deepEqual(fit(tokens(withoutFirst)), withoutFirst);
  deepEqual(fit(tokens(withoutFirst) - 1), [system, ...third, ...now], "a call without its result");
  deepEqual(fit(0), [system, ...now], "what was said now is never dropped");
});

Deno.test("an exchange that does not fit is not replaced by an older one", () => {
  const messages = [{ role: "user", content: "a" }, { role: "user", content: long }, ...now];
  deepEqual(fit(tokens(now) + 20, messages), now);
});

Deno.test("tool calls stay with the results that the request sends for them", () => {
  const messages = [system, ...first, { role: "user", content: long }, calls, result];
  deepEqual(fit(0, messages, 1), [system, { role: "user", content: long }, calls, result]);
});

Deno.test("instructions in the middle of a conversation stay", () => {
  const rule = { role: "developer", content: "In rhymes." };
  deepEqual(fit(0, [...first, rule, ...third, ...now]), [rule, ...now]);
});

Deno.test("an answer without a limit is given room for a thousand tokens", () => {
  const window = tokens(whole) + 1024;
  deepEqual(fitInto(window, whole, 1, null), whole);
  equal(fitInto(window - 1, whole, 1, null).length, whole.length - 2);
});

Deno.test("an image counts as a thousand tokens, whatever its size", () => {
  const image = (bytes: number) => ({
    role: "user",
    content: [{
      type: "image_url",
      image_url: { url: "data:image/png;base64,".padEnd(bytes, "A") },
    }],
  });
  const answer = { role: "assistant", content: "A cat." };
  const room = tokens([image(4096), answer, ...now]);
  const messages = [image(1_200_000), answer, ...now];
  deepEqual(fit(room, messages), messages);
  deepEqual(fit(room - 1, messages), now);
});

Deno.test("each route is given what fits its own model", async () => {
  await using small = startUpstream(() => completion("hi"));
  await using chat = startChat(() => new Response(null, { status: 500 }), {
    limits: { attempts: 2 },
    turn: { messages: [...whole.slice(0, -1), ...HELLO.messages] },
  });
  const begin = chat.database.beginTurn;
  chat.database.beginTurn = async (...given) => {
    const turn = await begin(...given);
    if ("routes" in turn) {
      turn.routes = [
        route({ base_url: chat.upstream.baseUrl, context_window: 100_000 }),
        route({ base_url: small.baseUrl, context_window: 1_024 + 200 }),
      ];
    }
    return turn;
  };
  equal((await chat.post(HELLO)).status, 200);
  equal(chat.upstream.received[0]?.body.messages.length, whole.length);
  deepEqual(small.received[0]?.body.messages, [system, ...third, ...HELLO.messages]);
});

Deno.test("an instruction that the session has already does not make an old message new", async () => {
  const routes = [wide, route({ context_window: 1_024 + 50 })];
  const turn = { messages: [system, ...third, ...HELLO.messages], new_messages: 1, routes };
  await using chat = startChat(() => completion("hi"), { turn, limits: { attempts: 2 } });
  routes[1]!.base_url = chat.upstream.baseUrl;
  equal((await chat.post({ ...HELLO, messages: [system, ...HELLO.messages] })).status, 200);
  deepEqual(chat.upstream.received[0]?.body.messages, [system, ...HELLO.messages]);
});
