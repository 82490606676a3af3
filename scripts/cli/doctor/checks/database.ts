import { z } from "zod";
import type { DirectSettings } from "../../../../functions/_shared/core/direct_settings.ts";
import {
  connect,
  type Connection,
} from "../../../../functions/_shared/database/direct/connection.ts";
import { pathInProject } from "../../../common/path-in-project.ts";
import { functionsRole } from "../../../stack/postgres/functions-role.ts";
import { type Finding, findingsOf } from "../finding.ts";

const { ok, warning, error } = findingsOf("database");
const clock = findingsOf("clock");

/** Seconds by which the clocks may differ, since tokens and rate limits depend on both. */
const clockTolerance = 30;

const stateSchema = z.object({
  role: z.string(),
  version: z.int(),
  is_superuser: z.boolean(),
  is_replica: z.boolean(),
  statement_timeout: z.string(),
  connections: z.coerce.number(),
  max_connections: z.coerce.number(),
  now: z.number(),
  missing: z.array(z.string()),
  forbidden: z.array(z.string()),
  has_schema: z.boolean(),
});

type State = z.infer<typeof stateSchema>;

/** Connects as the functions do, and checks the rights of their role. */
export async function checkDatabase(
  settings: DirectSettings,
): Promise<{ connection: Connection | null; findings: Finding[] }> {
  let connection: Connection;
  try {
    connection = await connect(settings);
  } catch (thrown) {
    return { connection: null, findings: [error(messageOf(thrown))] };
  }
  try {
    const state = await readState(connection);
    const findings = [...problemsOf(state, settings), ...checkClock(state.now)];
    const isFine = findings.every(({ check }) => check !== "database");
    const fine = ok(
      `Connected as ${state.role} to Postgres ${Math.floor(state.version / 10_000)}.`,
    );
    return { connection, findings: isFine ? [fine, ...findings] : findings };
  } catch (thrown) {
    await connection.end();
    return { connection: null, findings: [error(messageOf(thrown))] };
  }
}

async function readState(connection: Connection): Promise<State> {
  const { rows } = await connection.run(
    `with called as (
      select name, to_regproc(format('public.%I', name)) as id from unnest($1::text[]) as name
    )
    select jsonb_build_object(
      'role', session_user,
      'version', current_setting('server_version_num')::integer,
      'is_superuser', (select rolsuper from pg_roles where rolname = session_user),
      'is_replica', pg_is_in_recovery(),
      'statement_timeout', current_setting('statement_timeout'),
      'connections', (select sum(numbackends) from pg_stat_database),
      'max_connections', current_setting('max_connections'),
      'now', extract(epoch from clock_timestamp()),
      'has_schema', to_regclass('public.ai_interactions') is not null,
      'missing', (select coalesce(jsonb_agg(name), '[]') from called where id is null),
      'forbidden', (
        select coalesce(jsonb_agg(name), '[]') from called
        where id is not null and not has_function_privilege(id, 'execute')
      )
    )`,
    [`{${(await calledFunctions()).join(",")}}`],
  );
  return stateSchema.parse(rows[0]?.[0]);
}

/** Names of the SQL functions that the functions call, from the chapter that grants them. */
async function calledFunctions(): Promise<string[]> {
  const file = pathInProject("migrations/20260101001640_functions_role.sql");
  const [grant = ""] = (await Deno.readTextFile(file))
    .match(/grant execute on function[^;]*to agentbase_functions;/) ?? [];
  return [...grant.matchAll(/public\.(\w+)/g)].map(([, name = ""]) => name);
}

function problemsOf(state: State, { variable }: DirectSettings): Finding[] {
  const { role, connections, max_connections: most } = state;
  if (!state.has_schema) {
    return [error(`The migrations are missing in this database. Apply them: "supabase db push".`)];
  }
  return [
    ...state.is_replica
      ? [
        error(
          `${variable} is the address of a replica, which accepts no writes. Use the primary's.`,
        ),
      ]
      : [],
    ...state.missing.length > 0
      ? [error(`Functions are missing (${some(state.missing)}). Apply the migrations.`)]
      : [],
    ...state.forbidden.length > 0
      ? [error(
        `The role ${role} may not execute ${
          some(state.forbidden)
        }. Connect as ${functionsRole}, or run "select private.repair_functions_role()" as postgres.`,
      )]
      : [],
    ...state.is_superuser || (role !== functionsRole && state.forbidden.length === 0)
      ? [warning(`The role ${role} has more rights than functions need. Use ${functionsRole}.`)]
      : [],
    ...state.statement_timeout === "0"
      ? [warning(`Statements of ${role} have no time limit. Set statement_timeout of the role.`)]
      : [],
    ...connections > 0.9 * most
      ? [warning(
        `${connections} of ${most} connections are in use. Lower DATABASE_POOL_SIZE, or use the pooler in transaction mode.`,
      )]
      : [],
  ];
}

function some(names: readonly string[]): string {
  return names.length > 3
    ? `${names.slice(0, 3).join(", ")} and ${names.length - 3} more`
    : names.join(", ");
}

function checkClock(theirs: number): Finding[] {
  const difference = Math.round(Date.now() / 1000 - theirs);
  if (Math.abs(difference) <= clockTolerance) return [];
  return [clock.warning(
    `This machine's clock is ${Math.abs(difference)} s ${
      difference > 0 ? "ahead of" : "behind"
    } the database's: tokens may be refused. Synchronize both by NTP.`,
  )];
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
