import type { Sql } from "postgres";

interface Blocker {
  pid: number;
  role: string | null;
  application: string | null;
  state: string | null;
  seconds: number | null;
  tables: string;
}

/**
 * Describes other sessions with a long transaction that uses the tables; null if there are none.
 * Their statements are left out, since these may contain secrets.
 */
export async function describeBlockers(
  sql: Sql,
): Promise<{ sessions: string; pid: number } | null> {
  const blockers = await sql<Blocker[]>`
    select activity.pid, usename as role, application_name as application, state,
      extract(epoch from clock_timestamp() - xact_start)::integer as seconds,
      string_agg(distinct relation::regclass::text, ', ') as tables
    from pg_locks locks
    join pg_stat_activity activity on activity.pid = locks.pid
    join pg_class on pg_class.oid = relation and relkind in ('r', 'p')
      and relnamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
    where granted and activity.datname = current_database() and activity.pid <> pg_backend_pid()
      -- Of other roles it may not be known.
      and coalesce(xact_start < clock_timestamp() - interval '500 milliseconds', true)
    group by activity.pid, usename, application_name, state, xact_start
    order by xact_start nulls last limit 3`;
  const [first] = blockers;
  if (first === undefined) return null;
  return { sessions: blockers.map(describe).join("; "), pid: first.pid };
}

function describe({ pid, role, application, state, seconds, tables }: Blocker): string {
  const said = [
    ...role === null ? [] : [`role ${role}`],
    ...application === null || application === "" ? [] : [`application "${application}"`],
    ...state === null ? [] : [state],
    ...seconds === null ? [] : [`transaction open for ${seconds} s`],
  ];
  return `session ${pid} (${said.join(", ")}) uses ${tables}`;
}
