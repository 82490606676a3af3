import { deepEqual } from "node:assert/strict";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import OpenAI from "openai";
import OpenAI6 from "openai6";
import { ApiError } from "../../functions/_shared/core/errors.ts";
import { anthropicErrors } from "../../functions/_shared/gateway/formats/anthropic_messages/errors.ts";
import { responsesErrors } from "../../functions/_shared/gateway/formats/openai_responses/errors.ts";
import { openaiErrors } from "../../functions/_shared/http/openai_errors.ts";
import { agentsClient } from "../e2e/support/clients/agents.ts";
import { aiSdkClient } from "../e2e/support/clients/ai_sdk.ts";
import { anthropicClient } from "../e2e/support/clients/anthropic.ts";
import { type Access, type Client, HELLO } from "../e2e/support/clients/client.ts";
import { langChainClient } from "../e2e/support/clients/langchain.ts";
import { llamaIndexChat, llamaIndexResponses } from "../e2e/support/clients/llama_index.ts";
import { responsesClient } from "../e2e/support/clients/openai.ts";

/** Any client, of which only one call is used. */
type Asking = Pick<Client, "whole">;

const chat = ({ model, ...access }: Access, Sdk: typeof OpenAI): Asking => ({
  async whole() {
    const messages = [{ role: "user" as const, content: HELLO }];
    await new Sdk(access).chat.completions.create({ model, messages });
    return { text: "", tokens: [] };
  },
});

/** Clients with their own settings, so that they retry what they retry by default. */
const CLIENTS: Record<string, (access: Access) => Asking> = {
  "openai 7, chat": (access) => chat(access, OpenAI),
  // SAFETY: the calls of both versions are the same.
  "openai 6, chat": (access) => chat(access, OpenAI6 as never),
  "openai 7, responses": ({ model, ...access }) => responsesClient(new OpenAI(access), model),
  // SAFETY: likewise.
  "openai 6, responses": ({ model, ...access }) =>
    responsesClient(new OpenAI6(access) as never, model),
  "@openai/agents": agentsClient,
  "@ai-sdk/openai": ({ model, ...access }) => aiSdkClient(createOpenAI(access)(model)),
  "@ai-sdk/openai-compatible": ({ model, ...access }) =>
    aiSdkClient(createOpenAICompatible({ ...access, name: "agentbase" })(model)),
  "@anthropic-ai/sdk": anthropicClient,
  "@langchain/openai, chat": (access) => langChainClient(access, false),
  "@langchain/openai, responses": (access) => langChainClient(access, true),
  "@llamaindex/openai, chat": llamaIndexChat,
  "@llamaindex/openai, responses": llamaIndexResponses,
};

/** Refusals that a retry would get again: one for each status that no client retries. */
const LASTING = [
  "context_length_exceeded",
  "access_key_expired",
  "budget_exceeded",
  "agent_disabled",
  "model_not_found",
] as const;

/** A server that refuses everything, in the format of the API that is called. */
function startRefusing(code: (typeof LASTING)[number]) {
  const paths: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const { pathname } = new URL(request.url);
    paths.push(pathname);
    const format = pathname.endsWith("/messages")
      ? anthropicErrors
      : pathname.endsWith("/responses")
      ? responsesErrors
      : openaiErrors;
    const { status, body } = format.write(new ApiError(code, "No."), "req_1");
    return Response.json(body, { status });
  });
  return { paths, server, baseURL: `http://127.0.0.1:${server.addr.port}/v1` };
}

for (const code of LASTING) {
  Deno.test(`no client retries a ${code}`, async () => {
    const calls = await Promise.all(
      Object.entries(CLIENTS).map(async ([name, start]) => {
        const { paths, server, baseURL } = startRefusing(code);
        const client = start({ baseURL, apiKey: "agb_x", model: "m" });
        const said = await client.whole().then(() => "answered", () => paths.length);
        await server.shutdown();
        return [name, said];
      }),
    );
    deepEqual(Object.fromEntries(calls), Object.fromEntries(calls.map(([name]) => [name, 1])));
  });
}
