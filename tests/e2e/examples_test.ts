import { deepEqual, equal, match, ok } from "node:assert/strict";
import { POST } from "../../examples/ai-sdk/route.ts";
import { pathInProject } from "../../scripts/common/path-in-project.ts";
import type { Answer } from "../functions/support/upstream_server.ts";
import { makeKey } from "./support/access_keys.ts";
import { startVendor } from "./support/vendor.ts";
import { openDatabase, type Person, signUp, stack } from "./support/stack.ts";

const packages: { default: Packages } = await import("../../package.json", {
  with: { type: "json" },
});

interface Packages {
  dependencies: Record<string, string>;
  devDependencies?: Record<string, string>;
}

Deno.test("the examples install the versions that are tested", async () => {
  const { dependencies, devDependencies } = packages.default;
  const tested = { ...dependencies, ...devDependencies };
  for (const name of ["ai-sdk", "chat", "langgraph", "node"]) {
    const text = await Deno.readTextFile(pathInProject(`examples/${name}/package.json`));
    const wanted: Packages = JSON.parse(text);
    for (const [dependency, version] of Object.entries(wanted.dependencies)) {
      equal(version, tested[dependency], `${name}: ${dependency}`);
    }
  }
});

/** Runs an example as its folder's page says. */
async function runProgram(
  command: string,
  file: string,
  env: Record<string, string>,
  ...args: string[]
) {
  const { code, stdout, stderr } = await new Deno.Command(command, {
    args: [pathInProject(file), ...args],
    env: { FUNCTIONS_URL: stack.FUNCTIONS_URL, ...env },
  }).output();
  const [said, complained] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, said: said ?? "", complained: complained ?? "" };
}

for (
  const [command, file] of [
    ["node", "examples/node/main.mjs"],
    ["python3", "examples/python/main.py"],
  ] as const
) {
  Deno.test(`${file} streams, continues its session and says what went wrong`, async () => {
    const alice = await signUp("alice");
    const { secret: ACCESS_KEY } = await makeKey(alice);
    const { code, said, complained } = await runProgram(command, file, { ACCESS_KEY });
    deepEqual([code, complained], [0, ""]);
    match(said, /You said: "What is my name\?"\. I was also given 2 earlier messages/);
    const { data } = await alice.supabase.from("chat_sessions").select("message_count");
    deepEqual(data, [{ message_count: 4 }]);

    const refused = await runProgram(command, file, { ACCESS_KEY, MODEL: "no-such-model" });
    equal(refused.code, 1);
    match(refused.complained, /"no-such-model" does not exist.* \(model_not_found, req_\w+\)/);
    equal(refused.complained.includes(ACCESS_KEY), false);
  });
}

Deno.test("examples/ai-sdk answers useChat, which resends the whole conversation", async () => {
  const alice = await signUp("alice");
  Deno.env.set("FUNCTIONS_URL", stack.FUNCTIONS_URL);
  const messages = [];
  for (const text of ["My name is Alice.", "What is my name?"]) {
    messages.push({ id: text, role: "user", parts: [{ type: "text", text }] });
    const response = await POST(
      new Request("http://127.0.0.1/api/chat", {
        method: "POST",
        headers: { authorization: `Bearer ${alice.accessToken}` },
        body: JSON.stringify({ messages }),
      }),
    );
    const answer = [
      ...(await response.text()).matchAll(/"type":"text-delta".*?"delta":("[^\n]*")\}/g),
    ]
      .map(([, delta]) => JSON.parse(delta ?? '""')).join("");
    match(answer, /You said: /);
    messages.push({
      id: `re: ${text}`,
      role: "assistant",
      parts: [{ type: "text", text: answer }],
    });
  }
  await using database = openDatabase();
  const sessions = await database.sql`
    select message_count from public.chat_sessions where user_id = ${alice.id}`;
  deepEqual([...sessions], [{ message_count: 4 }]);
});

/** A model that keeps facts with the tools of examples/langgraph, and says what these return. */
const remembers: Answer = ({ body: { messages, tools } }) => {
  const { role, content } = messages.at(-1);
  const [remember, recall] = tools.map((tool: { function: { name: string } }) =>
    tool.function.name
  );
  const fact = /^Remember that (.*)$/.exec(content)?.[1];
  const called = {
    name: fact ? remember : recall,
    arguments: JSON.stringify(fact ? { fact } : {}),
  };
  const message = role === "tool" ? { role: "assistant", content } : {
    role: "assistant",
    content: null,
    tool_calls: [{ id: `call_${crypto.randomUUID()}`, type: "function", function: called }],
  };
  return Response.json({
    id: "x",
    choices: [{ index: 0, message, finish_reason: role === "tool" ? "stop" : "tool_calls" }],
    usage: { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 },
  });
};

Deno.test("examples/langgraph keeps its state by session and its memories by organization", async () => {
  await using vendor = await startVendor(remembers);
  await using database = openDatabase();
  const { sql } = database;
  const run = async (person: Person, question: string, env: Record<string, string> = {}) => {
    const { API_URL, PUBLISHABLE_KEY, DB_URL } = stack;
    const login = { EMAIL: person.email, PASSWORD: "a good password", AGENT: vendor.agentId };
    const file = "examples/langgraph/main.mjs";
    const access = { API_URL, PUBLISHABLE_KEY, DB_URL, ...login, ...env };
    const { code, said, complained } = await runProgram("node", file, access, question);
    return { code, said, complained, SESSION: said.match(/^SESSION=(.*)$/m)?.[1] ?? "" };
  };
  const updatedAt = () =>
    sql`select prosrc, proconfig from pg_proc where oid = 'public.update_updated_at_column()'::regprocedure`;
  const before = await updatedAt();
  const alice = await signUp("alice");
  const first = await run(alice, "Remember that I like tea.");
  deepEqual([first.complained, first.code], ["", 0]);
  match(first.said, /: I will remember it\.\n/);
  const { SESSION } = first;
  const second = await run(alice, "What do I like?", { SESSION });
  deepEqual([second.complained, second.code], ["", 0]);
  match(second.said, /: I like tea\.\n/);

  // The session has each message once, although LangGraph sent them all with each call.
  const [session] = await sql`
    select message_count, context_data, channel, user_id from public.agent_sessions where id = ${SESSION}`;
  deepEqual({ ...session }, {
    message_count: 8,
    context_data: { turns: 2 },
    channel: "langgraph",
    user_id: alice.id,
  });
  const turns = await sql`
    select distinct turn_state, total_cost > 0 as is_priced from public.ai_interactions where user_id = ${alice.id}`;
  deepEqual([...turns], [{ turn_state: "succeeded", is_priced: true }]);

  const eve = await signUp("eve");
  match((await run(eve, "What do I like?")).said, /: Nothing\.\n/);
  const refused = await run(eve, "What did I say?", { SESSION });
  deepEqual([refused.code, refused.said], [1, ""], "another person's thread");

  deepEqual([...await updatedAt()], [...before], "our trigger function is still ours");
  const rows = () =>
    sql`select count(*)::integer as count from langgraph.checkpoints where session_id = ${SESSION}`;
  ok((await rows())[0]?.count > 0);
  await sql`delete from public.chat_sessions where id = ${SESSION}`;
  equal((await rows())[0]?.count, 0, "a deleted session leaves no checkpoint");
});
