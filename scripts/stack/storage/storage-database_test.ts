import { deepEqual, equal, ok } from "node:assert/strict";
import postgres from "postgres";
import type { Caller } from "../realtime/callers.ts";
import { startTemporaryDatabase } from "../postgres/temporary-database.ts";
import { type NewObject, openStorageDatabase } from "./storage-database.ts";

const bucket = "files";
const caller: Caller = {
  role: "service_role",
  claims: { role: "service_role" },
  expiresAt: Infinity,
};

function objectOf(version: string): NewObject {
  const metadata = {
    eTag: `"${version}"`,
    size: 1,
    mimetype: "text/plain",
    cacheControl: "no-cache",
    lastModified: "2026-01-01T00:00:00.000Z",
    contentLength: 1,
    httpStatusCode: 200,
  };
  return { bucket, name: "a", version, metadata, userMetadata: null };
}

Deno.test("each replaced version of a concurrently written object is reported once", async (test) => {
  await using database = await startDatabase();
  const { storage, admin, whileLocked } = database;
  await admin`insert into storage.buckets (id, name) values (${bucket}, ${bucket})`;
  const write = async (version: string) =>
    (await storage.write(caller, objectOf(version), true)).replaced;

  await test.step("two writers replace it", async () => {
    equal(await write("1"), null);
    const replaced = await whileLocked([() => write("2"), () => write("3")]);
    const { version } = await storage.find(null, { bucket, name: "a" });
    deepEqual([...replaced, version].sort(), ["1", "2", "3"]);
  });

  await test.step("one writer renames it, another writes a new one under its name", async () => {
    const { version } = await storage.find(null, { bucket, name: "a" });
    const move = () => storage.move(caller, { bucket, name: "a" }, "b");
    deepEqual(await whileLocked<unknown>([move, () => write("4")]), [undefined, null]);
    equal((await storage.find(null, { bucket, name: "b" })).version, version);
  });
});

/** The rows on a database of their own. */
async function startDatabase() {
  const database = await startTemporaryDatabase();
  const storage = openStorageDatabase(database.adminUrl, database.adminUrl);
  const admin = postgres(database.adminUrl, { max: 2, onnotice: () => {} });

  /** Waits until so many statements wait for a lock. */
  const untilWaiting = async (count: number) => {
    const deadline = Date.now() + 30_000;
    const waiting = () =>
      admin`select from pg_catalog.pg_stat_activity where wait_event_type = 'Lock'`;
    while ((await waiting()).length < count) {
      ok(Date.now() < deadline, `${count} statements wait for a lock`);
    }
  };

  return {
    storage,
    admin,
    /** Begins the calls one after the other while the object's row is locked, and lets all end. */
    async whileLocked<Result>(calls: readonly (() => Promise<Result>)[]): Promise<Result[]> {
      const begun: Promise<Result>[] = [];
      await admin.begin(async (transaction) => {
        await transaction`select from storage.objects where name = 'a' for update`;
        for (const call of calls) {
          begun.push(call());
          await untilWaiting(begun.length);
        }
      });
      return await Promise.all(begun);
    },
    async [Symbol.asyncDispose]() {
      await storage.close();
      await admin.end();
      await database.stop();
    },
  };
}
