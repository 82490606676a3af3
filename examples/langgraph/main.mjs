// An agent in LangGraph.js: its configuration, sessions and model calls are Agentbase's, its state
// and its memories are in LangGraph's own tables.
//
//   node main.mjs "Remember that I like tea."
//   SESSION=<the id that it printed> node main.mjs "What do I like?"
import process from "node:process";
import { HumanMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { MessagesAnnotation, START, StateGraph } from "@langchain/langgraph";
import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import { PostgresStore } from "@langchain/langgraph-checkpoint-postgres/store";
import { ToolNode, toolsCondition } from "@langchain/langgraph/prebuilt";
import { ChatOpenAI } from "@langchain/openai";
import pg from "pg";
import { z } from "zod";

const { API_URL, FUNCTIONS_URL, PUBLISHABLE_KEY, DB_URL, AGENT, SESSION } = process.env;
const { EMAIL = "alice@example.com", PASSWORD = "agentbase" } = process.env;
const question = process.argv[2] ?? "Remember that I like tea.";
if (!API_URL || !FUNCTIONS_URL || !PUBLISHABLE_KEY || !DB_URL) {
  console.error("Set API_URL, FUNCTIONS_URL, PUBLISHABLE_KEY and DB_URL.");
  process.exit(2);
}

/** Calls Auth or the Data API; throws with what it says where it refuses. */
async function call(path, body, token, method = body ? "POST" : "GET") {
  const response = await fetch(`${API_URL}${path}`, {
    method,
    headers: {
      apikey: PUBLISHABLE_KEY,
      "content-type": "application/json",
      prefer: "return=representation",
      ...(token && { authorization: `Bearer ${token}` }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${path}: ${answer.message ?? answer.msg}`);
  return answer;
}

// The user's own token: row level security decides which agents and sessions there are.
const { access_token: token, user } = await call(
  "/auth/v1/token?grant_type=password",
  {
    email: EMAIL,
    password: PASSWORD,
  },
);
const rest = (path, body, method) => call(`/rest/v1/${path}`, body, token, method);

/** The agent's id; without AGENT, that of the example's own. */
async function findAgent() {
  if (AGENT) return AGENT;
  const [known] = await rest(
    "agents?select=id&name=eq.LangGraph%20example&limit=1",
  );
  const [{ id }] = known ? [known] : await rest("agents?select=id", {
    name: "LangGraph example",
    llm_provider: "openai",
    llm_model: "gpt-6-luna",
    system_prompt: "Answer briefly. Keep what the user wants you to remember.",
    config_json: { tools: { max_steps: 5 } },
  });
  return id;
}

/** The session to go on with, which must be the user's, or a new one. */
async function openSession(agent) {
  const columns = "select=id,session_id,context_data";
  const [session] = SESSION
    ? await rest(`agent_sessions?${columns}&id=eq.${SESSION}`)
    : await rest(`agent_sessions?${columns}`, {
      agent_id: agent,
      channel: "langgraph",
    });
  if (!session) {
    throw new Error(`There is no session ${SESSION}, or it is not yours.`);
  }
  return session;
}

const agent = await findAgent();
const { configuration, name } = await rest("rpc/agent_runtime_config", {
  agent,
});
const [profile] = await rest(
  `profiles?select=id,current_organization_id&id=eq.${user.id}`,
);
const session = await openSession(agent);

// LangGraph's tables have no tenants: bind_langgraph() ties threads to sessions, and memories to
// organizations. A server sets up once, when it is deployed.
const checkpointer = PostgresSaver.fromConnString(DB_URL, {
  schema: "langgraph",
});
const store = PostgresStore.fromConnString(DB_URL, { schema: "langgraph" });
await checkpointer.setup();
await store.setup();
const database = new pg.Client(DB_URL);
await database.connect();
await database.query("select private.bind_langgraph()");
await database.end();

const memories = [profile.current_organization_id, profile.id];
const tools = [
  tool(async ({ fact }) => {
    await store.put(memories, crypto.randomUUID(), { fact });
    return "I will remember it.";
  }, {
    name: "remember",
    description: "Keeps a fact about the user.",
    schema: z.object({ fact: z.string() }),
  }),
  tool(async () => {
    const found = await store.search(memories);
    return found.map(({ value }) => value.fact).join("\n") || "Nothing.";
  }, {
    name: "recall",
    description: "Reads the facts about the user.",
    schema: z.object({}),
  }),
];

// Chat adds the agent's prompt, calls its model with the right credential, and counts the cost. The
// session recognises what it has of the messages that are sent again.
const model = new ChatOpenAI({
  model: agent,
  apiKey: token,
  timeout: configuration.model.timeout_ms,
  configuration: {
    baseURL: FUNCTIONS_URL,
    defaultHeaders: { "x-session-id": session.session_id },
  },
}).bindTools(tools);

const graph = new StateGraph(MessagesAnnotation)
  .addNode(
    "agent",
    async ({ messages }) => ({ messages: [await model.invoke(messages)] }),
  )
  .addNode("tools", new ToolNode(tools))
  .addEdge(START, "agent")
  .addConditionalEdges("agent", toolsCondition)
  .addEdge("tools", "agent")
  .compile({ checkpointer, store });

try {
  const { messages } = await graph.invoke({
    messages: [new HumanMessage(question)],
  }, {
    configurable: { thread_id: session.id },
    // A call of a tool is two steps, the answer behind it one more.
    recursionLimit: 2 * configuration.tools.max_steps + 1,
  });
  console.log(`${name}: ${messages.at(-1).text}`);
  console.log(`SESSION=${session.id}`);
  const turns = (session.context_data.turns ?? 0) + 1;
  await rest(
    `agent_sessions?id=eq.${session.id}`,
    { context_data: { turns } },
    "PATCH",
  );
} finally {
  await checkpointer.end();
  await store.stop();
}
