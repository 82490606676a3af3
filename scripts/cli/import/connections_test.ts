import { deepEqual, rejects } from "node:assert/strict";
import postgres, { type Sql } from "postgres";
import { startTemporaryDatabase } from "../../stack/postgres/temporary-database.ts";
import { liftLimits, withConnections } from "./connections.ts";

Deno.test("a run ends when one of its connections is lost, whatever it waits for", async () => {
  await withAdmin(async (admin, url) => {
    const endOne = async (sql: Sql) => {
      const [backend] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
      await admin`select pg_terminate_backend(${backend?.pid ?? 0})`;
    };
    // The other connection stays open, which is what keeps the process waiting.
    const waitForever = withConnections(url, { max: 2 }, (sql) =>
      sql.begin(async () => {
        await endOne(sql);
        await new Promise(() => {});
      }));
    await rejects(waitForever, /the connection to the database was lost .* it continues/);
    const hasReason = withConnections(url, { max: 2 }, async (sql) => {
      await endOne(sql);
      throw new Error("its own reason");
    });
    await rejects(hasReason, /its own reason/);
  });
});

Deno.test("connections are opened without the time limits of the role", async () => {
  await withAdmin(async (admin, url) => {
    await admin`alter role postgres set statement_timeout = '1h'`;
    await admin`alter role postgres set idle_session_timeout = '1h'`;
    const connection = await withConnections(url, { max: 1 }, liftLimits);
    deepEqual(connection, { statement_timeout: "0", idle_session_timeout: "0" });
    deepEqual(await withConnections(url, { max: 1, connection }, liftLimits), {});
  });
});

async function withAdmin(test: (admin: Sql, url: string) => Promise<void>): Promise<void> {
  const database = await startTemporaryDatabase();
  const admin = postgres(database.adminUrl, { max: 1, onnotice: () => {} });
  try {
    await test(admin, database.url);
  } finally {
    await admin.end();
    await database.stop();
  }
}
