import { deepEqual, doesNotMatch, equal, ok } from "node:assert/strict";
import {
  type FakeProvider,
  MODELS,
  type ProviderAnswer,
  startProvider,
} from "../functions/support/fake_provider.ts";
import { completion } from "../functions/support/upstream_server.ts";
import { addVendor, type FaultVendor, removeVendor } from "./support/fault_vendor.ts";
import { eventually, openDatabase, type Person, signUp, stack } from "./support/stack.ts";

/** The vendor for whose calls the stack under test has a credential. */
const VENDOR = "e2e_upstream";

/** A vendor whose behaviour changes, and the agents that depend on it. */
interface Scene extends AsyncDisposable {
  sql: ReturnType<typeof openDatabase>["sql"];
  provider: FakeProvider;
  vendor: FaultVendor;
  /** Changes the provider's answer from now on. */
  behave(answer: ProviderAnswer): void;
  /** Probes an agent as if it were due, and returns the result. */
  probe(agentId: string): Promise<Check>;
}

interface Check {
  status: string;
  error_code: string | null;
  error_message: string | null;
}

async function openScene(): Promise<Scene> {
  let current: ProviderAnswer = () => Response.json(MODELS);
  const provider = startProvider((call) => current(call));
  const database = openDatabase();
  const { sql } = database;
  const vendor = await addVendor(sql, VENDOR, provider.baseUrl, "/models");
  const checksOf = async (agentId: string) =>
    await sql<Check[]>`
      select status, error_code, error_message from public.agent_health_checks
      where agent_id = ${agentId} order by created_at`;
  return {
    sql,
    provider,
    vendor,
    behave: (answer) => void (current = answer),
    async probe(agentId) {
      const before = (await checksOf(agentId)).length;
      await makeDue(sql, agentId);
      equal((await tick()).status, 200);
      // The stack's own scheduler may have been faster.
      const checks = await eventually(() => checksOf(agentId), (found) => found.length > before);
      const found = checks.at(-1);
      ok(found);
      return { ...found };
    },
    async [Symbol.asyncDispose]() {
      await removeVendor(sql, vendor);
      await database[Symbol.asyncDispose]();
      await provider[Symbol.asyncDispose]();
    },
  };
}

async function makeDue(sql: Scene["sql"], agentId: string): Promise<void> {
  await sql`
    insert into private.agent_probes (agent_id, due_at) values (${agentId}, now())
    on conflict (agent_id) do update set due_at = now()`;
}

async function tick(): Promise<{ status: number; report: { claimed: number; calls: number } }> {
  const response = await fetch(`${stack.FUNCTIONS_URL}/health/probe`, {
    method: "POST",
    headers: { apikey: stack.SECRET_KEY },
  });
  return { status: response.status, report: await response.json() };
}

/** An agent of a person, at the vendor of the scene. */
async function addOwnAgent({ sql, vendor }: Scene, person: Person): Promise<string> {
  const [agent] = await sql<{ id: string }[]>`
    insert into public.agents (name, status, vendor_id, service_id, created_by)
    values ('mine', 'active', ${vendor.vendor}, ${vendor.service}, ${person.id}) returning id`;
  ok(agent);
  return agent.id;
}

const status = (code: number, headers: HeadersInit = {}): ProviderAnswer => () =>
  Response.json({ error: { message: "marker5151" } }, { status: code, headers });

const OUTCOMES: Record<string, [answer: ProviderAnswer, status: string, code: string | null]> = {
  "healthy": [() => Response.json(MODELS), "healthy", null],
  "slow": [
    async () => {
      await new Promise((resolve) => setTimeout(resolve, 5_500));
      return Response.json(MODELS);
    },
    "degraded",
    "slow",
  ],
  "401": [status(401), "unhealthy", "credential_refused"],
  "429": [status(429, { "retry-after": "600" }), "degraded", "rate_limited"],
  "5xx": [status(503), "unhealthy", "upstream_error"],
  "hang": [() => "hang", "unhealthy", "timeout"],
  "garbage": [() => new Response("<html>marker5151"), "unhealthy", "answer_unreadable"],
  "huge": [() => new Response(new Uint8Array(4_200_000)), "unhealthy", "answer_too_large"],
  "redirect": [
    () =>
      new Response(null, { status: 302, headers: { location: "http://169.254.169.254/latest/" } }),
    "unhealthy",
    "redirect_refused",
  ],
};

Deno.test("each behaviour of a vendor has one outcome", async (test) => {
  await using scene = await openScene();
  const { id } = scene.vendor.agent;
  for (const [behaviour, [answer, wanted, code]] of Object.entries(OUTCOMES)) {
    await test.step(behaviour, async () => {
      scene.behave(answer);
      const { status, error_code, error_message } = await scene.probe(id);
      deepEqual([status, error_code, error_message === null], [wanted, code, code === null]);
      doesNotMatch(error_message ?? "", /marker5151/);
    });
  }
  await test.step("refused connection", async () => {
    await scene
      .sql`update public.vendors set base_url = 'http://127.0.0.1:9/v1' where id = ${VENDOR}`;
    const { status, error_code } = await scene.probe(id);
    deepEqual([status, error_code], ["unhealthy", "unreachable"]);
  });
  await test.step("an address inside the network", async () => {
    await scene
      .sql`update public.vendors set base_url = 'https://169.254.169.254/v1' where id = ${VENDOR}`;
    const { status, error_code } = await scene.probe(id);
    deepEqual([status, error_code], ["unhealthy", "address_forbidden"]);
  });
  ok(scene.provider.calls.every(({ method, path }) => method === "GET" && path === "/v1/models"));
});

Deno.test("users are notified after two probes that agree, and the agent's health shows it", async () => {
  await using scene = await openScene();
  const person = await signUp("probed");
  const agent = await addOwnAgent(scene, person);
  const seen = async () => {
    const health = await person.supabase.from("agent_health").select("status").eq(
      "agent_id",
      agent,
    );
    const told = await person.supabase.from("notifications").select("type, occurrences")
      .order("created_at");
    return [
      health.data?.[0]?.status,
      told.data?.map(({ type, occurrences }) => `${type} ${occurrences}`),
    ];
  };
  scene.behave(status(500));
  await scene.probe(agent);
  deepEqual(await seen(), ["healthy", []]);
  await scene.probe(agent);
  deepEqual(await seen(), ["unhealthy", ["agent_error 1"]]);
  await scene.probe(agent);
  deepEqual(await seen(), ["unhealthy", ["agent_error 1"]]);
  scene.behave(() => Response.json(MODELS));
  await scene.probe(agent);
  deepEqual(await seen(), ["unhealthy", ["agent_error 1"]]);
  await scene.probe(agent);
  deepEqual(await seen(), ["healthy", ["agent_recovered 2"]]);
});

Deno.test("concurrent runs of the job probe each agent once", async () => {
  await using scene = await openScene();
  const { id } = scene.vendor.agent;
  await scene.probe(id);
  for (let round = 0; round < 5; round++) {
    const before = scene.provider.calls.length;
    await makeDue(scene.sql, id);
    const ticks = await Promise.all([tick(), tick(), tick(), tick()]);
    ok(ticks.every(({ status }) => status === 200));
    equal(scene.provider.calls.length, before + 1);
  }
});

Deno.test("an agent that answered a call recently is not probed", async () => {
  await using scene = await openScene();
  scene.behave(({ method }) => method === "GET" ? Response.json(MODELS) : completion("hi"));
  const person = await signUp("chatting");
  const { id, name } = scene.vendor.agent;
  await person.openai.chat.completions.create({
    model: name,
    messages: [{ role: "user", content: "hello" }],
  });
  await makeDue(scene.sql, id);
  await tick();
  deepEqual(scene.provider.calls.map(({ method }) => method), ["POST"]);

  await scene.sql`
    update public.agent_executions set started_at = started_at - interval '6 minutes',
      completed_at = completed_at - interval '6 minutes' where agent_id = ${id}`;
  await tick();
  await eventually(() => Promise.resolve(scene.provider.calls.length), (calls) => calls === 2);
});

Deno.test("the database starts a round by itself, and records its result", async () => {
  await using scene = await openScene();
  const { sql } = scene;
  await makeDue(sql, scene.vendor.agent.id);
  const [run] = await sql<
    { id: string }[]
  >`select private.enqueue_function_call('/health/probe') as id`;
  const [outcome] = await eventually(
    () =>
      sql`select outcome, status_code from private.function_call_outbox where id = ${
        run?.id ?? ""
      }`,
    ([found]) => found?.outcome === "succeeded",
  );
  equal(outcome?.status_code, 200);
  await eventually(() => Promise.resolve(scene.provider.calls.length), (calls) => calls >= 1);
});

Deno.test("no round starts without the secret key", async () => {
  const person = await signUp("curious");
  const attempts: HeadersInit[] = [
    {},
    { apikey: stack.PUBLISHABLE_KEY },
    { apikey: "sb_secret_guess" },
    { authorization: `Bearer ${person.accessToken}` },
    { authorization: `Bearer ${stack.SECRET_KEY}` },
  ];
  for (const headers of attempts) {
    const response = await fetch(`${stack.FUNCTIONS_URL}/health/probe`, {
      method: "POST",
      headers,
    });
    equal(response.status, 401, JSON.stringify(Object.keys(headers)));
    await response.body?.cancel();
  }
});

Deno.test("the operator reads the full health report", async () => {
  const response = await fetch(`${stack.FUNCTIONS_URL}/health`, {
    headers: { apikey: stack.SECRET_KEY },
  });
  equal(response.status, 200);
  const { status, problems, checks } = await response.json();
  ok(status === "ok" || (status === "degraded" && problems.length > 0));
  for (const check of ["database", "redis", "upstreams", "turns", "jobs", "function_calls"]) {
    ok(check in checks, check);
  }
  doesNotMatch(JSON.stringify(checks), /sb_secret|base_url|https?:/);
});

Deno.test("a caller's calls of the functions are recorded, with their cost", async () => {
  await using scene = await openScene();
  scene.behave(({ method }) => method === "GET" ? Response.json(MODELS) : completion("hi"));
  const person = await signUp("recorded");
  const { id, name } = scene.vendor.agent;
  await person.openai.chat.completions.create({
    model: name,
    messages: [{ role: "user", content: "hello" }],
  });
  await person.openai.models.list();
  const read = async () => {
    const { data } = await person.supabase.from("api_usage")
      .select("endpoint, method, status_code, agent_id, cost_usd, response_time_ms").order(
        "endpoint",
      );
    return data ?? [];
  };
  const calls = await eventually(read, (found) => found.length === 2);
  deepEqual(
    calls.map(({ endpoint, method, status_code, agent_id }) => [
      endpoint,
      method,
      status_code,
      agent_id,
    ]),
    [["/chat/completions", "POST", 200, id], ["/models", "GET", 200, null]],
  );
  ok(Number(calls[0]?.cost_usd) > 0);
  ok(calls.every(({ response_time_ms }) => response_time_ms >= 0));
});
