import { equal, match } from "node:assert/strict";
import postgres from "postgres";
import { startTemporaryDatabase } from "../../../stack/postgres/temporary-database.ts";
import { brief, lockTables, withRetries } from "./with-retries.ts";

Deno.test("a lock that cannot be had is tried again, and given up with who holds it", async () => {
  const database = await startTemporaryDatabase();
  const connect = (name: string) =>
    postgres(database.url, {
      max: 1,
      onnotice: () => {},
      connection: { application_name: name },
    });
  const [sql, other] = [connect("import"), connect("nightly report")];
  try {
    await sql`create table public.bots (id integer)`;
    let attempts = 0;
    const lock = (allowed: number) => {
      attempts = 0;
      return withRetries(sql, { ...brief, attempts: allowed }, async (transaction) => {
        attempts++;
        await lockTables(transaction, ["public.bots"], "access exclusive");
      });
    };
    const ended = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<number>();
    const report = other.begin(async (transaction) => {
      await transaction`select from public.bots`;
      const [session] = await transaction<{ pid: number }[]>`select pg_backend_pid() as pid`;
      begun.resolve(session?.pid ?? 0);
      await ended.promise;
    });
    const pid = await begun.promise;
    const error = await lock(4).then(() => null, (refused: Error) => refused);
    match(
      error?.message ?? "",
      new RegExp(
        `^Cannot get a lock: session ${pid} \\(role postgres, application "nightly report", ` +
          `idle in transaction, transaction open for \\d+ s\\) uses bots\\. Wait until .*` +
          `pg_terminate_backend\\(${pid}\\).*run the same command again`,
      ),
    );
    equal(attempts, 4);
    // No request waits behind an attempt that was given up.
    await sql`insert into public.bots values (1)`;

    ended.resolve();
    await report;
    await lock(1);
    equal(attempts, 1);
  } finally {
    await Promise.all([sql.end(), other.end()]);
    await database.stop();
  }
});
