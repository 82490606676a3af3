import { deepEqual, equal } from "node:assert/strict";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import OpenAI from "openai";
import { data, type Received, stream } from "../functions/support/upstream_server.ts";
import { makeKey } from "./support/access_keys.ts";
import { aiSdkClient } from "./support/clients/ai_sdk.ts";
import { anthropicClient } from "./support/clients/anthropic.ts";
import type { Access, Client } from "./support/clients/client.ts";
import { responsesClient } from "./support/clients/openai.ts";
import { openDatabase, signUp, stack } from "./support/stack.ts";
import { startVendor } from "./support/vendor.ts";

/*
 * A vendor with Gemini's own API, which refuses a call of Gemini 3 that comes back without the signature
 * of its thought. None of these clients knows what that is.
 */

const SIGNED = { functionCall: { name: "add", args: { a: 2, b: 3 } }, thoughtSignature: "c2ln" };

function answer({ body, path }: Received): Response {
  const { functionResponse } = body.contents.at(-1).parts.at(-1);
  const parts = functionResponse
    ? [{ text: `It is ${functionResponse.response.result}.` }]
    : body.generationConfig?.responseMimeType
    ? [{ text: '{"sum":5}' }]
    : body.tools
    ? [{ text: "Hm.", thought: true }, SIGNED]
    : [{ text: "Hello." }];
  const said = {
    candidates: [{ index: 0, content: { role: "model", parts }, finishReason: "STOP" }],
    usageMetadata: { promptTokenCount: 11, candidatesTokenCount: 7, totalTokenCount: 18 },
  };
  return path.includes("stream") ? stream(data(said)) : Response.json(said);
}

const CLIENTS: Record<string, (access: Access) => Client> = {
  "@anthropic-ai/sdk": anthropicClient,
  "openai": ({ model, ...access }) => responsesClient(new OpenAI(access), model),
  "@ai-sdk/openai-compatible": ({ model, ...access }) =>
    aiSdkClient(
      createOpenAICompatible({
        ...access,
        name: "agentbase",
        includeUsage: true,
        supportsStructuredOutputs: true,
      })(model),
    ),
};

Deno.test("every client works with Gemini's API, which gets its thought signatures back", async (test) => {
  for (const [name, start] of Object.entries(CLIENTS)) {
    await test.step(name, () => converse(start));
  }
});

async function converse(start: (access: Access) => Client): Promise<void> {
  await using vendor = await startVendor(answer);
  await using database = openDatabase();
  const { vendor_id } = await speakGemini(database.sql, vendor.agentId);
  try {
    const { secret } = await makeKey(await signUp("alice"));
    const client = start({ baseURL: stack.FUNCTIONS_URL, apiKey: secret, model: vendor.model });
    const hello = { text: "Hello.", tokens: [11, 7] };
    deepEqual([await client.whole(), await client.streamed()], [hello, hello]);
    equal(await client.useTool(), "It is 5.");
    const [asked, called, answered] = vendor.upstream.received.at(-1)!.body.contents;
    // The client's id of a call matches calls with their results.
    const { id } = answered.parts[0].functionResponse;
    const part = { ...SIGNED, functionCall: { id, ...SIGNED.functionCall } };
    deepEqual([asked.role, called, typeof id], [
      "user",
      { role: "model", parts: [part] },
      "string",
    ]);
    deepEqual(await client.object(), { sum: 5 });
  } finally {
    await database.sql`
        update public.vendors
        set api_format = default, auth_header = default, auth_scheme = default
        where id = ${vendor_id}`;
  }
}

/** Sets the API of an agent's vendor to Gemini's. */
async function speakGemini(sql: ReturnType<typeof openDatabase>["sql"], agentId: string) {
  const [row] = await sql<{ vendor_id: string }[]>`
    update public.vendors
    set api_format = 'gemini', auth_header = 'x-goog-api-key', auth_scheme = null
    where id = (select agents.vendor_id from public.agents where agents.id = ${agentId})
    returning id as vendor_id`;
  return row!;
}
