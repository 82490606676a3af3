import { deepEqual } from "node:assert/strict";
import { createOpenAI } from "@ai-sdk/openai";
import { OpenAIEmbeddings } from "@langchain/openai";
import { OpenAIEmbedding } from "@llamaindex/openai";
import { embedMany } from "ai";
import OpenAI from "openai";
import OpenAI6 from "openai6";
import { makeKey } from "./support/access_keys.ts";
import type { Access } from "./support/clients/client.ts";
import { costOf, dollars } from "./support/fault_vendor.ts";
import { openDatabase, signUp, stack } from "./support/stack.ts";
import { startVendor } from "./support/vendor.ts";

/*
 * Most of these clients ask for base64, which the vendor does not know: it answers with numbers. Older
 * ones decode what they are given whatever it is.
 */

const TEXTS = ["a", "b"];
const VECTORS = [[0.5, -0.25, 2], [1, 0, -1]];

const CLIENTS: Record<string, (access: Access) => Promise<number[][]>> = {
  "openai 7": async ({ model, ...access }) => {
    const { data } = await new OpenAI(access).embeddings.create({ model, input: TEXTS });
    return data.map(({ embedding }) => embedding);
  },
  "openai 6": async ({ model, ...access }) => {
    const { data } = await new OpenAI6(access).embeddings.create({ model, input: TEXTS });
    return data.map(({ embedding }) => embedding);
  },
  "@ai-sdk/openai": async ({ model, ...access }) => {
    const values = TEXTS;
    return (await embedMany({ model: createOpenAI(access).embedding(model), values })).embeddings;
  },
  "@langchain/openai": ({ model, apiKey, baseURL }) =>
    new OpenAIEmbeddings({ model, apiKey, configuration: { baseURL } }).embedDocuments(TEXTS),
  "@llamaindex/openai": (access) => new OpenAIEmbedding(access).getTextEmbeddings(TEXTS),
};

Deno.test("every client reads the vendor's embedding vectors, at their price", async (test) => {
  const answer = () =>
    Response.json({
      object: "list",
      model: "m",
      data: VECTORS.map((embedding, index) => ({ object: "embedding", index, embedding })),
      usage: { prompt_tokens: 5, total_tokens: 5 },
    });
  await using vendor = await startVendor(answer, "embedding");
  await using database = openDatabase();
  const alice = await signUp("alice");
  const { secret } = await makeKey(alice, { scopes: ["embeddings"] });
  const access = { baseURL: stack.FUNCTIONS_URL, apiKey: secret, model: vendor.model };
  for (const [name, embed] of Object.entries(CLIENTS)) {
    await test.step(name, async () => deepEqual(await embed(access), VECTORS));
  }
  const turns = await database.sql<{ cost: string }[]>`
    select total_cost::text as cost from public.ai_interactions where user_id = ${alice.id}`;
  const cost = costOf({ input_tokens: 5, output_tokens: 0 });
  deepEqual(turns.map((turn) => dollars(turn.cost)), Object.keys(CLIENTS).map(() => cost));
});
