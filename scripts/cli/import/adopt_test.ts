import { deepEqual, equal, match, rejects } from "node:assert/strict";
import type { Sql } from "postgres";
import { pathInProject } from "../../common/path-in-project.ts";
import { readReleases } from "../../common/released-migrations.ts";
import { applyMigrations } from "../../stack/postgres/apply-migrations.ts";
import { readOurNames } from "./adopt/our-names.ts";
import { behindTransaction, startLoad, watchWaits } from "../../common/start-load.ts";
import { withProject } from "./fixtures/with-project.ts";

/** What a project is: everything that migrations, ours or its own, make. */
async function describeProject(sql: Sql): Promise<string[]> {
  const rows = await sql<{ line: string }[]>`
    select 'relation ' || oid::regclass || ' ' || relkind::text as line from pg_class
    where relnamespace = 'public'::regnamespace
    union all select 'function ' || oid::regprocedure || md5(prosrc) from pg_proc
    where pronamespace = 'public'::regnamespace
    union all select 'trigger ' || tgname || ' ' || tgrelid::regclass from pg_trigger
    where not tgisinternal
    union all select 'constraint ' || conname || ' ' || convalidated || pg_get_constraintdef(oid)
    from pg_constraint
    union all select 'policy ' || polname || polrelid::regclass from pg_policy
    union all select 'default ' || defaclrole || defaclobjtype::text || defaclnamespace || (
      select string_agg(entry::text, ',' order by entry::text) from unnest(defaclacl) entry
    ) from pg_default_acl
    union all select 'schema ' || nspname from pg_namespace where nspname !~ '^pg_'
    union all select 'version ' || version from supabase_migrations.schema_migrations
    union all select 'extension ' || extname from pg_extension
    union all select 'role ' || rolname || coalesce(rolconfig::text, '') from pg_roles
    union all select 'published ' || prrelid::regclass from pg_publication_rel
    union all select 'profile ' || rows::text from public.profiles rows
    union all select 'post ' || rows::text from public.posts rows
    order by 1`;
  return rows.map(({ line }) => line);
}

/** An application that was pointed at the schema "legacy" reads and writes there. */
async function useLegacy(sql: Sql, turn: number): Promise<void> {
  await sql`select username from legacy.profiles where username = 'alice'`;
  await sql`
    insert into legacy.chat_messages (id, session_id, role, text)
    values (${500_000 + turn}, 'c0000000-0000-4000-8000-000000000001', 'human', ${`old ${turn}`})`;
}

const people = `
  insert into auth.users (id, email)
  select ('00000000-0000-4000-8000-00000000000' || letter)::uuid, name || '@example.com'
  from (values ('a', 'alice'), ('b', 'bob'), ('c', 'carol'), ('d', 'dave')) people (letter, name)`;

Deno.test("a project whose tables have our names is adopted, works, and is as it was when reverted", async () => {
  await withProject({ isMigrated: false }, async (project) => {
    const { sql, url, load, run } = project;
    await sql.unsafe(people);
    for (const fixture of ["organizations", "bots", "project"]) await load(fixture, "public");
    const first = await describeProject(sql);

    // A push says what to do, and changes nothing.
    await sql`alter schema supabase_migrations rename to kept`;
    await rejects(
      applyMigrations({ url }),
      /schema public already has .*profiles.*npm run import -- --from public --plan/s,
    );
    await sql`drop schema supabase_migrations cascade`;
    await sql`alter schema kept rename to supabase_migrations`;

    const { lines } = await run("--from", "public", "--plan");
    const plan = lines.join("\n");
    match(plan, /moved to schema legacy.*\n.*bots, chat_messages, chat_sessions, mcp_sessions/);
    match(plan, /foreign key posts_author_fkey of posts refers to the new profiles/);
    match(plan, /trigger on_auth_user_created on auth.users .* stays and fires first/);
    match(plan, /kept as columns of profiles: username, marketing_opt_in/);
    deepEqual(await describeProject(sql), first);

    // The old application reads its tables where they will be, before and after.
    await run("--from", "public", "--prepare");
    const before = await describeProject(sql);
    const old = () => sql`select username from legacy.profiles where username = 'alice'`;
    equal((await old()).length, 1);
    await using watch = watchWaits(project.adminUrl);
    await using application = startLoad(url, "old_application", useLegacy);
    await application.advance(5);
    await behindTransaction(
      url,
      "select from legacy.profiles",
      () => run("--from", "public", "--apply", "--follow"),
      application,
    );
    equal((await old()).length, 1);
    await application.pause();
    const { code, lines: compared } = await run("--from", "public", "--verify");
    equal(code, 0, compared.join("\n"));

    // Those who were there have what sign-up gives, and so has a new person, by both triggers.
    await sql`
      insert into auth.users (id, email, raw_user_meta_data)
      values (gen_random_uuid(), 'new@example.com', '{"full_name": "New"}')`;
    const accounts = await sql<{ line: string }[]>`
      select concat_ws(' ', profiles.email, username, organizations.is_personal) as line
      from public.profiles
      join public.organizations on organizations.created_by = profiles.id and is_personal
      order by 1`;
    deepEqual(accounts.map(({ line }) => line), [
      "alice@example.com alice t",
      "bob@example.com bob t",
      "carol@example.com t",
      "dave@example.com t",
      "new@example.com new t",
    ]);
    const keys = await sql<{ line: string }[]>`
      select conname || ' ' || convalidated || ' ' || confrelid::regclass as line
      from pg_constraint where conrelid = 'public.posts'::regclass and contype = 'f' order by 1`;
    deepEqual(keys.map(({ line }) => line), [
      "posts_author_fkey true profiles",
      "posts_organization_fkey true organizations",
    ]);
    await sql`delete from auth.users where email = 'new@example.com'`;

    application.resume();
    await application.advance(5);
    await run("--from", "public", "--revert");
    await application.advance(5);
    const { turns, errors } = await application.stop();
    deepEqual(errors, []);
    const [written] = await sql<{ rows: number }[]>`
      select count(*)::integer as rows from public.chat_messages where text like 'old %'`;
    equal(written?.rows, turns);
    await watch.expectNoChunkWaits();
    const after = await describeProject(sql);
    deepEqual(after.filter((line) => !before.includes(line)), []);
    deepEqual(before.filter((line) => !after.includes(line)), []);
    equal((await old()).length, 1);
  });
});

Deno.test("a push onto each occupied project names the command, and changes nothing", async () => {
  await withProject({ isMigrated: false }, async ({ sql, url, load }) => {
    await sql.unsafe(people);
    for (const fixture of ["organizations", "bots", "enum-agents"]) {
      await load(fixture, "public");
      const tables = await sql`select oid::regclass::text from pg_class where relkind = 'r'`;
      await rejects(
        applyMigrations({ url }),
        /schema public already has .*npm run import -- --from public --plan/s,
        fixture,
      );
      const after = await sql`
        select oid::regclass::text from pg_class where relkind = 'r'
          and relnamespace <> coalesce(to_regnamespace('supabase_migrations'), 0)`;
      deepEqual([...after], [...tables], fixture);
      await sql.unsafe(`
        drop schema public cascade; create schema public;
        grant usage on schema public to anon, authenticated, service_role;
        drop schema if exists supabase_migrations cascade`);
    }
  });
});

Deno.test("the first migration knows every name that the migrations of its release need", async () => {
  const [release] = await readReleases(pathInProject("."));
  const { relations } = await readOurNames((name) =>
    release === undefined || name in release.migrations
  );
  const text = await Deno.readTextFile(
    pathInProject("migrations/20260101000100_foundation.sql"),
  );
  const list = /any \(array\[(.*?)\]\)/s.exec(text)?.[1] ?? "";
  deepEqual([...list.matchAll(/'(\w+)'/g)].map((match) => match[1]), relations);
});
