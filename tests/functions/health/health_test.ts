import { deepEqual, doesNotMatch, equal } from "node:assert/strict";
import { dataApi } from "../../../functions/_shared/database/client.ts";
import { createSqlCaller } from "../../../functions/_shared/database/sql_caller.ts";
import type { LogFields } from "../../../functions/_shared/core/log.ts";
import { createRedis, type SharedRedis } from "../../../functions/_shared/redis/client.ts";
import { healthDatabase } from "../../../functions/health/db.ts";
import { handleHealth } from "../../../functions/health/handler.ts";
import { createProbes } from "../support/probe_fixture.ts";
import { startTestRedis } from "../support/redis.ts";

/** A Data API on a loopback port, and the health function that asks it. */
function startHealth(
  answer: (sqlFunction: string) => Response | Promise<Response>,
  redis: SharedRedis | null = null,
) {
  const asked: Headers[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    asked.push(new Headers(request.headers));
    return answer(new URL(request.url).pathname.split("/").at(-1) ?? "");
  });
  const lines: LogFields[] = [];
  const transport = dataApi({
    supabaseUrl: `http://127.0.0.1:${server.addr.port}`,
    secretKey: "sb_secret_hush",
  }, fetch);
  const deps = {
    ...createProbes([], { redis }).deps,
    database: healthDatabase(createSqlCaller(transport)),
    log: (_level: string, fields: LogFields) => void lines.push(fields),
  };
  return {
    asked,
    lines,
    send: (method = "GET", headers: HeadersInit = {}) =>
      handleHealth(new Request("http://127.0.0.1/health", { method, headers }), deps),
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

Deno.test("health is ok when the database answers, for anyone", async () => {
  await using health = startHealth(() => Response.json([]));
  const response = await health.send();
  equal(response.status, 200);
  const { status, checks } = await response.json();
  deepEqual([status, checks.database.status], ["ok", "ok"]);
  equal(health.asked[0]?.get("apikey"), "sb_secret_hush");
});

Deno.test("health is down when the database does not answer, without the reason", async () => {
  const answer = { code: "PGRST001", message: "connection to db.internal refused" };
  await using health = startHealth(() => Response.json(answer, { status: 503 }));
  const response = await health.send();
  equal(response.status, 503);
  const text = await response.text();
  equal(JSON.parse(text).status, "down");
  doesNotMatch(text, /internal|hush/);
  equal(health.lines[0]?.cause, "database: PGRST001: connection to db.internal refused");
});

Deno.test("health answers HEAD without a body, and refuses other methods than GET", async () => {
  await using health = startHealth(() => Response.json([]));
  const head = await health.send("HEAD");
  deepEqual([head.status, head.body], [200, null]);
  const post = await health.send("POST");
  deepEqual([post.status, post.headers.get("allow")], [405, "GET, HEAD, OPTIONS"]);
  await post.body?.cancel();
});

Deno.test("probes at the same time share one question to the database", async () => {
  const pause = Promise.withResolvers<void>();
  await using health = startHealth(async () => {
    await pause.promise;
    return Response.json([]);
  });
  const probes = Array.from({ length: 5 }, () => health.send());
  pause.resolve();
  const statuses = (await Promise.all(probes)).map(({ status }) => status);
  deepEqual([statuses, health.asked.length], [[200, 200, 200, 200, 200], 1]);
});

const operator = { apikey: "sb_secret_defaulthush" };
const report = {
  status: "ok",
  problems: [],
  database: { version: "17.1", connections: 3 },
  jobs: { late: [], failing: [] },
};
const connection = {
  role: "agentbase_functions",
  statement_timeout_ms: 8_000,
  connections: 12,
  max_connections: 60,
};
/** The report, put together from the answers of the two database functions. */
const pictureOf = (whole: object, connected: object = connection) => (sqlFunction: string) =>
  Response.json(sqlFunction === "check_connection" ? connected : whole);
const redisThatIsGone: SharedRedis = {
  attempt: () => Promise.resolve(null),
  later: () => Promise.resolve(),
};

Deno.test("with a secret key GET /health is the full report", async () => {
  await using server = await startTestRedis();
  const redis = createRedis(server.variables, { log: () => {} });
  await using health = startHealth(pictureOf(report), redis);
  const response = await health.send("GET", operator);
  equal(response.status, 200);
  const { status, problems, checks } = await response.json();
  deepEqual([status, problems], ["ok", []]);
  deepEqual(Object.keys(checks), ["database", "redis", "jobs"]);
  deepEqual([checks.database.status, checks.database.version], ["ok", "17.1"]);
  equal(checks.redis.status, "ok");
});

Deno.test("a degraded project answers 200 with its problems", async () => {
  const broken = { ...report, status: "degraded", problems: ["jobs_late"] };
  await using health = startHealth(pictureOf(broken), redisThatIsGone);
  const response = await health.send("GET", operator);
  equal(response.status, 200);
  const { status, problems, checks } = await response.json();
  deepEqual([status, problems], ["degraded", ["jobs_late", "redis_unreachable"]]);
  equal(checks.redis.status, "unreachable");
});

Deno.test("a project without Redis has no problem", async () => {
  await using health = startHealth(pictureOf(report));
  const { status, checks } = await (await health.send("GET", operator)).json();
  deepEqual([status, checks.redis], ["ok", { status: "not_configured" }]);
});

Deno.test("the full report has the kind of database connection, with its problems", async () => {
  await using good = startHealth(pictureOf(report));
  deepEqual(
    (await (await good.send("GET", operator)).json()).checks.database.connection,
    connection,
  );
  const wrong = { ...connection, statement_timeout_ms: 0, connections: 58 };
  await using bad = startHealth(pictureOf(report, wrong));
  const { status, problems } = await (await bad.send("GET", operator)).json();
  deepEqual([status, problems], [
    "degraded",
    ["no_statement_timeout", "connections_nearly_exhausted"],
  ]);
});

Deno.test("the full report says why the database cannot be reached", async () => {
  const answer = { code: "42501", message: "permission denied for function check_connection" };
  await using health = startHealth(() => Response.json(answer, { status: 403 }));
  const { checks } = await (await health.send("GET", operator)).json();
  equal(checks.database.reason, `database: 42501: ${answer.message}`);
});

Deno.test("the full report without the database says that it is down", async () => {
  await using health = startHealth(() => Response.json({ message: "x" }, { status: 503 }));
  const response = await health.send("GET", operator);
  equal(response.status, 503);
  const { status, checks } = await response.json();
  deepEqual([status, checks.database.status], ["down", "unreachable"]);
});

Deno.test("a wrong secret key is refused, not ignored", async () => {
  await using health = startHealth(() => Response.json([]));
  const response = await health.send("GET", { apikey: "sb_secret_wrong" });
  deepEqual([response.status, (await response.json()).error.code], [401, "invalid_secret_key"]);
  equal(health.asked.length, 0);
});
