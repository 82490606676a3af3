import { deepEqual, equal, match, rejects } from "node:assert/strict";
import type { ApiError } from "../../functions/_shared/core/errors.ts";
import { directCaller } from "../e2e/support/direct_caller.ts";
import { startOwnPlatform } from "../e2e/support/own_platform.ts";
import { expectSameAsEverywhere, plant, see } from "../e2e/support/sql_caller_suite.ts";
import { startPgbouncer } from "./pgbouncer.ts";

Deno.test("SQL functions are called through PgBouncer", async (test) => {
  await using platform = await startOwnPlatform();
  await plant(platform);
  const { sql, databaseUrl } = platform;
  /** Ends all backends of the functions, and lets the pooler notice. */
  const endBackends = async () => {
    await sql`select pg_terminate_backend(pid) from pg_stat_activity where usename = 'agentbase_functions'`;
    await new Promise((resolve) => setTimeout(resolve, 200));
  };

  await test.step("in transaction mode, with more clients than backends", async (test) => {
    const options = { url: databaseUrl, mode: "transaction", poolSize: 2, maxClients: 40 } as const;
    await using pooler = await startPgbouncer(options);
    await using direct = directCaller(6, pooler.url);
    await expectSameAsEverywhere(test, direct.call);

    await test.step("the limits of the role hold", async () => {
      await sql`alter role agentbase_functions set statement_timeout = '200ms'`;
      await endBackends();
      await rejects(see(direct.call, { seconds: 5 }), (error: ApiError) => {
        equal(error.status, 503);
        match(String(error.cause), /57014/);
        return true;
      });
      await sql`select private.repair_functions_role()`;
      await endBackends();
    });

    await test.step("backends that end are replaced", async () => {
      const outcomes = await Promise.allSettled(
        Array.from({ length: 40 }, async (_, index) => {
          if (index === 20) await endBackends();
          return (await see(direct.call, { value: index })).value;
        }),
      );
      for (const [index, outcome] of outcomes.entries()) {
        if (outcome.status === "fulfilled") equal(outcome.value, index);
        else equal(outcome.reason.status, 503);
      }
      equal((await see(direct.call, { value: "after" })).value, "after");
    });
  });

  await test.step("without room for another client, whose reason is told", async () => {
    const options = { url: databaseUrl, mode: "transaction", poolSize: 2, maxClients: 1 } as const;
    await using pooler = await startPgbouncer(options);
    await using first = directCaller(3, pooler.url);
    const answers = await Promise.all([1, 2, 3].map((value) => see(first.call, { value })));
    deepEqual(answers.map(({ value }) => value), [1, 2, 3]);
    await using second = directCaller(1, pooler.url);
    await rejects(see(second.call, {}), (error: ApiError) => {
      deepEqual([error.status, error.code], [503, "database_unavailable"]);
      match(String(error.cause), /no connection left/);
      return true;
    });
  });

  await test.step("in session mode, where each client keeps a backend: what has none is told to wait", async () => {
    const options = { url: databaseUrl, mode: "session", poolSize: 1, maxClients: 40 } as const;
    await using pooler = await startPgbouncer(options);
    await using direct = directCaller(1, pooler.url);
    equal((await see(direct.call, { value: 1 })).value, 1);
    await using other = directCaller(1, pooler.url);
    await rejects(see(other.call, {}), { status: 503, code: "database_unavailable" });
    equal((await see(direct.call, { value: 2 })).value, 2);
  });
});
