import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { z } from "zod";
import type { ApiError } from "../../functions/_shared/core/errors.ts";
import { dataApi } from "../../functions/_shared/database/client.ts";
import {
  createSqlCaller,
  NOTHING,
  type SqlCaller,
} from "../../functions/_shared/database/sql_caller.ts";
import { directCaller } from "./support/direct_caller.ts";
import { type OwnPlatform, startOwnPlatform } from "./support/own_platform.ts";

/** What a call sees of itself. */
const seenSchema = z.object({
  value: z.unknown(),
  who: z.string(),
  uid: z.string().nullable(),
  pid: z.number(),
});

/**
 * Takes the place of a function that the backend calls: says what it was given and who it runs as,
 * after some seconds.
 */
async function plant({ sql }: OwnPlatform): Promise<void> {
  await sql.unsafe(`
    drop function public.record_agent_probes(jsonb);
    create function public.record_agent_probes(results jsonb) returns jsonb
    language plpgsql set search_path = '' as $$
    begin
      perform pg_sleep(coalesce((results ->> 'seconds')::double precision, 0));
      if results ? 'refuse' then perform private.refuse(409, 'taken', 'It is taken.', 'Wait.'); end if;
      if results ? 'fail' then execute 'select 1 / 0'; end if;
      return jsonb_build_object(
        'value', results -> 'value', 'who', current_user, 'uid', auth.uid(), 'pid', pg_backend_pid()
      );
    end
    $$;
    grant execute on function public.record_agent_probes(jsonb) to service_role, agentbase_functions;
    select private.repair_functions_role()`);
}

const see = (
  call: SqlCaller,
  results: { [name: string]: string | number | null },
  signal?: AbortSignal,
) => call("record_agent_probes", { results }, seenSchema, signal);

/** Whether a call that takes long is under way on the server. */
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

/** What holds of every way to the database. */
async function expectSameAsEverywhere(test: Deno.TestContext, call: SqlCaller): Promise<void> {
  await test.step("a function runs as service_role, for nobody yet", async () => {
    const { who, uid } = await see(call, { value: 1 });
    deepEqual([who, uid], ["service_role", null]);
  });

  await test.step("values come back as they went", async () => {
    for (const value of ["", "ä ' \" \\ $1", 0, -1.5, null, 9007199254740991]) {
      deepEqual((await see(call, { value })).value, value);
    }
  });

  await test.step("calls at the same time get their own answers", async () => {
    const values = Array.from({ length: 60 }, (_, index) => index);
    const answers = await Promise.all(values.map((value) => see(call, { value })));
    deepEqual(answers.map(({ value }) => value), values);
  });

  await test.step("rows are a list of objects, numbers are numbers", async () => {
    const column = z.object({ table_name: z.string(), column_name: z.string() });
    const columns = await call("list_encrypted_columns", {}, z.array(column));
    ok(columns.length > 1);
    deepEqual(await call("count_encrypted_values", {}, z.array(z.unknown())), []);
    equal(await call("record_api_usage", { calls: [] }, z.number()), 0);
  });

  await test.step("what returns nothing is not read", async () => {
    equal(
      await call("give_up_oauth_token", { session_id: "x", ciphertext: "y" }, NOTHING),
      undefined,
    );
  });

  await test.step("a refusal is the caller's", async () => {
    await rejects(see(call, { refuse: 1 }), (error: ApiError) => {
      deepEqual([error.status, error.code, error.message], [409, "taken", "It is taken. Wait."]);
      return true;
    });
    const caller = { user_id: crypto.randomUUID() };
    await rejects(call("list_oauth_tokens", { caller }, NOTHING), {
      status: 401,
      code: "user_not_found",
    });
  });

  await test.step("what fails is an internal error, and the next call works", async () => {
    await rejects(see(call, { fail: 1 }), { status: 500, code: "internal_error" });
    await rejects(call("reserve_attempt", { turn_id: "no uuid" }, NOTHING), { status: 500 });
    equal((await see(call, { value: 7 })).value, 7);
  });

  await test.step("a signal ends a call", async () => {
    const began = Date.now();
    const given = see(call, { seconds: 6 }, AbortSignal.timeout(150));
    await rejects(given, { status: 503, code: "database_unavailable" });
    ok(Date.now() - began < 2_000);
    equal((await see(call, { value: 8 })).value, 8);
  });
}

Deno.test("SQL functions are called through the Data API and directly, with the same result", async (test) => {
  await using platform = await startOwnPlatform();
  await plant(platform);
  const env = { supabaseUrl: platform.API_URL, secretKey: platform.SECRET_KEY };
  await test.step("through the Data API", async (test) => {
    await until(async () => {
      const call = createSqlCaller(dataApi(env, fetch));
      return await see(call, { value: 1 }).then(() => true, () => false);
    }, 5_000);
    await expectSameAsEverywhere(test, createSqlCaller(dataApi(env, fetch)));
  });
  await test.step("directly", async (test) => {
    await using direct = directCaller(3, platform.databaseUrl);
    await expectSameAsEverywhere(test, direct.call);
  });
  await test.step("directly: limits and losses", (test) => expectLimits(test, platform));
  await test.step("directly: settings that are wrong", (test) => expectReasons(test, platform));
});

async function expectLimits(test: Deno.TestContext, platform: OwnPlatform): Promise<void> {
  const { sql, databaseUrl } = platform;

  await test.step("a call that was given up ends on the server as well", async () => {
    await using direct = directCaller(1, new URL(databaseUrl).href);
    await rejects(see(direct.call, { seconds: 7 }, AbortSignal.timeout(200)), { status: 503 });
    await until(async () => !await isAtWork(platform), 3_000);
  });

  await test.step("the server ends a statement before the client gives up, and keeps the connection", async () => {
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

  await test.step("connections that the server ended are replaced without anybody noticing", async () => {
    await using direct = directCaller(2, databaseUrl);
    await Promise.all([see(direct.call, {}), see(direct.call, {})]);
    await sql`select pg_terminate_backend(pid) from pg_stat_activity where usename = 'agentbase_functions'`;
    await new Promise((resolve) => setTimeout(resolve, 100));
    equal((await see(direct.call, { value: 1 })).value, 1);
  });

  await test.step("where the server has one connection left, it is shared", async () => {
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
    ["a port where nobody listens", changed((url) => url.port = "1"), /cannot be reached/],
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

  await test.step("a role without a right", async () => {
    const { sql, databaseUrl } = platform;
    await sql`revoke execute on function public.record_agent_probes from agentbase_functions`;
    await using direct = directCaller(1, databaseUrl);
    await expectReason(direct.call, /42501.*permission denied for function record_agent_probes/);
  });
}

/** A call is refused with 503 and a time to come back, and the log learns why; not the password. */
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
