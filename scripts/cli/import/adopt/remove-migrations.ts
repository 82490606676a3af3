import type { Sql, TransactionSql } from "postgres";
import { brief, withRetries } from "../apply/with-retries.ts";
import { quoteName } from "../design/expression.ts";
import { prepareViews } from "./move-aside.ts";
import { readOurNames } from "./our-names.ts";
import type { ProjectState } from "./project-state.ts";

interface Moved {
  relations: { name: string; kind: string }[];
  functions: string[];
}

/**
 * Removes our migrations from a project and moves its tables back, which restores the state before
 * --apply. It can be interrupted and run again.
 */
export async function removeMigrations(sql: Sql): Promise<void> {
  const [row] = await sql<{ schema: string; moved: Moved; objects: ProjectState }[]>`
    select schema, moved, objects from agentbase_import.adoption`;
  if (row === undefined) return;
  const { schema, moved, objects } = row;
  await dropAuthTriggers(sql);
  const { schemas, versions } = await readOurNames();
  await withRetries(sql, brief, async (transaction) => {
    await unscheduleJobs(transaction);
    await dropAdded(transaction, objects);
    for (const name of schemas) {
      if (objects.schemas.includes(name)) continue;
      await transaction.unsafe(`drop schema if exists ${quoteName(name)} cascade`);
    }
    if (objects.hasHistory) {
      await transaction`
        delete from supabase_migrations.schema_migrations where version = any (${versions})`;
    } else {
      await transaction`drop schema if exists supabase_migrations cascade`;
    }
    if (!objects.hasGist) await transaction`drop extension if exists btree_gist`;
    await transaction`alter role authenticator reset pgrst.db_pre_request`;
    if (!objects.hasClosedFunctions) {
      await transaction`alter default privileges grant execute on functions to public`;
    }
    for (const statement of objects.defaults) await transaction.unsafe(statement);
    for (const { name, kind } of moved.relations) {
      await transaction.unsafe(
        `alter ${kind} ${quoteName(schema)}.${quoteName(name)} set schema public`,
      );
    }
    for (const name of moved.functions) {
      await transaction.unsafe(`alter function ${quoteName(schema)}.${name} set schema public`);
    }
    if (objects.wasPrepared === true) await prepareViews(transaction, moved);
    if (!objects.schemas.includes(schema)) {
      await transaction.unsafe(`drop schema ${quoteName(schema)}`);
    }
    await transaction`drop schema agentbase_import cascade`;
  });
  if (!objects.hasFunctionsRole) await dropFunctionsRole(sql);
}

/** In a separate transaction, which locks the table of accounts only for milliseconds. */
async function dropAuthTriggers(sql: Sql): Promise<void> {
  await withRetries(sql, brief, async (transaction) => {
    const functions = await transaction<{ name: string }[]>`
      select distinct tgfoid::regprocedure::text as name from pg_trigger
      join pg_proc on pg_proc.oid = tgfoid
      where tgrelid = 'auth.users'::regclass and not tgisinternal
        and pronamespace = to_regnamespace('private')`;
    // Dropped with their functions, because the current role does not own the table.
    for (const { name } of functions) await transaction.unsafe(`drop function ${name} cascade`);
  });
}

async function unscheduleJobs(sql: TransactionSql): Promise<void> {
  const [there] = await sql<{ found: boolean }[]>`
    select to_regprocedure('cron.unschedule(text)') is not null
      and to_regclass('private.jobs') is not null as found`;
  if (there?.found !== true) return;
  await sql`
    select cron.unschedule(job.jobname) from cron.job
    where job.jobname in (select jobs.name from private.jobs)`;
}

/** Drops objects of schema public that did not exist before the migrations. */
async function dropAdded(sql: TransactionSql, before: ProjectState): Promise<void> {
  const relations = await sql<{ name: string; kind: string }[]>`
    select oid::regclass::text as name,
      case relkind when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence'
        else 'table' end as kind
    from pg_class
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'S')
      and oid::text <> all (${before.relations})
      and not exists (
        select from pg_depend
        where objid = pg_class.oid and (deptype = 'e' or relkind = 'S' and deptype in ('a', 'i'))
      )
    order by relkind in ('r', 'p')`;
  for (const { name, kind } of relations) {
    await sql.unsafe(`drop ${kind} if exists ${name} cascade`);
  }
  const functions = await sql<{ name: string; kind: string }[]>`
    select oid::regprocedure::text as name,
      case prokind when 'p' then 'procedure' when 'a' then 'aggregate' else 'function' end as kind
    from pg_proc
    where pronamespace = 'public'::regnamespace and oid::text <> all (${before.functions})
      and not exists (select from pg_depend where objid = pg_proc.oid and deptype = 'e')`;
  for (const { name, kind } of functions) {
    await sql.unsafe(`drop ${kind} if exists ${name} cascade`);
  }
  const types = await sql<{ name: string }[]>`
    select oid::regtype::text as name from pg_type
    where typnamespace = 'public'::regnamespace and typtype in ('e', 'd')
      and oid::text <> all (${before.types})`;
  for (const { name } of types) await sql.unsafe(`drop type if exists ${name} cascade`);
}

async function dropFunctionsRole(sql: Sql): Promise<void> {
  const [role] = await sql`select from pg_roles where rolname = 'agentbase_functions'`;
  if (role === undefined) return;
  await sql.begin(async (transaction) => {
    // The creator of a role may drop it, but only a member may drop the privileges granted to it.
    await transaction`grant agentbase_functions to current_user`;
    await transaction`drop owned by agentbase_functions`;
    await transaction`drop role agentbase_functions`;
  });
}
