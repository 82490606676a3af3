import { deepEqual, equal, match } from "node:assert/strict";
import postgres, { type Sql } from "postgres";
import { withProject } from "./fixtures/with-project.ts";

const lostSentence =
  /^Cannot continue: the connection to the database was lost \(.*\)\..* run the same command again: it continues where it stopped\.$/;

Deno.test("an import whose connections are ended again and again is resumed, and so is its revert", () =>
  resume(null));

Deno.test("an import of whose connections one is ended is resumed, and so is its revert", () =>
  resume(1));

/** Imports and reverts while this many connections of the command are ended at a time, or all. */
async function resume(victims: number | null): Promise<void> {
  await withProject({ isMigrated: true }, async ({ sql, url, adminUrl, load, run }) => {
    await load("bots", "old_bots");
    const rows = async () => {
      const [count] = await sql<{ rows: number }[]>`
        select count(*)::integer as rows from public.chat_messages`;
      return count?.rows;
    };
    const before = await rows();
    await using admin = connect(adminUrl);
    await runDisconnected(admin.sql, { url, victims }, ["--from", "old_bots", "--apply"]);
    const { code, lines } = await run("--from", "old_bots", "--verify");
    equal(code, 0, lines.join("\n"));
    const counts = await sql`
      select id from public.chat_sessions sessions where message_count <> (
        select count(*) from public.chat_messages where session_id = sessions.id
      )`;
    deepEqual([...counts], []);
    await runDisconnected(admin.sql, { url, victims }, ["--from", "old_bots", "--revert"]);
    equal(await rows(), before);
    equal((await sql`select from agentbase_import.runs`).length, 0);
  });
}

function connect(url: string): AsyncDisposable & { sql: Sql } {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  return { sql, [Symbol.asyncDispose]: () => sql.end() };
}

/**
 * Runs the command until it succeeds. In the first run the server ends connections all the time,
 * later at a moment by chance, within a time that is longer in each run. A run that fails says why in one
 * sentence.
 */
async function runDisconnected(
  admin: Sql,
  { url, victims }: { url: string; victims: number | null },
  args: string[],
): Promise<void> {
  for (let failures = 0;; failures++) {
    const is = { running: true };
    const guard = new AbortController();
    const timer = setTimeout(() => guard.abort(), 300_000);
    const command = new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-all", new URL("./main.ts", import.meta.url).pathname, ...args],
      env: { DB_URL: `${url}?application_name=victim`, NO_COLOR: "1" },
      stdout: "null",
      stderr: "piped",
      signal: guard.signal,
    }).spawn();
    const output = command.output().finally(() => is.running = false);
    if (failures === 0) {
      while (is.running) await endConnections(admin, victims, 20);
    } else {
      while (is.running && await countConnections(admin) === 0) await pause(10);
      await endConnections(admin, victims, Math.random() * 700 * failures);
    }
    const { success, stderr } = await output;
    clearTimeout(timer);
    equal(guard.signal.aborted, false, "it did not end");
    if (success) {
      equal(failures > 0, true, "it was never disconnected");
      return;
    }
    // It may have said before for what lock it waited.
    const sentence = new TextDecoder().decode(stderr).trim().split("\n").at(-1) ?? "";
    // The connection can be lost when all is done, before the command can say so.
    if (failures > 0 && args.includes("--revert") && /nothing was imported/.test(sentence)) return;
    match(sentence, lostSentence);
    equal(failures < 100, true, "it never ended");
  }
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function countConnections(admin: Sql): Promise<number> {
  const rows = await admin`
    select from pg_stat_activity where application_name = 'victim'`;
  return rows.length;
}

/** Ends so many connections of the command, whichever, or all, after a while. */
async function endConnections(
  admin: Sql,
  victims: number | null,
  milliseconds: number,
): Promise<void> {
  await pause(milliseconds);
  await admin`
    select pg_terminate_backend(pid) from (
      select pid from pg_stat_activity
      where application_name = 'victim' and backend_type = 'client backend'
      order by random() limit ${victims}
    ) victims`;
}
