import { echoVendor, population, sqlIdOf } from "./populate.ts";

/** Scripts for pgbench, by what they do. */
export interface Scripts {
  /** A turn by begin_chat_turn() and settle_chat_turn(), agents spread evenly. */
  turn: string;
  /** The same, with one agent for all users. */
  hotTurn: string;
  /** The rows of a turn, inserted by hand into the tables themselves. */
  rows: string;
  /** The same rows, inserted into copies of the tables. */
  copies: string;
}

/** How many clients share the sessions. */
export const maxClients = 8;

const { people, agents, sessions } = population;
const answer =
  "A database keeps data so that many can read and change them at once without losing any.";
const question = "Say in one sentence what a database is for.";

/** Each client has sessions of its own: it never waits for another's. */
const pick = `\\set n :client_id * ${sessions / maxClients} + random(0, ${
  sessions / maxClients - 1
})`;

// pgbench takes a colon with a name behind it for a variable: JSON needs a space between them.
const json = (value: unknown) => JSON.stringify(value).replaceAll(/":/g, '": ');

const outcome = json({
  state: "succeeded",
  content: answer,
  tool_calls: null,
  finish_reason: "stop",
  vendor_id: echoVendor,
  service_id: `${echoVendor}_model`,
  model_used: "echo-1-2026",
  usage: {
    input_tokens: 25,
    output_tokens: 18,
    cached_input_tokens: 0,
    cache_write_tokens: 0,
    reasoning_tokens: 0,
    estimated: false,
  },
  provider_cost: null,
  latency_ms: 812,
  first_token_ms: 240,
  error: null,
  attempts: [{
    attempt: 1,
    vendor_id: echoVendor,
    service_id: `${echoVendor}_model`,
    status: "succeeded",
    upstream_status: 200,
    error_code: null,
    error_message: null,
    first_byte_ms: 240,
    latency_ms: 810,
    started_at: "2026-01-01T00:00:00Z",
  }],
});

function turn(agent: string): string {
  return `${pick}
select public.begin_chat_turn(
  jsonb_build_object('user_id', ${sqlIdOf("person", `:n % ${people}`)}),
  jsonb_build_object(
    'request_id', gen_random_uuid(), 'kind', 'chat', 'model', 'bench-model-' || ${agent}, 'session_id', 'sess_bench_' || lpad(:n::text, 12, '0'),
    'title', null, 'max_output_tokens', null, 'messages', '${
    json([{ role: "user", content: question }])
  }'::jsonb
  )
) ->> 'turn_id' as turn \\gset
select public.settle_chat_turn(:turn, '${outcome}');
`;
}

function rows(schema: string): string {
  const session = sqlIdOf("session", ":n");
  return `${pick}
begin;
insert into ${schema}.chat_messages (session_id, role, content) values (${session}, 'user', '${question}');
commit;
begin;
insert into ${schema}.ai_interactions (
  user_id, organization_id, agent_id, session_id, model_id, vendor_id, service_id, price_id, source, title, model_name,
  input_tokens, output_tokens, total_cost, cost_breakdown, ended_at, duration_minutes, latency_ms, first_token_ms,
  finish_reason, status, turn_state, request_id
) values (
  ${sqlIdOf("person", `:n % ${people}`)}, ${sqlIdOf("organization", `:n % ${people}`)}, ${
    sqlIdOf("agent", `:n % ${agents}`)
  }, ${session},
  ${sqlIdOf("model", `:n % ${agents}`)}, '${echoVendor}', '${echoVendor}_model', ${
    sqlIdOf("price", "0")
  }, 'chat', 'Chat with bench', 'echo-1-2026',
  25, 18, 0.0002425, '{"input": 0.0000625, "output": 0.00018}', now(), 0, 812, 240,
  'stop', 'completed', 'succeeded', gen_random_uuid()::text
) returning id as turn \\gset
insert into ${schema}.chat_messages (
  session_id, interaction_id, role, content, finish_reason, status, tokens_in, tokens_out, tokens_used, latency_ms, model_used
) values (${session}, :turn, 'assistant', '${answer}', 'stop', 'complete', 25, 18, 43, 812, 'echo-1-2026');
commit;
`;
}

/** The scripts; `bench` is the schema that holds the copies. */
export const scripts: Scripts = {
  turn: turn(`(:n % ${agents})::text`),
  hotTurn: turn("0::text"),
  rows: rows("public"),
  copies: rows("bench"),
};

/** Makes the copies: columns, defaults and indexes; no foreign keys, triggers, policies or checks. */
export const copyTables = `
  create schema bench;
  create table bench.chat_messages (like public.chat_messages including all);
  create table bench.ai_interactions (like public.ai_interactions including all);
  insert into bench.ai_interactions select * from public.ai_interactions;
  insert into bench.chat_messages (session_id, interaction_id, role, content)
  select session_id, interaction_id, role, content from public.chat_messages;
  analyze bench.ai_interactions, bench.chat_messages;
  grant usage on schema bench to service_role;
  grant select, insert on all tables in schema bench to service_role;
`;
