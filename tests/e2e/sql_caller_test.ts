import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import type { ApiError } from "../../functions/_shared/core/errors.ts";
import { dataApi } from "../../functions/_shared/database/client.ts";
import { createSqlCaller, type SqlCaller } from "../../functions/_shared/database/sql_caller.ts";
import { directCaller } from "./support/direct_caller.ts";
import { type OwnPlatform, startOwnPlatform } from "./support/own_platform.ts";
import { expectSameAsEverywhere, plant, see } from "./support/sql_caller_suite.ts";

/** Whether a slow call is running on the server. */
async function isAtWork({ sql }: OwnPlatform): Promise<boolean> {
  const [found] = await sql`
    select exists (
      select from pg_stat_activity
      where usename = 'agentbase_functions' and state = 'active' and query like '%record_agent_probes%'
    ) as found`;
  return found?.found === true;
}

async function until(holds: () => Promise<boolean>, ms: number): Promise<void> {
  const deadline = Date.now() + ms;
  while (!await holds()) {
    if (Date.now() > deadline) throw new Error(`Cannot wait longer until ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

Deno.test("SQL functions are called through the Data API and directly, with the same result", async (test) => {
  await using platform = await startOwnPlatform();
  await plant(platform);
  const env = { supabaseUrl: platform.API_URL, secretKey: platform.SECRET_KEY };
  await test.step("through the Data API", async (test) => {
    await until(async () => {
      const call = createSqlCaller(dataApi(env, fetch));
      return await see(call, { value: 1 }).then(() => true, () => false);
    }, 60_000);
    await expectSameAsEverywhere(test, createSqlCaller(dataApi(env, fetch)));
  });
  await test.step("directly", async (test) => {
    await using direct = directCaller(3, platform.databaseUrl);
    await expectSameAsEverywhere(test, direct.call);
  });
  await test.step("directly: time limits and lost connections", (test) =>
    expectLimits(test, platform));
  await test.step("directly: wrong settings", (test) => expectReasons(test, platform));
});

async function expectLimits(test: Deno.TestContext, platform: OwnPlatform): Promise<void> {
  const { sql, databaseUrl } = platform;

  await test.step("a cancelled call ends on the server as well", async () => {
    await using direct = directCaller(1, new URL(databaseUrl).href);
    await rejects(see(direct.call, { seconds: 7 }, AbortSignal.timeout(200)), { status: 503 });
    await until(async () => !await isAtWork(platform), 3_000);
  });

  await test.step("the server cancels a statement before the client times out, and keeps the connection", async () => {
    await sql`alter role agentbase_functions set statement_timeout = '200ms'`;
    await using direct = directCaller(1, databaseUrl);
    const { pid } = await see(direct.call, {});
    await rejects(see(direct.call, { seconds: 5 }), (error: ApiError) => {
      equal(error.status, 503);
      match(String(error.cause), /57014/);
      return true;
    });
    equal((await see(direct.call, {})).pid, pid);
    await sql`select private.repair_functions_role()`;
  });

  await test.step("connections that the server closed are replaced without an error", async () => {
    await using direct = directCaller(2, databaseUrl);
    await Promise.all([see(direct.call, {}), see(direct.call, {})]);
    await sql`select pg_terminate_backend(pid) from pg_stat_activity where usename = 'agentbase_functions'`;
    await new Promise((resolve) => setTimeout(resolve, 100));
    equal((await see(direct.call, { value: 1 })).value, 1);
  });

  await test.step("calls share the one connection that the server has left", async () => {
    await sql`alter role agentbase_functions connection limit 1`;
    try {
      await using direct = directCaller(4, databaseUrl);
      const answers = await Promise.all([1, 2, 3, 4].map((value) => see(direct.call, { value })));
      deepEqual(answers.map(({ value }) => value), [1, 2, 3, 4]);
      await using other = directCaller(1, databaseUrl);
      await expectReason(other.call, /53300.*no connection left/);
    } finally {
      await sql`alter role agentbase_functions connection limit -1`;
    }
  });
}

async function expectReasons(test: Deno.TestContext, platform: OwnPlatform): Promise<void> {
  const changed = (change: (url: URL) => void) => {
    const url = new URL(platform.databaseUrl);
    change(url);
    return url.href;
  };
  const cases: [what: string, url: string, reason: RegExp][] = [
    ["a wrong password", changed((url) => url.password = "hush-hush"), /28P01.*refuses the user/],
    ["an unknown user", changed((url) => url.username = "stranger"), /28P01.*refuses the user/],
    ["an unknown database", changed((url) => url.pathname = "/elsewhere"), /3D000.*does not exist/],
    ["a port where no one listens", changed((url) => url.port = "1"), /cannot be reached/],
    [
      "a host that does not exist",
      changed((url) => url.hostname = "db.invalid"),
      /host is unknown/,
    ],
    [
      "a server without TLS",
      changed((url) => url.searchParams.set("sslmode", "require")),
      /does not accept TLS/,
    ],
  ];
  for (const [what, url, reason] of cases) {
    await test.step(what, async () => {
      await using direct = directCaller(2, url);
      await expectReason(direct.call, reason);
    });
  }

  await test.step("a role that lacks a privilege", async () => {
    const { sql, databaseUrl } = platform;
    await sql`revoke execute on function public.record_agent_probes from agentbase_functions`;
    await using direct = directCaller(1, databaseUrl);
    await expectReason(direct.call, /42501.*permission denied for function record_agent_probes/);
  });
}

/** A call is refused with 503 and Retry-After. The log has the reason, but not the password. */
async function expectReason(call: SqlCaller, reason: RegExp): Promise<void> {
  await rejects(see(call, {}), (error: ApiError) => {
    deepEqual([error.status, error.code], [503, "database_unavailable"]);
    match(error.headers["retry-after"] ?? "", /^\d+$/);
    const cause = error.cause instanceof Error ? error.cause.message : "";
    match(cause, reason);
    ok(!cause.includes("hush-hush"));
    return true;
  });
}
