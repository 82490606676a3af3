import { deepEqual, equal } from "node:assert/strict";
import { z } from "zod";
import { askedWhole, type EchoBody, echoFormat } from "../support/echo_format.ts";
import { runTurn } from "../../../functions/_shared/gateway/run_turn.ts";
import type { Operations } from "../../../functions/_shared/http/operation.ts";
import { respond } from "../../../functions/_shared/http/respond.ts";
import {
  type ChatFixture,
  chatRequest,
  startChat,
  USER_ID,
  VENDOR_KEY,
} from "../support/chat_fixture.ts";
import { data, stream } from "../support/upstream_server.ts";

/*
 * An endpoint that no vendor has, made of nothing but a wire format and a handler: everything else is
 * the real pipeline, with a database in memory and an upstream on loopback.
 */

const operations = {
  echo: {
    method: "POST",
    path: "/echo",
    summary: "Say the same",
    audience: "caller",
    answers: { status: 200, schema: z.object({ said: z.string() }), stream: true },
    errors: [],
  },
} satisfies Operations;

function echo(
  chat: ChatFixture,
  body: EchoBody,
  headers: Record<string, string> = {},
): Promise<Response> {
  return respond(
    chatRequest(body, headers, "/echo"),
    "echo",
    operations,
    {
      echo: (request, context) =>
        runTurn(request, { userId: USER_ID }, echoFormat, context, chat.deps),
    },
    chat.deps,
    echoFormat.errors,
  );
}

Deno.test("a wire format answers whole through the pipeline", async () => {
  await using chat = startChat(() => Response.json({ echo: "hello", usage: { prompt_tokens: 3 } }));
  const response = await echo(chat, { say: "hello" });
  deepEqual([response.status, await response.json()], [200, { said: "hello" }]);
  const [call] = chat.upstream.received;
  deepEqual([call?.path, call?.body], ["/v1/echo", { model: "openai/gpt-4o", text: "hello" }]);
  equal(call?.headers.get("authorization"), `Bearer ${VENDOR_KEY}`);
  const { state, content, usage, attempts } = await chat.database.settled();
  deepEqual([state, content, usage?.input_tokens, attempts.length], ["succeeded", "hello", 3, 1]);
  deepEqual(chat.database.turns[0]?.request.messages, askedWhole("hello"));
});

Deno.test("a wire format streams through the pipeline", async () => {
  await using chat = startChat(() => stream(data("hel"), data("lo"), data("END")));
  const response = await echo(chat, { say: "hello", stream: true });
  equal(await response.text(), "data: hel\n\ndata: lo\n\ndata: .\n\n");
  const { state, content, usage } = await chat.database.settled();
  deepEqual([state, content, usage?.estimated], ["succeeded", "hello", true]);
});

Deno.test("a stream of a wire format that breaks off is partial, and says so in the format's way", async () => {
  await using chat = startChat(() => stream(data("hel")));
  const response = await echo(chat, { say: "hello", stream: true });
  equal(await response.text(), "data: hel\n\ndata: !upstream_interrupted\n\n");
  deepEqual((await chat.database.settled()).state, "partial");
});

Deno.test("a failed call of a wire format is repeated, and what it refuses is a 400", async () => {
  let calls = 0;
  const limits = { attempts: 2, backoffMs: 1 };
  await using chat = startChat(() => {
    calls++;
    return calls === 1 ? new Response("", { status: 500 }) : Response.json({ echo: "hello" });
  }, { limits });
  equal((await echo(chat, { say: "hello" })).status, 200);
  equal((await chat.database.settled()).attempts.length, 2);
  const refused = await echo(chat, { say: "" });
  deepEqual(await refused.json(), { failed: "invalid_value", param: "say" });
  deepEqual([refused.status, chat.database.refused], [400, 1]);
});

Deno.test("a repeated request of a wire format is answered with what was stored", async () => {
  await using chat = startChat(() => Response.json({ echo: "hello" }));
  const headers = { "idempotency-key": "once" };
  await echo(chat, { say: "hello" }, headers);
  const { answer } = await chat.database.settled();
  deepEqual(answer, { said: "hello" });
  chat.database.replay = { replay: answer ?? {}, turn_id: crypto.randomUUID() };
  const replayed = await echo(chat, { say: "hello" }, headers);
  deepEqual(await replayed.json(), { said: "hello" });
  equal(replayed.headers.get("idempotent-replayed"), "true");
  equal(chat.upstream.received.length, 1);
});
