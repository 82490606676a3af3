import { deepEqual, equal, ok } from "node:assert/strict";
import Anthropic from "@anthropic-ai/sdk";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, jsonSchema, type ModelMessage, stepCountIs, tool } from "ai";
import type OpenAI from "openai";
import { pathInProject } from "../../scripts/common/path-in-project.ts";
import { type OwnVendor, startVendor } from "./support/vendor.ts";
import { eventually, type Person, signUp, stack } from "./support/stack.ts";

/** A message that a vendor received. */
interface Given {
  role: string;
  content: unknown;
  tool_calls?: unknown[];
}

/** The messages of the vendor's latest call. */
function given({ upstream }: OwnVendor): Given[] {
  // SAFETY: the gateway has sent a list of messages.
  return upstream.received.at(-1)!.body.messages as unknown as Given[];
}

const call = {
  id: "call_1",
  type: "function",
  function: { name: "add", arguments: '{"b":2, "a":1}' },
};

/** A vendor that answers with a counter, or calls a tool first; a message costs ten tokens. */
async function startCountingVendor(usesTool = false): Promise<OwnVendor> {
  let answers = 0;
  return await startVendor(({ body }) => {
    // SAFETY: the gateway has sent a list of messages.
    const messages = body.messages as unknown as Given[];
    const calls = usesTool && messages.at(-1)?.role === "user";
    const message = calls
      ? { role: "assistant", content: null, tool_calls: [call] }
      : { role: "assistant", content: `answer ${++answers}` };
    return Response.json({
      id: "chatcmpl-1",
      object: "chat.completion",
      created: 1,
      model: "m",
      choices: [{ index: 0, message, finish_reason: calls ? "tool_calls" : "stop" }],
      usage: {
        prompt_tokens: 10 * messages.length,
        completion_tokens: 5,
        total_tokens: 10 * messages.length + 5,
      },
    });
  });
}

/** The sessions of a person and their messages, as the person reads them. */
async function sessionsOf({ supabase }: Person) {
  const { data } = await supabase.from("chat_sessions")
    .select("title, message_count, conversation_history").order("created_at");
  return data ?? [];
}

type Say = (turn: number) => Promise<number>;
type Chat = OpenAI.ChatCompletionMessageParam;

/** A client that sends only new messages, or all of them, with or without a session id. */
function chatting({ openai }: Person, model: string, sendsAll: boolean, sendsId: boolean): Say {
  const messages: Chat[] = [];
  let session: string | null = null;
  return async (turn) => {
    messages.push({ role: "user", content: `question ${turn}` });
    const { data, response } = await openai.chat.completions.create(
      { model, messages: sendsAll ? messages : messages.slice(-1) },
      { headers: sendsId && session ? { "x-session-id": session } : {} },
    ).withResponse();
    session = response.headers.get("x-session-id");
    messages.push(data.choices[0]!.message);
    return data.usage!.prompt_tokens;
  };
}

function responding({ openai }: Person, model: string): Say {
  let previous: string | null = null;
  return async (turn) => {
    const response = await openai.responses.create({
      model,
      input: `question ${turn}`,
      previous_response_id: previous,
    });
    previous = response.id;
    return response.usage!.input_tokens;
  };
}

/** Anthropic's client, which does not support sessions. */
function messaging({ accessToken }: Person, model: string): Say {
  const baseURL = stack.FUNCTIONS_URL.replace(/\/v1$/, "");
  const anthropic = new Anthropic({ baseURL, apiKey: accessToken });
  const messages: Anthropic.MessageParam[] = [];
  return async (turn) => {
    messages.push({ role: "user", content: `question ${turn}` });
    const { content, usage } = await anthropic.messages.create({
      model,
      max_tokens: 100,
      messages,
    });
    messages.push({ role: "assistant", content });
    return usage.input_tokens;
  };
}

/** The rows of the table in docs/decisions/conversations.md: for each way, its cells as numbers. */
const printed = new Map(
  (await Deno.readTextFile(pathInProject("docs/decisions/conversations.md"))).split("\n")
    .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()))
    .map(([way = "", ...cells]) => [way.replaceAll("`", ""), cells.map(Number)]),
);

const WAYS: Record<string, (person: Person, model: string) => Say> = {
  "new messages, with the session id": (person, model) => chatting(person, model, false, true),
  "all messages, with the session id": (person, model) => chatting(person, model, true, true),
  "all messages, without it": (person, model) => chatting(person, model, true, false),
  "previous_response_id": responding,
  "all messages, by /messages": messaging,
};

for (const [way, start] of Object.entries(WAYS)) {
  Deno.test(`eight turns cost their own history, and are one session: ${way}`, async () => {
    await using vendor = await startCountingVendor();
    const ann = await signUp("ann");
    const say = start(ann, vendor.model);
    const tokens: number[] = [];
    for (let turn = 1; turn <= 8; turn++) tokens.push(await say(turn));
    const sessions = await eventually(
      () => sessionsOf(ann),
      ([session]) => session?.message_count === 16,
    );
    deepEqual(sessions.map(({ title, message_count }) => [title, message_count]), [[
      "question 1",
      16,
    ]]);
    deepEqual([...tokens, sessions.length, sessions[0]?.message_count], printed.get(way));
    deepEqual(tokens, [10, 30, 50, 70, 90, 110, 130, 150]);
  });
}

for (const sendsId of [true, false]) {
  Deno.test(`runTools() is one conversation, with every message once (session id: ${sendsId})`, async () => {
    await using vendor = await startCountingVendor(true);
    const ann = await signUp("ann");
    const headers: Record<string, string> = {};
    if (sendsId) {
      const { data, error } = await ann.supabase.from("chat_sessions").insert({ title: "Sums" })
        .select("session_id").single();
      equal(error, null);
      headers["x-session-id"] = data!.session_id;
    }
    let messages: Chat[] = [];
    for (const question of ["What is 1 + 2?", "Once more."]) {
      messages.push({ role: "user", content: question });
      const runner = ann.openai.chat.completions.runTools({
        model: vendor.model,
        messages,
        tools: [{
          type: "function",
          function: {
            name: "add",
            description: "Adds.",
            parameters: { type: "object", properties: {} },
            parse: JSON.parse,
            function: ({ a, b }: { a: number; b: number }) => String(a + b),
          },
        }],
      }, { headers });
      await runner.done();
      messages = runner.messages;
    }
    const roles = ["user", "assistant", "tool", "assistant", "user", "assistant", "tool"];
    deepEqual(given(vendor).map(({ role }) => role), roles);
    const [session, ...others] = await sessionsOf(ann);
    deepEqual([session?.message_count, others.length], [8, 0]);
    equal(session?.conversation_history.length, 8);
  });
}

Deno.test("generateText() with tools is one conversation over its steps and turns", async () => {
  await using vendor = await startCountingVendor(true);
  const ann = await signUp("ann");
  const provider = createOpenAICompatible({
    name: "agentbase",
    baseURL: stack.FUNCTIONS_URL,
    apiKey: ann.accessToken,
  });
  const add = tool({
    description: "Adds.",
    inputSchema: jsonSchema<{ a: number; b: number }>({ type: "object", properties: {} }),
    execute: ({ a, b }) => a + b,
  });
  let messages: ModelMessage[] = [];
  for (const content of ["What is 1 + 2?", "Once more."]) {
    messages.push({ role: "user", content });
    const { responseMessages, steps } = await generateText({
      model: provider(vendor.model),
      messages,
      tools: { add },
      stopWhen: stepCountIs(3),
    });
    equal(steps.length, 2);
    messages = [...messages, ...responseMessages];
  }
  equal(given(vendor).length, 7);
  const [session, ...others] = await sessionsOf(ann);
  deepEqual([session?.message_count, others.length], [8, 0]);
});

Deno.test("a regenerated answer and an edited question keep what they replace", async () => {
  await using vendor = await startCountingVendor();
  const ann = await signUp("ann");
  const say = async (...messages: Chat[]) => {
    const { choices } = await ann.openai.chat.completions.create({ model: vendor.model, messages });
    return choices[0]!.message;
  };
  const [one, two]: Chat[] = [{ role: "user", content: "one" }, { role: "user", content: "two" }];
  const first = await say(one!);
  await say(one!, first, two!);
  await say(one!, first, two!);
  await say(one!, first, { role: "user", content: "two, edited" });
  const [session, ...others] = await sessionsOf(ann);
  equal(others.length, 0);
  deepEqual(session?.conversation_history.map(({ content }: Given) => content), [
    "one",
    "answer 1",
    "two, edited",
    "answer 4",
  ]);
  const { data } = await ann.supabase.from("chat_messages").select("content, in_history")
    .order("seq");
  deepEqual(data?.map(({ content, in_history }) => [content, in_history]), [
    ["one", true],
    ["answer 1", true],
    ["two", false],
    ["answer 2", false],
    ["answer 3", false],
    ["two, edited", true],
    ["answer 4", true],
  ]);
});

Deno.test("a conversation with store: false keeps no messages, and its turn is in the ledger", async () => {
  await using vendor = await startCountingVendor();
  const ann = await signUp("ann");
  const { response } = await ann.openai.chat.completions.create({
    model: vendor.model,
    messages: [{ role: "user", content: "Between us." }],
    store: false,
  }).withResponse();
  equal(response.headers.get("x-session-id"), null);
  deepEqual(await sessionsOf(ann), []);
  const { data } = await ann.supabase.from("ai_interactions").select("turn_state, input_tokens");
  deepEqual(data, [{ turn_state: "succeeded", input_tokens: 10 }]);
  ok(given(vendor).length === 1);
});
