import { deepEqual } from "node:assert/strict";
import { join } from "node:path";
import { applyMigrations } from "./apply-migrations.ts";
import { readMigrationState, rememberMigrations } from "./migration-state.ts";
import { startTemporaryDatabase } from "./temporary-database.ts";

Deno.test("migrations are pending, applied, changed or missing", async () => {
  const folder = await Deno.makeTempDir({ prefix: "agentbase-" });
  const migrations = join(folder, "supabase", "migrations");
  const first = "20260101000100_first.sql";
  const second = "20260101000200_second.sql";
  const write = (name: string, sql: string) => Deno.writeTextFile(join(migrations, name), sql);
  const database = await startTemporaryDatabase();
  try {
    const state = () => readMigrationState(database.url, migrations, folder);
    await Deno.mkdir(migrations, { recursive: true });
    await Deno.writeTextFile(join(folder, "supabase", "config.toml"), 'project_id = "test"\n');
    await Deno.writeTextFile(
      join(folder, "supabase", "seed.sql"),
      "insert into public.one values (1);",
    );
    await write(first, "create table public.one (id integer);");
    await write("notes.sql", "not a migration");
    deepEqual(await state(), { pending: [first], changed: [], missing: [], needsSeed: true });

    deepEqual(await applyMigrations({ url: database.url, folder, seed: true }), [first]);
    await rememberMigrations(migrations, folder);
    deepEqual(await state(), { pending: [], changed: [], missing: [], needsSeed: false });

    await write(first, "create table public.one (id bigint);");
    await write(second, "create table public.two (id integer);");
    deepEqual(await state(), {
      pending: [second],
      changed: [first],
      missing: [],
      needsSeed: false,
    });

    await Deno.remove(join(migrations, first));
    deepEqual((await state()).missing, ["20260101000100"]);
  } finally {
    await database.stop();
    await Deno.remove(folder, { recursive: true });
  }
});
