/**
 * A process of its own: a minimal gateway with a ledger. It stores the question, calls the model,
 * and stores the answer and the ledger's row, over the same driver and into the same tables as this
 * gateway. Caller, price and session are constants, and it checks nothing. It prints its address as
 * its first line.
 *
 * Arguments: the model's address, the connection string of Postgres.
 */
import { z } from "zod";
import { parseEnv } from "../../../../functions/_shared/core/env.ts";
import { connect } from "../../../../functions/_shared/database/direct/connection.ts";
import { createPool } from "../../../../functions/_shared/database/direct/pool.ts";
import { echoVendor, idOf, population } from "../database/populate.ts";

const [upstreamUrl = "", databaseUrl = ""] = Deno.args;
const { direct } = parseEnv({
  SUPABASE_URL: "http://127.0.0.1:1",
  SUPABASE_SECRET_KEYS: '{"default":"none"}',
  DATABASE_URL: databaseUrl,
});
if (direct === null) {
  throw new Error("Cannot start: the second argument is not the URL of a Postgres database");
}
const pool = createPool({ size: 8, open: () => connect(direct), report: () => {} });

const requestSchema = z.object({
  stream: z.boolean().optional(),
  messages: z.array(z.object({ content: z.string() })).min(1),
});
const answerSchema = z.object({
  choices: z.tuple([z.object({ message: z.object({ content: z.string() }) })]),
});

const insertMessage = `
  insert into public.chat_messages (session_id, role, content) values ($1, 'user', $2)`;

const insertTurn = `
  insert into public.ai_interactions (
    user_id, organization_id, agent_id, session_id, model_id, vendor_id, service_id, price_id,
    source, title, model_name, input_tokens, output_tokens, total_cost, cost_breakdown, ended_at,
    duration_minutes, latency_ms, finish_reason, status, turn_state, request_id
  ) values (
    $1, $2, $3, $4, $5, $6, $7, $8, 'chat', 'Chat with bench', 'echo-1', 10, 20, 0.0002425,
    '{"input": 0.0000625, "output": 0.00018}', now(), 0, $9, 'stop', 'completed', 'succeeded',
    gen_random_uuid()::text
  ) returning id`;

const insertAnswer = `
  insert into public.chat_messages (
    session_id, interaction_id, role, content, finish_reason, status, tokens_in, tokens_out,
    tokens_used, latency_ms, model_used
  ) values ($1, $2, 'assistant', $3, 'stop', 'complete', 10, 20, 30, $4, 'echo-1')`;

const never = new AbortController().signal;
let turns = 0;

const server = Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => console.log(`http://127.0.0.1:${port}`),
}, answer);
Deno.addSignalListener("SIGTERM", () => void server.shutdown().then(() => Deno.exit(0)));

async function answer(request: Request): Promise<Response> {
  const startedAt = performance.now();
  const text = await request.text();
  const { stream, messages } = requestSchema.parse(JSON.parse(text));
  const turn = turns++ % population.sessions;
  const session = idOf("session", turn);
  const question = messages.at(-1)?.content ?? "";
  await pool.run((connection) => connection.run(insertMessage, [session, question]), never);
  const upstream = await fetch(`${upstreamUrl}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: "Bearer bench" },
    body: text,
  });
  if (stream) return streamed(upstream, (content) => store(turn, content, startedAt));
  const body = await upstream.text();
  const [choice] = answerSchema.parse(JSON.parse(body)).choices;
  await store(turn, choice.message.content, startedAt);
  return new Response(body, { headers: { "content-type": "application/json" } });
}

/** Passes a stream on and stores its words at its end. */
function streamed(upstream: Response, done: (content: string) => Promise<void>): Response {
  const decoder = new TextDecoder();
  let text = "";
  const noted = upstream.body?.pipeThrough(
    new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform(bytes, controller) {
        text += decoder.decode(bytes, { stream: true });
        controller.enqueue(bytes);
      },
      flush: () =>
        done([...text.matchAll(/"content":"([^"]*)"/g)].map(([, word]) => word).join("")),
    }),
  );
  return new Response(noted, { headers: { "content-type": "text/event-stream" } });
}

async function store(turn: number, content: string, startedAt: number): Promise<void> {
  const person = turn % population.people;
  const agent = turn % population.agents;
  const session = idOf("session", turn);
  const latency = String(Math.round(performance.now() - startedAt));
  await pool.run(async (connection) => {
    await connection.run("begin", []);
    const { rows } = await connection.run(insertTurn, [
      idOf("person", person),
      idOf("organization", person),
      idOf("agent", agent),
      session,
      idOf("model", agent),
      echoVendor,
      `${echoVendor}_model`,
      idOf("price", 0),
      latency,
    ]);
    await connection.run(insertAnswer, [session, String(rows[0]?.[0]), content, latency]);
    await connection.run("commit", []);
  }, never);
}
