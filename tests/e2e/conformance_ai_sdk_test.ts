import { deepEqual, equal, match, ok } from "node:assert/strict";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import {
  APICallError,
  embedMany,
  generateText,
  jsonSchema,
  Output,
  stepCountIs,
  streamText,
  tool,
} from "ai";
import { chunk, completion, stream } from "../functions/support/upstream_server.ts";
import { type Person, signUp, stack } from "./support/stack.ts";
import { startVendor } from "./support/vendor.ts";

/** The chat API as a provider of the AI SDK. */
function provider({ accessToken }: Pick<Person, "accessToken">) {
  return createOpenAICompatible({
    name: "agentbase",
    baseURL: stack.FUNCTIONS_URL,
    apiKey: accessToken,
    supportsStructuredOutputs: true,
  });
}

const cityTool = tool({
  description: "The weather in a city",
  inputSchema: jsonSchema<{ city: string }>({
    type: "object",
    properties: { city: { type: "string" } },
    required: ["city"],
  }),
  execute: ({ city }) => `sunny in ${city}`,
});

Deno.test("the AI SDK calls a tool and continues with its result", async () => {
  const calls = [{
    id: "call_1",
    type: "function",
    function: { name: "weather", arguments: '{"city":"Rome"}' },
  }];
  await using vendor = await startVendor(({ body }) => {
    const last = body.messages.at(-1);
    if (last.role === "tool") return completion(`It is ${last.content}.`);
    const message = { role: "assistant", content: null, tool_calls: calls };
    return completion("", { choices: [{ index: 0, message, finish_reason: "tool_calls" }] });
  });
  const ann = await signUp("ann");
  const { text, steps } = await generateText({
    model: provider(ann)(vendor.model),
    prompt: "Weather in Rome?",
    tools: { weather: cityTool },
    stopWhen: stepCountIs(3),
  });
  match(text, /sunny in Rome/);
  equal(steps.length, 2);
  equal(steps[0]?.finishReason, "tool-calls");
});

Deno.test("the AI SDK tells two streamed tool calls of Gemini apart", async () => {
  for (const index of [undefined, 0]) {
    const call = (city: string) =>
      chunk({
        tool_calls: [{
          index,
          id: `call_${city}`,
          type: "function",
          function: { name: "weather", arguments: JSON.stringify({ city }) },
        }],
      });
    await using vendor = await startVendor(({ body }) =>
      body.messages.at(-1).role === "tool"
        ? stream(chunk({ content: "Sunny." }, { finish_reason: "stop" }))
        : stream(call("Rome"), call("Oslo"), chunk({ content: "" }, { finish_reason: "stop" }))
    );
    const ann = await signUp("ann");
    const { text, steps } = streamText({
      model: provider(ann)(vendor.model),
      prompt: "Weather in Rome and Oslo?",
      tools: { weather: cityTool },
      stopWhen: stepCountIs(3),
    });
    equal(await text, "Sunny.");
    const [first] = await steps;
    equal(first?.finishReason, "tool-calls");
    deepEqual(first?.toolResults.map(({ output }) => output), ["sunny in Rome", "sunny in Oslo"]);
  }
});

Deno.test("the AI SDK gets an object that matches its schema", async () => {
  await using vendor = await startVendor(() => completion('{"city":"Rome"}'));
  const ann = await signUp("ann");
  const { output } = await generateText({
    model: provider(ann)(vendor.model),
    prompt: "Which city?",
    output: Output.object({
      schema: jsonSchema<{ city: string }>({
        type: "object",
        properties: { city: { type: "string" } },
      }),
    }),
  });
  deepEqual(output, { city: "Rome" });
  equal(vendor.upstream.received[0]?.body.response_format.type, "json_schema");
});

Deno.test("the AI SDK retries after a 429", async () => {
  let asked = 0;
  await using vendor = await startVendor(() =>
    asked++ === 0
      ? Response.json({ error: { message: "x" } }, {
        status: 429,
        headers: { "retry-after": "11" },
      })
      : completion("now")
  );
  const ann = await signUp("ann");
  const impatient = createOpenAICompatible({
    name: "agentbase",
    baseURL: stack.FUNCTIONS_URL,
    apiKey: ann.accessToken,
    fetch: async (url, init) => {
      const response = await fetch(url, init);
      const headers = new Headers(response.headers);
      if (headers.has("retry-after-ms")) headers.set("retry-after-ms", "1");
      return new Response(response.body, { status: response.status, headers });
    },
  });
  const { text } = await generateText({ model: impatient(vendor.model), prompt: "Hello." });
  equal(text, "now");
  equal(asked, 2);
});

Deno.test("the AI SDK gets the reason for a refused request", async () => {
  await using vendor = await startVendor(() =>
    Response.json({ error: { message: "no such tool" } }, { status: 400 })
  );
  const ann = await signUp("ann");
  const error = await generateText({ model: provider(ann)(vendor.model), prompt: "Hello." })
    .catch((thrown) => thrown);
  ok(APICallError.isInstance(error), String(error));
  deepEqual([error.statusCode, error.isRetryable], [400, false]);
  match(error.message, /no such tool/);
  equal(vendor.upstream.received.length, 1);
});

Deno.test("the AI SDK reads a stream that breaks off as an error, not as an end", async () => {
  await using vendor = await startVendor(() => stream(chunk({ content: "half" })));
  const ann = await signUp("ann");
  const errors: unknown[] = [];
  const result = streamText({
    model: provider(ann)(vendor.model),
    prompt: "Hello.",
    maxRetries: 0,
    onError: ({ error }) => void errors.push(error),
  });
  let text = "";
  for await (const piece of result.textStream) text += piece;
  equal(text, "half");
  equal(errors.length, 1);
  match(JSON.stringify(errors[0]) + String(errors[0]), /broke off/);
});

Deno.test("the AI SDK gets embeddings", async () => {
  await using vendor = await startVendor(
    ({ body }) =>
      Response.json({
        object: "list",
        data: body.input.map((_text: string, index: number) => ({ index, embedding: [index, 1] })),
        model: "vendor-embedding",
        usage: { prompt_tokens: 4, total_tokens: 4 },
      }),
    "embedding",
  );
  const ann = await signUp("ann");
  const { embeddings, usage } = await embedMany({
    model: provider(ann).embeddingModel(vendor.model),
    values: ["one", "two"],
  });
  deepEqual(embeddings, [[0, 1], [1, 1]]);
  equal(usage.tokens, 4);
});
