import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { createOpenAI } from "@ai-sdk/openai";
import Anthropic from "@anthropic-ai/sdk";
import { generateText, type ModelMessage } from "ai";
import OpenAI from "openai";
import { ENDLESS, thinkAndAdd } from "../functions/support/adding_vendor.ts";
import { makeKey } from "./support/access_keys.ts";
import { eventually, type Person, signUp, stack } from "./support/stack.ts";
import { type OwnVendor, startVendor } from "./support/vendor.ts";

/* What a response is kept as, and for whom. */

/** The question and roles that the vendor received in its latest call. */
function given({ upstream }: OwnVendor): string[] {
  const messages: { role: string; content: unknown }[] = upstream.received.at(-1)?.body.messages;
  return messages.map(({ role, content }) => role === "user" ? String(content) : role);
}

async function turnStates({ supabase }: Person): Promise<(string | null)[]> {
  const { data } = await supabase.from("ai_interactions").select("turn_state").order("started_at");
  return (data ?? []).map(({ turn_state }) => turn_state);
}

Deno.test("a response is read again, listed, continued from any point, and deleted", async () => {
  await using vendor = await startVendor(thinkAndAdd);
  const alice = await signUp("alice");
  const { responses } = alice.openai;
  const ask = (input: string, previous_response_id?: string) =>
    responses.create({ model: vendor.model, input, previous_response_id });
  const one = await ask("one");
  const two = await ask("two", one.id);
  const other = await ask("another two", one.id);
  deepEqual(given(vendor), ["one", "assistant", "another two"]);
  await ask("three", two.id);
  deepEqual(given(vendor), ["one", "assistant", "two", "assistant", "three"]);

  const again = await responses.retrieve(two.id);
  deepEqual([again.id, again.output, again.usage, again.previous_response_id], [
    two.id,
    two.output,
    two.usage,
    one.id,
  ]);
  const listed = await responses.inputItems.list(two.id, { order: "asc", limit: 2 });
  const all = await Array.fromAsync(listed);
  // The input items of a response include those of earlier responses.
  deepEqual(all.map((item) => "role" in item && item.role), ["user", "assistant", "user"]);

  await responses.delete(other.id);
  await rejects(responses.retrieve(other.id), OpenAI.NotFoundError);
  await rejects(ask("four", other.id), (error) => {
    ok(error instanceof OpenAI.BadRequestError);
    deepEqual([error.code, error.param], ["previous_response_not_found", "previous_response_id"]);
    return true;
  });
  deepEqual(await turnStates(alice), Array(4).fill("succeeded"));
});

Deno.test("an owner can refer to items by their ids, as the AI SDK does", async () => {
  await using vendor = await startVendor(thinkAndAdd);
  const [alice, eve] = [await signUp("alice"), await signUp("eve")];
  const { model } = vendor;
  const { output } = await alice.openai.responses.create({ model, input: "one" });
  const referring = {
    model,
    input: [
      { role: "user" as const, content: "one" },
      ...output.map(({ id }) => ({ type: "item_reference" as const, id: String(id) })),
      { role: "user" as const, content: "two" },
    ],
  };
  await alice.openai.responses.create(referring);
  deepEqual(given(vendor), ["one", "assistant", "two"]);
  await rejects(eve.openai.responses.create(referring), (error) => {
    ok(error instanceof OpenAI.BadRequestError);
    return error.param === "input[2]";
  });

  const openai = createOpenAI({ baseURL: stack.FUNCTIONS_URL, apiKey: alice.accessToken });
  const messages: ModelMessage[] = [{ role: "user", content: "Hello." }];
  const first = await generateText({ model: openai(model), messages });
  messages.push(...first.response.messages, { role: "user", content: "Again." });
  equal((await generateText({ model: openai(model), messages })).text, "Hello.");
  deepEqual(given(vendor), ["Hello.", "assistant", "Again."]);
});

Deno.test("another user's response is not found by any operation", async () => {
  await using vendor = await startVendor(thinkAndAdd);
  const [alice, eve] = [await signUp("alice"), await signUp("eve")];
  const model = vendor.model;
  const { id } = await alice.openai.responses.create({ model, input: "Between us." });
  const { responses } = eve.openai;
  const unknown = `resp_${"0".repeat(32)}`;
  for (
    const ask of [
      (of: string) => responses.retrieve(of),
      (of: string) => responses.retrieve(of, { stream: true }),
      (of: string) => responses.inputItems.list(of),
      (of: string) => responses.cancel(of),
      (of: string) => responses.delete(of),
      (of: string) => responses.create({ model, input: "And?", previous_response_id: of }),
    ]
  ) {
    const answers = await Promise.all([id, unknown].map((of) => ask(of).catch((error) => error)));
    const [hers, none] = answers.map(({ status, code, message }) => [
      status,
      code,
      message.replace(id, unknown),
    ]);
    deepEqual(hers, none);
    equal(hers?.[0], hers?.[1] === "previous_response_not_found" ? 400 : 404);
  }
  equal((await alice.openai.responses.retrieve(id)).output_text, "Hello.");
});

Deno.test("a background response can be polled, resumed and cancelled", async () => {
  await using vendor = await startVendor(thinkAndAdd);
  const alice = await signUp("alice");
  const { responses } = alice.openai;
  const background = { model: vendor.model, background: true };
  const queued = await responses.create({ ...background, input: "hello" });
  equal(queued.status, "queued");
  const done = await eventually(
    () => responses.retrieve(queued.id),
    ({ status }) => status === "completed",
  );
  deepEqual([done.output_text, done.usage?.total_tokens], ["Hello.", 18]);

  const events: OpenAI.Responses.ResponseStreamEvent[] = [];
  for await (const event of await responses.retrieve(queued.id, { stream: true })) {
    events.push(event);
  }
  const from = Math.floor(events.length / 2);
  const rest = await responses.retrieve(queued.id, { stream: true, starting_after: from });
  deepEqual(await Array.fromAsync(rest), events.slice(from + 1));
  equal(events.at(-1)?.type, "response.completed");

  const endless = await responses.create({ ...background, input: ENDLESS });
  await eventually(() => Promise.resolve(vendor.upstream.received.length), (calls) => calls === 2);
  equal((await responses.cancel(endless.id)).status, "cancelled");
  await vendor.upstream.dropped;
  equal((await responses.retrieve(endless.id)).status, "cancelled");
  await eventually(() => turnStates(alice), (states) => states[1] === "partial");
});

Deno.test("an exhausted budget stops a client of /responses and /messages at its first call", async () => {
  await using vendor = await startVendor(thinkAndAdd);
  const alice = await signUp("alice");
  const budget = { limit_usd: "0.0000000001", period: "month" };
  const { secret } = await makeKey(alice, { budget });
  let calls = 0;
  const counting: typeof fetch = (input, init) => {
    calls++;
    return fetch(input, init);
  };
  const access = { apiKey: secret, fetch: counting };
  const openai = new OpenAI({ ...access, baseURL: stack.FUNCTIONS_URL });
  const refused = await openai.responses.create({ model: vendor.model, input: "hello" })
    .catch((error) => error);
  ok(refused instanceof OpenAI.APIError);
  equal(refused.type, "insufficient_quota");
  match(refused.message, /budget/);
  const anthropic = new Anthropic({
    ...access,
    baseURL: stack.FUNCTIONS_URL.replace(/\/v1$/, ""),
  });
  const messages = [{ role: "user" as const, content: "hello" }];
  const asked = { model: vendor.model, max_tokens: 100, messages };
  await rejects(anthropic.messages.create(asked), { status: 402, type: "billing_error" });
  equal(calls, 2);
  ok((await anthropic.messages.countTokens({ model: vendor.model, messages })).input_tokens > 0);
  equal(vendor.upstream.received.length, 0);
});
