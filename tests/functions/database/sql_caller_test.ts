import { deepEqual, equal, rejects } from "node:assert/strict";
import { z } from "zod";
import { dataApi } from "../../../functions/_shared/database/client.ts";
import { createSqlCaller, NOTHING } from "../../../functions/_shared/database/sql_caller.ts";

/** A caller whose Data API is a function; what was asked is recorded. */
function callerOf(answer: (request: Request) => Response | Promise<Response>) {
  const asked: { path: string; body: unknown }[] = [];
  const transport = dataApi(
    { supabaseUrl: "http://127.0.0.1:1", secretKey: "sb_secret_test" },
    async (input, init) => {
      const request = new Request(input, init);
      asked.push({ path: new URL(request.url).pathname, body: await request.clone().json() });
      return await answer(request);
    },
  );
  return { call: createSqlCaller(transport), asked };
}

Deno.test("a SQL function gets its arguments, and what it returns is parsed", async () => {
  const { call, asked } = callerOf(() => Response.json({ corrected: true, more: 1 }));
  const args = { turn_id: "a turn", correction: { usage: null } };
  const returned = await call("correct_chat_turn", args, z.object({ corrected: z.boolean() }));
  deepEqual(returned, { corrected: true });
  deepEqual(asked, [{ path: "/rest/v1/rpc/correct_chat_turn", body: args }]);
});

Deno.test("a SQL function without arguments is called without any", async () => {
  const { call, asked } = callerOf(() => Response.json([]));
  deepEqual(await call("list_encrypted_columns", {}, z.array(z.unknown())), []);
  deepEqual(asked, [{ path: "/rest/v1/rpc/list_encrypted_columns", body: {} }]);
});

Deno.test("a result that is void or not needed is not read", async () => {
  const reports = { reports: [] };
  const none = callerOf(() => new Response(null, { status: 204 }));
  equal(await none.call("report_api_keys", reports, NOTHING), undefined);
  const some = callerOf(() => Response.json(3));
  equal(await some.call("record_api_usage", { calls: [] }, NOTHING), undefined);
});

Deno.test("a result of another shape is an error, and the call is not retried", async () => {
  const { call, asked } = callerOf(() => Response.json("text"));
  await rejects(call("health_report", {}, z.object({})), { name: "ZodError" });
  equal(asked.length, 1);
});

Deno.test("a business error reaches the caller as it was raised", async () => {
  const refusal = { code: "PT409", message: "It is taken.", details: "session_busy", hint: null };
  const { call } = callerOf(() => Response.json(refusal, { status: 409 }));
  await rejects(call("health_report", {}, NOTHING), { status: 409, code: "session_busy" });
});

Deno.test("an aborted signal ends a call that takes too long", async () => {
  const { call } = callerOf(({ signal }) =>
    new Promise((_, reject) => {
      if (signal.aborted) reject(signal.reason);
      signal.addEventListener("abort", () => reject(signal.reason));
    })
  );
  await rejects(call("health_report", {}, NOTHING, AbortSignal.timeout(10)), {
    status: 503,
    code: "database_unavailable",
  });
});
