import { deepEqual, equal, match, ok } from "node:assert/strict";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { APICallError, generateText, streamText } from "ai";
import { type Person, signUp, stack } from "./support/stack.ts";

/** The chat API as a provider of the AI SDK. */
function provider({ accessToken }: Pick<Person, "accessToken">) {
  return createOpenAICompatible({
    name: "agentbase",
    baseURL: stack.FUNCTIONS_URL,
    apiKey: accessToken,
    includeUsage: true,
  });
}

Deno.test("streamText() streams, reports usage, and its messages are stored", async () => {
  const ann = await signUp("ann");
  const model = provider(ann)("gemini-1.5-flash");
  const result = streamText({ model, prompt: "Hello from the AI SDK." });
  const pieces: string[] = [];
  for await (const piece of result.textStream) pieces.push(piece);
  ok(pieces.length > 5, `${pieces.length} pieces`);
  match(pieces.join(""), /You said: "Hello from the AI SDK\."/);
  equal(await result.finishReason, "stop");

  const { inputTokens, outputTokens } = await result.usage;
  ok(inputTokens && outputTokens, "usage is reported");
  const { data: interaction } = await ann.supabase.from("ai_interactions")
    .select("turn_state, input_tokens, output_tokens, usage_is_estimated").single();
  deepEqual(interaction, {
    turn_state: "succeeded",
    input_tokens: inputTokens,
    output_tokens: outputTokens,
    usage_is_estimated: false,
  });
});

Deno.test("generateText() answers, and its session continues", async () => {
  const ann = await signUp("ann");
  const model = provider(ann)("droid/claude-3.5-sonnet");
  const first = await generateText({ model, prompt: "One." });
  match(first.text, /This is the first message/);
  const sessionId = first.response.headers?.["x-session-id"];
  ok(sessionId);
  const second = await generateText({
    model,
    prompt: "Two.",
    headers: { "x-session-id": sessionId },
  });
  match(second.text, /2 earlier messages/);
  const { count } = await ann.supabase.from("chat_messages").select("id", { count: "exact" });
  equal(count, 4);
});

Deno.test("an error reaches the AI SDK with its status and message", async () => {
  const model = provider({ accessToken: "not-a-token" })("gemini-1.5-flash");
  const error = await generateText({ model, prompt: "Hello.", maxRetries: 0 }).catch((thrown) =>
    thrown
  );
  ok(APICallError.isInstance(error), String(error));
  equal(error.statusCode, 401);
  equal(error.isRetryable, false);
  match(error.message, /Send "Authorization: Bearer <access token>"/);
});
