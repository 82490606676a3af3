import { deepEqual, equal, ok } from "node:assert/strict";
import postgres from "postgres";
import { applyMigrations } from "../postgres/apply-migrations.ts";
import { startOutboxRelay } from "./outbox-relay.ts";
import { startTemporaryDatabase } from "../postgres/temporary-database.ts";

interface Call {
  path: string;
  apikey: string | null;
  body: { run_id?: string };
}

Deno.test("calls that the database makes are sent once, and their outcome is recorded", async () => {
  const database = await startTemporaryDatabase();
  const sql = postgres(database.url, { max: 1, onnotice: () => {} });
  const calls: Call[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const { pathname } = new URL(request.url);
      const apikey = request.headers.get("apikey");
      calls.push({ path: pathname, apikey, body: await request.json() });
      return new Response(null, { status: pathname.endsWith("/refused") ? 401 : 200 });
    },
  );
  const options = {
    url: database.url,
    functionsUrl: `http://127.0.0.1:${server.addr.port}/functions/v1`,
    key: "sb_secret_cron",
    report: (line: string) => ok(false, line),
  };
  const outcomes = async () => {
    const deadline = Date.now() + 60_000;
    while (true) {
      const rows = await sql<{ path: string; outcome: string; status_code: number | null }[]>`
        select path, outcome, status_code from private.function_call_outbox order by created_at`;
      if (rows.every(({ outcome }) => outcome === "succeeded" || outcome === "failed")) {
        return rows.map(({ path, outcome, status_code }) => [path, outcome, status_code]);
      }
      ok(Date.now() < deadline, "Waited in vain");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  try {
    await applyMigrations({ url: database.url });
    const [waiting] = await sql<
      { id: string }[]
    >`select private.enqueue_function_call('/waiting') as id`;
    // Two of them take turns, as two stacks would.
    const relays = await Promise.all([startOutboxRelay(options), startOutboxRelay(options)]);
    deepEqual(await outcomes(), [["/waiting", "succeeded", 200]]);
    deepEqual([calls[0]?.path, calls[0]?.apikey], ["/functions/v1/waiting", "sb_secret_cron"]);
    equal(calls[0]?.body.run_id, waiting?.id);

    await sql`select private.enqueue_function_call('/health/probe')`;
    await sql`select private.enqueue_function_call('/refused')`;
    deepEqual((await outcomes()).slice(1), [
      ["/health/probe", "succeeded", 200],
      ["/refused", "failed", 401],
    ]);
    equal(calls.length, 3);
    await server.shutdown();
    await sql`select private.enqueue_function_call('/gone')`;
    deepEqual((await outcomes()).at(-1), ["/gone", "failed", null]);
    await Promise.all(relays.map((relay) => relay.stop(1000)));
  } finally {
    await sql.end();
    await server.shutdown();
    await database.stop();
  }
});
