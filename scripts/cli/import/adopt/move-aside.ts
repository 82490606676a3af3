import type { Sql, TransactionSql } from "postgres";
import { brief, lockTables, withRetries } from "../apply/with-retries.ts";
import { quoteName } from "../design/expression.ts";
import { prepareState } from "../state/prepare-state.ts";
import { type Adoption, asideSchema } from "./examine.ts";
import { readProjectState } from "./project-state.ts";

/** The record of a project whose tables were moved aside. */
export interface MovedProject {
  schema: string;
  isMigrated: boolean;
}

/** The record of the moved tables of this project; null if none were moved. */
export async function readMovedProject(sql: Sql): Promise<MovedProject | null> {
  const [there] = await sql<{ found: boolean }[]>`
    select to_regclass('agentbase_import.adoption') is not null as found`;
  if (there?.found !== true) return null;
  const [row] = await sql<MovedProject[]>`
    select schema, migrated_at is not null as "isMigrated" from agentbase_import.adoption`;
  return row ?? null;
}

/**
 * Records the state of the project, and moves objects with our names into a separate schema, in one
 * short transaction.
 */
export async function moveAside(sql: Sql, adoption: Adoption): Promise<void> {
  await prepareState(sql);
  const state = { ...await readProjectState(sql), wasPrepared: await isPrepared(sql) };
  const { relations, functions } = adoption;
  await sql`create schema if not exists ${sql(asideSchema)}`;
  const tables = relations.filter(({ kind }) => kind === "table")
    .map(({ name }) => `public.${quoteName(name)}`);
  await withRetries(sql, brief, async (transaction) => {
    // The views of --prepare first: requests through them lock in this order, too.
    const views = await preparedViews(transaction);
    await lockTables(transaction, [...views, ...tables], "access exclusive");
    for (const { name, kind } of relations) {
      await dropPreparedView(transaction, name);
      await transaction.unsafe(
        `alter ${kind} public.${quoteName(name)} set schema ${quoteName(asideSchema)}`,
      );
    }
    for (const name of functions) {
      await transaction.unsafe(
        `alter function public.${name} set schema ${quoteName(asideSchema)}`,
      );
    }
    await transaction`
      insert into agentbase_import.adoption (schema, moved, objects)
      values (
        ${asideSchema}, ${transaction.json({ relations, functions })}, ${transaction.json(state)}
      )`;
  });
}

/** Drops a view of --prepare, through which the old application may already read its tables. */
async function dropPreparedView(sql: TransactionSql, name: string): Promise<void> {
  const [view] = await sql`
    select from pg_class
    where relnamespace = ${asideSchema}::regnamespace and relname = ${name} and relkind = 'v'
      and obj_description(oid, 'pg_class') = ${preparedComment}`;
  if (view === undefined) return;
  await sql.unsafe(`drop view ${quoteName(asideSchema)}.${quoteName(name)}`);
}

/** The comment on the views of --prepare, by which they are found. */
const preparedComment = "Stands for the table until npm run import -- --apply moves it here.";

/**
 * Creates views of the tables in the schema to which they will be moved. The old application can be
 * switched to that schema in advance, so that the move does not affect it.
 */
export async function prepareViews(
  sql: TransactionSql,
  { relations }: Pick<Adoption, "relations">,
): Promise<void> {
  await sql`create schema if not exists ${sql(asideSchema)}`;
  for (const { name, kind } of relations) {
    if (kind !== "table") continue;
    const view = `${quoteName(asideSchema)}.${quoteName(name)}`;
    await sql.unsafe(`
      create or replace view ${view} with (security_invoker = true)
      as select * from public.${quoteName(name)}`);
    await sql.unsafe(`comment on view ${view} is '${preparedComment}'`);
    await copyGrants(sql, name, view);
  }
  await sql.unsafe(
    `grant usage on schema ${quoteName(asideSchema)} to anon, authenticated, service_role`,
  );
}

/** Whether the views of --prepare exist. */
async function isPrepared(sql: Sql): Promise<boolean> {
  return (await preparedViews(sql)).length > 0;
}

/** The names of the views of --prepare, with their schema. */
async function preparedViews(sql: Sql | TransactionSql): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select format('%I.%I', relnamespace::regnamespace, relname) as name from pg_class
    where relnamespace = to_regnamespace(${asideSchema}) and relkind = 'v'
      and obj_description(oid, 'pg_class') = ${preparedComment}
    order by 1`;
  return rows.map(({ name }) => name);
}

async function copyGrants(sql: TransactionSql, name: string, view: string): Promise<void> {
  const grants = await sql<{ privilege: string; grantee: string }[]>`
    select privilege_type as privilege, quote_ident(grantee) as grantee
    from information_schema.role_table_grants
    where table_schema = 'public' and table_name = ${name}
      and privilege_type in ('SELECT', 'INSERT', 'UPDATE', 'DELETE') and grantee <> current_user`;
  for (const { privilege, grantee } of grants) {
    await sql.unsafe(`grant ${privilege} on ${view} to ${grantee}`);
  }
}
