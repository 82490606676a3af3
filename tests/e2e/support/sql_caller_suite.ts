import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { z } from "zod";
import type { ApiError } from "../../../functions/_shared/core/errors.ts";
import { NOTHING, type SqlCaller } from "../../../functions/_shared/database/sql_caller.ts";
import type { OwnPlatform } from "./own_platform.ts";

/** The context of a call, as the called function sees it. */
const seenSchema = z.object({
  value: z.unknown(),
  who: z.string(),
  uid: z.string().nullable(),
  pid: z.number(),
});

/**
 * Replaces a function that the backend calls with one that returns its arguments and role, after
 * some seconds.
 */
export async function plant({ sql }: OwnPlatform): Promise<void> {
  await sql.unsafe(`
    drop function public.record_agent_probes(jsonb);
    create function public.record_agent_probes(results jsonb) returns jsonb
    language plpgsql set search_path = '' as $$
    begin
      perform pg_sleep(coalesce((results ->> 'seconds')::double precision, 0));
      if results ? 'refuse' then perform private.refuse('session_busy', 'It is taken.', 'Wait.'); end if;
      if results ? 'fail' then execute 'select 1 / 0'; end if;
      return jsonb_build_object(
        'value', results -> 'value', 'who', current_user, 'uid', auth.uid(), 'pid', pg_backend_pid()
      );
    end
    $$;
    grant execute on function public.record_agent_probes(jsonb) to service_role, agentbase_functions;
    select private.repair_functions_role()`);
}

/** Calls it. */
export const see = (
  call: SqlCaller,
  results: { [name: string]: string | number | null },
  signal?: AbortSignal,
) => call("record_agent_probes", { results }, seenSchema, signal);

/** The assertions that hold for every way to the database. */
export async function expectSameAsEverywhere(
  test: Deno.TestContext,
  call: SqlCaller,
): Promise<void> {
  await test.step("a function runs as service_role, for no user", async () => {
    const { who, uid } = await see(call, { value: 1 });
    deepEqual([who, uid], ["service_role", null]);
  });

  await test.step("values come back unchanged", async () => {
    for (const value of ["", "ä ' \" \\ $1", 0, -1.5, null, 9007199254740991]) {
      deepEqual((await see(call, { value })).value, value);
    }
  });

  await test.step("concurrent calls get their own answers", async () => {
    const values = Array.from({ length: 60 }, (_, index) => index);
    const answers = await Promise.all(values.map((value) => see(call, { value })));
    deepEqual(answers.map(({ value }) => value), values);
  });

  await test.step("rows are a list of objects with numbers as numbers", async () => {
    const column = z.object({ table_name: z.string(), column_name: z.string() });
    const columns = await call("list_encrypted_columns", {}, z.array(column));
    ok(columns.length > 1);
    deepEqual(await call("count_encrypted_values", {}, z.array(z.unknown())), []);
    equal(await call("record_api_usage", { calls: [] }, z.number()), 0);
    const connected = z.object({ connections: z.number(), max_connections: z.number() });
    const { connections, max_connections } = await call("check_connection", {}, connected);
    ok(connections > 0 && connections < max_connections, `${connections} connections`);
  });

  await test.step("a function that returns void has no result", async () => {
    equal(
      await call("give_up_oauth_token", { session_id: "x", ciphertext: "y" }, NOTHING),
      undefined,
    );
  });

  await test.step("a business error is the caller's", async () => {
    await rejects(see(call, { refuse: 1 }), (error: ApiError) => {
      deepEqual([error.status, error.code, error.message], [
        409,
        "session_busy",
        "It is taken. Wait.",
      ]);
      return true;
    });
    const caller = { user_id: crypto.randomUUID() };
    await rejects(call("list_oauth_tokens", { caller }, NOTHING), {
      status: 401,
      code: "user_not_found",
    });
  });

  await test.step("a failed function is an internal error, and the next call works", async () => {
    await rejects(see(call, { fail: 1 }), { status: 500, code: "internal_error" });
    await rejects(call("reserve_attempt", { turn_id: "no uuid" }, NOTHING), { status: 500 });
    equal((await see(call, { value: 7 })).value, 7);
  });

  await test.step("an aborted signal ends a call", async () => {
    const began = Date.now();
    const given = see(call, { seconds: 6 }, AbortSignal.timeout(150));
    await rejects(given, { status: 503, code: "database_unavailable" });
    ok(Date.now() - began < 2_000);
    equal((await see(call, { value: 8 })).value, 8);
  });
}
