import { deepEqual, equal, match, ok } from "node:assert/strict";
import { createOpenAI } from "@ai-sdk/openai";
import { ChatOpenAI } from "@langchain/openai";
import { Agent, OpenAIProvider, Runner, tool as agentTool } from "@openai/agents";
import { generateText, isStepCount, Output, streamText, tool } from "ai";
import OpenAI6 from "openai6";
import { z } from "zod";
import { thinkAndAdd } from "../support/adding_vendor.ts";
import type { ChatOverrides } from "../support/chat_fixture.ts";
import {
  RESPONSES_URL,
  type ResponsesFixture,
  startResponses,
} from "../support/responses_fixture.ts";

/*
 * The clients, unchanged, with what they call by default. The vendor thinks and calls the tool `add`
 * first, and says its result when it has it.
 */

const start = (overrides?: ChatOverrides) => startResponses(thinkAndAdd, overrides);
const sum = z.object({ a: z.number(), b: z.number() });
const rolesOf = (fixture: ResponsesFixture, at: number) =>
  fixture.chat.upstream.received[at]?.body.messages.map(({ role }: { role: string }) => role);

/** What the vendor is given in the second step of a loop. */
const SECOND_STEP = ["system", "user", "assistant", "tool"];

Deno.test("@ai-sdk/openai: its default model, whole, streamed, with tools and objects", async () => {
  await using fixture = start();
  const openai = createOpenAI({ apiKey: "unused", baseURL: RESPONSES_URL, fetch: fixture.fetch });
  const model = openai("gpt-4o");
  const whole = await generateText({ model, prompt: "hello" });
  deepEqual([whole.text, whole.usage.inputTokens, whole.usage.outputTokens], ["Hello.", 11, 7]);

  const add = tool({
    description: "Adds",
    inputSchema: sum,
    execute: ({ a, b }) => Promise.resolve(String(a + b)),
  });
  const stopWhen = isStepCount(3);
  const loop = await generateText({ model, prompt: "2 + 3?", tools: { add }, stopWhen });
  deepEqual([loop.text, loop.steps.length], ["It is 5.", 2]);
  deepEqual(rolesOf(fixture, 2), SECOND_STEP);

  const streamed = streamText({ model, prompt: "2 + 3?", tools: { add }, stopWhen });
  equal(await streamed.text, "It is 5.");
  equal((await streamed.steps).length, 2);
  deepEqual(rolesOf(fixture, 4), SECOND_STEP);

  const object = await generateText({
    model,
    prompt: "2 + 3?",
    output: Output.object({ schema: z.object({ sum: z.number() }) }),
  });
  deepEqual(object.output, { sum: 5 });
});

Deno.test("@openai/agents: a loop of tools, whole and streamed", async () => {
  await using fixture = start();
  const modelProvider = new OpenAIProvider({
    // SAFETY: the agents' own copy of the client has the same shape.
    openAIClient: fixture.openai as never,
  });
  const runner = new Runner({ modelProvider, tracingDisabled: true });
  const add = agentTool({
    name: "add",
    description: "Adds",
    parameters: sum,
    execute: ({ a, b }) => Promise.resolve(String(a + b)),
  });
  const agent = new Agent({ name: "a", instructions: "Be exact.", model: "gpt-4o", tools: [add] });
  const whole = await runner.run(agent, "2 + 3?");
  equal(whole.finalOutput, "It is 5.");
  const streamed = await runner.run(agent, "2 + 3?", { stream: true });
  await streamed.completed;
  equal(streamed.finalOutput, "It is 5.");
  equal(fixture.calls(), 4);
});

Deno.test("@langchain/openai: responses, whole and streamed, with a tool", async () => {
  await using fixture = start();
  const model = new ChatOpenAI({
    model: "gpt-4o",
    apiKey: "unused",
    useResponsesApi: true,
    configuration: { baseURL: RESPONSES_URL, fetch: fixture.fetch },
  });
  equal((await model.invoke("hello")).text, "Hello.");
  let text = "";
  for await (const piece of await model.stream("hello")) text += piece.text;
  equal(text, "Hello.");
  const bound = model.bindTools([{ name: "add", description: "Adds", schema: sum }]);
  const called = await bound.invoke("2 + 3?");
  deepEqual(called.tool_calls?.map(({ name, args }) => [name, args]), [["add", { a: 2, b: 3 }]]);
  equal(called.usage_metadata?.total_tokens, 18);
});

Deno.test("openai 6: whole, streamed and parsed", async () => {
  await using fixture = start();
  const openai = new OpenAI6({ apiKey: "unused", baseURL: RESPONSES_URL, fetch: fixture.fetch });
  const params = { model: "gpt-4o", input: "hello" };
  const whole = await openai.responses.create(params);
  equal(whole.output_text, "Hello.");
  equal((await openai.responses.stream(params).finalResponse()).output_text, "Hello.");
  const parsed = await openai.responses.parse({
    ...params,
    text: { format: { type: "json_schema", name: "sum", schema: {} } },
  });
  deepEqual(parsed.output_parsed, { sum: 5 });
  match(whole.id, /^resp_[0-9a-f]{32}$/);
  ok((await openai.responses.retrieve(whole.id)).output_text === "Hello.");
});
