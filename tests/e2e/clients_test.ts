import { deepEqual, equal, ok } from "node:assert/strict";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import OpenAI from "openai";
import OpenAI6 from "openai6";
import type postgres from "postgres";
import { ENDLESS, thinkAndAdd } from "../functions/support/adding_vendor.ts";
import { makeKey } from "./support/access_keys.ts";
import { agentsClient } from "./support/clients/agents.ts";
import { aiSdkClient } from "./support/clients/ai_sdk.ts";
import { anthropicClient } from "./support/clients/anthropic.ts";
import type { Access, Client } from "./support/clients/client.ts";
import { langChainClient } from "./support/clients/langchain.ts";
import { llamaIndexChat, llamaIndexResponses } from "./support/clients/llama_index.ts";
import { responsesClient } from "./support/clients/openai.ts";
import { costOf, dollars } from "./support/fault_vendor.ts";
import { eventually, openDatabase, type Person, signUp, stack } from "./support/stack.ts";
import { startVendor } from "./support/vendor.ts";

/*
 * Clients as programs use them, unchanged, with what they call by default. Whatever a client speaks, the
 * ledger has each of its calls at the vendor's count and price, and each conversation is one session.
 */

const CLIENTS: Record<string, (access: Access) => Client> = {
  "openai 7": ({ model, ...access }) => responsesClient(new OpenAI(access), model),
  // SAFETY: the calls of /responses are the same in both versions.
  "openai 6": ({ model, ...access }) => responsesClient(new OpenAI6(access) as never, model),
  "@openai/agents": agentsClient,
  "@ai-sdk/openai": ({ model, ...access }) => aiSdkClient(createOpenAI(access)(model)),
  "@ai-sdk/openai-compatible": ({ model, ...access }) =>
    aiSdkClient(
      createOpenAICompatible({
        ...access,
        name: "agentbase",
        includeUsage: true,
        supportsStructuredOutputs: true,
      })(model),
    ),
  "@anthropic-ai/sdk": anthropicClient,
  "@langchain/openai, chat": (access) => langChainClient(access, false),
  "@langchain/openai, responses": (access) => langChainClient(access, true),
  "@llamaindex/openai, chat": llamaIndexChat,
  "@llamaindex/openai, responses": llamaIndexResponses,
};

/** A turn in the ledger, its cost in units of 10⁻¹⁰ dollars. */
async function turnsOf(sql: postgres.Sql, { id }: Person) {
  const rows = await sql<
    { state: string; input: number; output: number; cost: string; estimated: boolean }[]
  >`
    select turn_state as state, input_tokens::integer as input, output_tokens::integer as output,
      total_cost::text as cost, usage_is_estimated as estimated
    from public.ai_interactions where user_id = ${id} order by started_at`;
  return rows.map(({ cost, ...row }) => ({ ...row, cost: dollars(cost) }));
}

/** The roles of the messages of each conversation of a person, in order. */
async function conversationsOf(sql: postgres.Sql, { id }: Person): Promise<string[]> {
  const rows = await sql<{ roles: string }[]>`
    select string_agg(messages.role, ' ' order by messages.seq) as roles
    from public.chat_sessions sessions
    join public.chat_messages messages on messages.session_id = sessions.id
    where sessions.user_id = ${id}
    group by sessions.id, sessions.created_at order by sessions.created_at`;
  return rows.map(({ roles }) => roles);
}

const TURN = { state: "succeeded", input: 11, output: 7, estimated: false };
const COST = costOf({ input_tokens: 11, output_tokens: 7 });

for (const [name, start] of Object.entries(CLIENTS)) {
  Deno.test(`${name}: whole, streamed, with a tool, an object, and left`, async () => {
    await using vendor = await startVendor(thinkAndAdd);
    await using database = openDatabase();
    const alice = await signUp("alice");
    const { secret } = await makeKey(alice);
    const client = start({ baseURL: stack.FUNCTIONS_URL, apiKey: secret, model: vendor.model });
    const hello = { text: "Hello.", tokens: [11, 7] };
    deepEqual(await client.whole(), hello);
    deepEqual(await client.streamed(), hello);
    equal(await client.useTool(), "It is 5.");
    deepEqual(await client.object(), { sum: 5 });
    await client.leave?.(ENDLESS);

    const [complete, all] = [5, client.leave ? 6 : 5];
    const turns = await eventually(
      () => turnsOf(database.sql, alice),
      ({ length }) => length === all,
    );
    deepEqual(turns.slice(0, complete), Array(complete).fill({ ...TURN, cost: COST }));
    for (const { state, estimated, cost } of turns.slice(complete)) {
      deepEqual([state, estimated], ["partial", true]);
      ok(cost > 0n);
    }
    const said = "user assistant";
    const conversations = [said, said, `${said} tool assistant`, said];
    if (client.leave) conversations.push(said);
    deepEqual(await conversationsOf(database.sql, alice), conversations);
  });
}
