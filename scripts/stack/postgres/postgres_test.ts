import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import postgres from "postgres";
import { CommandError } from "../../common/command-error.ts";
import { freePort } from "../../common/free-port.ts";
import { stopOrphan } from "./orphan.ts";
import { startPostgres } from "./postgres.ts";
import { settledWithin } from "../process/settled-within.ts";

async function withFolder(test: (dataFolder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "agentbase-" });
  await Deno.chmod(folder, 0o755);
  try {
    await test(join(folder, "postgres"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const settings = { fsync: "off" };
const adminPassword = "a password";

Deno.test("data survive a restart, and the server listens on 127.0.0.1 only, with a password", async () => {
  await withFolder(async (dataFolder) => {
    const port = freePort();
    const options = { dataFolder, port, adminPassword, settings };
    const connect = (password: string) =>
      postgres({ host: "127.0.0.1", port, user: "supabase_admin", password, database: "postgres" });

    const first = await startPostgres(options);
    equal(first.isNew, true);
    const before = connect(adminPassword);
    await before`create table kept as select 1 as value`;
    deepEqual([...await before`show unix_socket_directories`], [{ unix_socket_directories: "" }]);
    deepEqual([...await before`show listen_addresses`], [{ listen_addresses: "127.0.0.1" }]);
    await before.end();
    const stranger = connect("another password");
    await rejects(stranger`select 1`, { code: "28P01" });
    await stranger.end();
    await first.stop();

    const second = await startPostgres(options);
    deepEqual([second.isNew, second.replaced], [false, null]);
    const after = connect(adminPassword);
    deepEqual([...await after`select value from kept`], [{ value: 1 }]);
    await after.end();
    await second.stop();
  });
});

Deno.test("a server that was left behind is stopped before the next one starts", async () => {
  await withFolder(async (dataFolder) => {
    const options = { dataFolder, port: freePort(), adminPassword, settings };
    const left = await startPostgres(options);
    const lock = await Deno.readTextFile(join(dataFolder, "postmaster.pid"));
    const next = await startPostgres(options);
    equal(next.replaced, Number.parseInt(lock, 10));
    ok(await settledWithin(left.ended, 5000));
    await next.stop();
  });
});

Deno.test("a lock that names another program's process is cleared, and that process keeps running", async () => {
  await withFolder(async (dataFolder) => {
    await Deno.mkdir(dataFolder);
    const lock = join(dataFolder, "postmaster.pid");
    await Deno.writeTextFile(lock, `${Deno.pid}\n${dataFolder}\n`);
    equal(await stopOrphan(dataFolder), null);
    await rejects(Deno.stat(lock), Deno.errors.NotFound);
  });
});

Deno.test("a server that cannot start is reported in one line", async () => {
  await withFolder(async (dataFolder) => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    const options = { dataFolder, port, adminPassword, settings, resetHint: "Start afresh." };
    await failsWith(options, new RegExp(`port "${port}": it is in use.*DB_PORT`));
    listener.close();

    const version = join(dataFolder, "PG_VERSION");
    await Deno.writeTextFile(version, "14\n");
    await failsWith(options, /are of Postgres 14 and this is Postgres 17\. Start afresh\./);
    await Deno.writeTextFile(version, "17\n");

    await Deno.writeTextFile(join(dataFolder, "postgresql.conf"), "no_such_setting = 1\n");
    await failsWith(options, /Cannot start Postgres.*Start afresh\./);

    await Deno.remove(version);
    await failsWith(options, /no Postgres data\. Empty it, or choose another folder/);
  });
});

async function failsWith(
  options: Parameters<typeof startPostgres>[0],
  message: RegExp,
): Promise<void> {
  await rejects(startPostgres(options), (error) => {
    ok(error instanceof CommandError);
    match(error.message, message);
    ok(!error.message.includes("\n"));
    return true;
  });
}
