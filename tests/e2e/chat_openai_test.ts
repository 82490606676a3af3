import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import OpenAI from "openai";
import { eventually, openDatabase, type Person, signUp } from "./support/stack.ts";

const MODEL = "gemini-1.5-pro";
const say = (content: string) => [{ role: "user" as const, content }];

/** A turn by the openai client, and the session that it was kept in. */
async function turn(person: Person, content: string, sessionId?: string) {
  const { data, response, request_id } = await person.openai.chat.completions
    .create({ model: MODEL, messages: say(content) }, {
      headers: sessionId ? { "x-session-id": sessionId } : {},
    }).withResponse();
  return {
    text: data.choices[0]?.message.content ?? "",
    completion: data,
    sessionId: response.headers.get("x-session-id") ?? "",
    requestId: request_id ?? "",
  };
}

Deno.test("a new user signs up, chats, continues the session, and finds all of it in the database", async () => {
  const ann = await signUp("ann");
  const first = await turn(ann, "I am Ann.");
  match(first.text, /You said: "I am Ann\."\. This is the first message/);
  equal(first.completion.object, "chat.completion");
  equal(first.completion.model, MODEL);
  equal(first.completion.choices[0]?.finish_reason, "stop");
  match(first.sessionId, /^sess_/);

  const second = await turn(ann, "Who am I?", first.sessionId);
  equal(second.sessionId, first.sessionId);
  match(second.text, /given 2 earlier messages/);

  const { data: session } = await ann.supabase.from("chat_sessions")
    .select("*, agents(name)").eq("session_id", first.sessionId).single();
  deepEqual([session.user_id, session.message_count, session.agents.name], [ann.id, 4, "ccrouter"]);
  ok(session.org_id, "an organization pays");

  const { data: messages } = await ann.supabase.from("chat_messages")
    .select("role, content, tokens_in, tokens_out, finish_reason, status, model_used")
    .eq("session_id", session.id).order("seq");
  deepEqual(messages?.map(({ role, content }) => [role, content]), [
    ["user", "I am Ann."],
    ["assistant", first.text],
    ["user", "Who am I?"],
    ["assistant", second.text],
  ]);
  const answer = messages?.at(-1);
  const { usage } = second.completion;
  deepEqual(
    [answer?.tokens_in, answer?.tokens_out, answer?.finish_reason, answer?.status],
    [usage?.prompt_tokens, usage?.completion_tokens, "stop", "complete"],
  );

  const { data: interactions } = await ann.supabase.from("ai_interactions")
    .select("*").eq("session_id", session.id).order("started_at");
  deepEqual(
    interactions?.map(({ request_id, turn_state, user_id }) => [request_id, turn_state, user_id]),
    [[first.requestId, "succeeded", ann.id], [second.requestId, "succeeded", ann.id]],
  );
  const ledger = interactions?.at(-1);
  deepEqual(
    [ledger.input_tokens, ledger.output_tokens, ledger.usage_is_estimated, ledger.agent_id],
    [usage?.prompt_tokens, usage?.completion_tokens, false, session.agent_id],
  );
  ok(Number(ledger.total_cost) > 0, `total_cost is ${ledger.total_cost}`);
  ok(ledger.latency_ms >= 0);

  const { data: executions } = await ann.supabase.from("agent_executions")
    .select("attempt, status, upstream_status").eq("interaction_id", ledger.id);
  deepEqual(executions, [{ attempt: 1, status: "succeeded", upstream_status: 200 }]);
});

Deno.test("a stream arrives word by word, equals the whole answer, and is stored", async () => {
  const ann = await signUp("ann");
  const { data: stream, response } = await ann.openai.chat.completions.create({
    model: "droid/gpt-4o",
    messages: say("Stream, please."),
    stream: true,
    stream_options: { include_usage: true },
  }).withResponse();
  const sessionId = response.headers.get("x-session-id");

  await using database = openDatabase();
  const stateNow = async () => {
    const rows = await database.sql`
      select turns.turn_state from (
        select session_id, turn_state from public.ai_interactions
        union all
        select session_id, 'running' from private.running_turns
      ) turns
      join public.chat_sessions sessions on sessions.id = turns.session_id
      where sessions.session_id = ${sessionId}`;
    return rows.map((row) => row.turn_state);
  };
  let text = "";
  let usage: OpenAI.CompletionUsage | null | undefined;
  let chunks = 0;
  for await (const chunk of stream) {
    if (chunks++ === 0) deepEqual(await stateNow(), ["running"], "the upstream is still sending");
    text += chunk.choices[0]?.delta.content ?? "";
    usage = chunk.usage ?? usage;
    equal(chunk.model, "gpt-4o");
  }
  ok(chunks > 10, `${chunks} chunks`);
  match(text, /You said: "Stream, please\."/);
  ok(usage && usage.completion_tokens > 0);
  deepEqual(await stateNow(), ["succeeded"], "a stream that has ended is settled");

  const { data: messages } = await ann.supabase.from("chat_messages")
    .select("role, content, tokens_out, chat_sessions!inner(session_id)")
    .eq("chat_sessions.session_id", sessionId).order("seq");
  deepEqual(messages?.map(({ role, content, tokens_out }) => [role, content, tokens_out]), [
    ["user", "Stream, please.", null],
    ["assistant", text, usage.completion_tokens],
  ]);
});

Deno.test("the openai client's stream helper assembles the answer", async () => {
  const ann = await signUp("ann");
  const stream = ann.openai.chat.completions.stream({ model: MODEL, messages: say("Hello.") });
  const completion = await stream.finalChatCompletion();
  match(completion.choices[0]?.message.content ?? "", /You said: "Hello\."/);
  equal(completion.choices[0]?.finish_reason, "stop");
});

Deno.test("metadata can name and continue a session", async () => {
  const ann = await signUp("ann");
  const create = (content: string, metadata: Record<string, string>) =>
    ann.openai.chat.completions.create({ model: MODEL, messages: say(content), metadata })
      .withResponse();
  const { response } = await create("One.", { title: "Counting" });
  const sessionId = response.headers.get("x-session-id")!;
  const { data } = await create("Two.", { session_id: sessionId });
  match(data.choices[0]?.message.content ?? "", /2 earlier messages/);
  const { data: session } = await ann.supabase.from("chat_sessions")
    .select("title, message_count").eq("session_id", sessionId).single();
  deepEqual(session, { title: "Counting", message_count: 4 });
});

Deno.test("no other user can see or continue a conversation", async () => {
  const [ann, eve] = await Promise.all([signUp("ann"), signUp("eve")]);
  const { sessionId } = await turn(ann, "This is between us.");

  for (const table of ["chat_sessions", "chat_messages", "ai_interactions", "agent_executions"]) {
    const own = await ann.supabase.from(table).select("id");
    ok(own.data?.length, `ann sees her ${table}`);
    const others = await eve.supabase.from(table).select("id");
    deepEqual([others.data, others.error], [[], null], `eve sees no ${table}`);
  }
  await rejects(turn(eve, "What was that?", sessionId), (error) => {
    ok(error instanceof OpenAI.NotFoundError);
    equal(error.code, "session_not_found");
    return true;
  });
  const { count } = await ann.supabase.from("chat_messages").select("id", { count: "exact" });
  equal(count, 2, "the attempt left nothing behind");
});

Deno.test("a client that disconnects during a stream leaves a partial turn", async () => {
  const ann = await signUp("ann");
  const { data: stream, response } = await ann.openai.chat.completions.create({
    // A vendor that stops billing on disconnect: others are read to the end.
    model: "droid/gpt-4o",
    messages: say("word ".repeat(500)),
    stream: true,
  }).withResponse();
  let text = "";
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? "";
    if (text !== "") break;
  }
  stream.controller.abort();

  const requestId = response.headers.get("x-request-id");
  const readTurn = async () => {
    const { data } = await ann.supabase.from("ai_interactions")
      .select("turn_state, error_code, usage_is_estimated, output_tokens, total_cost")
      .eq("request_id", requestId).maybeSingle();
    return data;
  };
  const settled = await eventually(readTurn, (row) => row !== null);
  deepEqual(
    [settled?.turn_state, settled?.error_code, settled?.usage_is_estimated],
    ["partial", "client_disconnected", true],
  );
  const { data: answer } = await ann.supabase.from("chat_messages")
    .select("content, status").eq("role", "assistant").single();
  equal(answer?.status, "partial");
  ok(answer?.content.startsWith(text));
});

Deno.test("of two requests on one session at once, one is refused", async () => {
  const ann = await signUp("ann");
  const { sessionId } = await turn(ann, "Begin.");
  const { data: stream } = await ann.openai.chat.completions.create({
    model: MODEL,
    messages: say("Take your time."),
    stream: true,
  }, { headers: { "x-session-id": sessionId } }).withResponse();
  await rejects(turn(ann, "Me too!", sessionId), (error) => {
    ok(error instanceof OpenAI.ConflictError);
    equal(error.code, "session_busy");
    return true;
  });
  for await (const _chunk of stream);
  const { text } = await turn(ann, "Now?", sessionId);
  match(text, /given 4 earlier messages/);
});
