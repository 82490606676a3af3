import { join } from "node:path";
import postgres from "postgres";
import { startTemporaryDatabase } from "../../stack/postgres/temporary-database.ts";
import type { MigratedDatabase } from "./databases.ts";
import type { LayerContext } from "../layer.ts";
import { runCommand } from "../../common/run-command.ts";
import { attempt } from "../results.ts";
import { supabase } from "./supabase-cli.ts";

/** A conversation, a month of use and its figures: what must come through a restore. */
const contents = `
  insert into public.agents (id, name, created_by)
  values ('20000000-0000-4000-8000-000000000001', 'Restored', '00000000-0000-4000-8000-00000000000a');
  insert into public.ai_interactions (user_id, organization_id, agent_id, title, total_cost, started_at)
  select profiles.id, profiles.current_organization_id, '20000000-0000-4000-8000-000000000001', 'x', 0.25,
    now() - hours * interval '3 hours'
  from public.profiles, generate_series(1, 200) as hours
  where profiles.email = 'alice@example.com';
  insert into public.api_usage (endpoint, method, status_code) values ('/x', 'GET', 200);
  select public.refresh_daily_usage();
`;

/** What is compared before and after. */
const summary = `
  select jsonb_build_object(
    'interactions', (select jsonb_build_array(count(*), sum(total_cost)) from public.ai_interactions),
    'counted', (select jsonb_build_array(sum(total_interactions), sum(total_cost)) from public.ai_usage_stats),
    'people', (select count(*) from public.profiles), 'calls', (select count(*) from public.api_usage),
    'wrong_days', (select count(*) from public.verify_daily_usage(current_date - 30, current_date))
  )::text as line`;

/** Follows docs/backup.md: two ways into another project, on Postgres 17, and a push onto people. */
export async function restoreProjects(
  { root, workspace, results }: LayerContext,
  source: MigratedDatabase,
  binaryFolder: string,
): Promise<void> {
  const folder = await workspace.folder("restore-projects");
  await query(source.adminUrl, contents);
  const restore: Restore = {
    source: source.url,
    wanted: await line(source.url, summary),
    file: (name) => join(folder, name),
    async run(program, ...args) {
      const { code, output } = await runCommand([join(binaryFolder, program), ...args], {
        signal: workspace.signal,
      });
      if (code !== 0) throw new Error(output);
      return output;
    },
    push: (url) => supabase(root, ["db", "push", "--remote", url], workspace),
    async target() {
      const starting = startTemporaryDatabase();
      workspace.defer(() => starting.then((database) => database.stop(), () => {}));
      return await starting;
    },
  };
  await attempt(results, "a dump is restored into an empty project", () => restoreDump(restore));
  await attempt(
    results,
    "its data are loaded into a project that has the migrations",
    () => loadData(restore, join(root, "docs", "empty-tables.sql")),
  );
  await attempt(
    results,
    "a push onto a project with people opens their accounts",
    () => pushOntoPeople(restore),
  );
}

/** What the ways into another project have in common. */
interface Restore {
  /** Connection string of the project that is restored. */
  source: string;
  /** The {@linkcode summary} of the source. */
  wanted: string;
  /** The path of a file of this run. */
  file(name: string): string;
  /** Runs a program of Postgres. @returns Its output. */
  run(program: string, ...args: string[]): Promise<string>;
  /** Applies the migrations. */
  push(url: string): Promise<unknown>;
  /** Starts another project. */
  target(): ReturnType<typeof startTemporaryDatabase>;
}

const schemas = ["-n", "public", "-n", "private", "-n", "partitions"];

async function restoreDump({ source, wanted, file, run, push, target }: Restore): Promise<void> {
  const { url } = await target();
  const app = ["-n", "supabase_migrations", "-f", file("app.dump")];
  await run("pg_dump", source, "-Fc", ...schemas, ...app);
  const accounts = ["-t", "auth.users", "-t", "auth.identities", "-f", file("auth.sql")];
  await run("pg_dump", source, "--data-only", ...accounts);
  const extension = "create extension if not exists btree_gist with schema extensions";
  const role = "create role agentbase_functions login noinherit";
  const before = ["-c", extension, "-c", role, "-f", file("auth.sql")];
  await run("psql", url, "-v", "ON_ERROR_STOP=1", ...before);
  const list = await run("pg_restore", "-l", file("app.dump"));
  const kept = list.split("\n").filter((entry) => !entry.includes(" SCHEMA - public "));
  await Deno.writeTextFile(file("app.list"), kept.join("\n"));
  const options = ["--exit-on-error", "--no-owner", "-L", file("app.list"), "-d", url];
  await run("pg_restore", ...options, file("app.dump"));
  await query(url, "select private.repair_functions_role()");
  const missing = await line(url, "select private.repair_platform_hooks()::text as line");
  if (!missing.includes('"scrub_interactions"')) throw new Error(`missing: ${missing}`);
  await expectRestored(url, wanted);
  await push(url);
}

/** @param empty The path of a script that empties the tables which migrations fill. */
async function loadData(
  { source, wanted, file, run, push, target }: Restore,
  empty: string,
): Promise<void> {
  const { url, adminUrl } = await target();
  await push(url);
  // On the platform it may.
  await query(adminUrl, "grant set on parameter session_replication_role to postgres");
  const data = ["--data-only", "--load-via-partition-root", "-f", file("data.sql")];
  await run("pg_dump", source, ...data, ...schemas);
  const load = ["-c", "set session_replication_role = replica", "-f", file("auth.sql")];
  const options = [url, "-1", "-v", "ON_ERROR_STOP=1", "-f", empty];
  await run("psql", ...options, ...load, "-f", file("data.sql"));
  await expectRestored(url, wanted);
}

async function pushOntoPeople({ push, target }: Restore): Promise<void> {
  const { url } = await target();
  await query(
    url,
    "insert into auth.users (id, email) select gen_random_uuid(), 'old@example.com'",
  );
  await push(url);
  await expectOpened(url, "old@example.com");
}

async function expectRestored(url: string, wanted: string): Promise<void> {
  const found = await line(url, summary);
  if (found !== wanted) throw new Error(`wanted: ${wanted}\n have: ${found}`);
  await query(
    url,
    "insert into auth.users (id, email) values (gen_random_uuid(), 'new@example.com')",
  );
  await expectOpened(url, "new@example.com");
}

/** Nothing is missing, and the person of this address has a profile and a personal organization. */
async function expectOpened(url: string, email: string): Promise<void> {
  const report = await line(url, "select private.platform_hooks_report()::text as line");
  const compact = report.replaceAll(" ", "");
  // In a sound project every list is empty and everything else false.
  if (/true|\[[^\]]/.test(compact)) throw new Error(compact);
  const opened = await line(
    url,
    `select count(*)::text as line from public.profiles
     join public.organizations on organizations.id = profiles.current_organization_id
     where profiles.email = '${email}' and organizations.is_personal`,
  );
  if (opened !== "1") throw new Error(`${email} has ${opened} personal organizations`);
}

/** Runs statements as the role of the connection string. */
export async function query(
  url: string,
  statement: string,
): Promise<postgres.RowList<postgres.Row[]>> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    return await sql.unsafe(statement);
  } finally {
    await sql.end();
  }
}

/** The text that a statement returns as `line`. */
async function line(url: string, statement: string): Promise<string> {
  const [row] = await query(url, statement);
  return String(row?.line);
}
