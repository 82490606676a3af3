import postgres from "postgres";
import { z } from "zod";
import type { Workspace } from "../../common/workspace.ts";
import type { Finding, Planted } from "./evaluate-findings.ts";
import { supabase } from "./supabase-cli.ts";

/** What `supabase db lint` must report about `planted-violations.sql`. */
export const lintPlanted: Planted = [["error", "private.planted_typo"]];

/** What plpgsql_check must report in addition: the CLI looks at neither. */
export const checkPlanted: Planted = [
  ["error", "private.planted_trigger_typo"],
  ["security", "private.planted_injection"],
];

const answer = z.object({
  results: z.array(z.object({
    function: z.string(),
    issues: z.array(z.object({ level: z.string(), message: z.string() })),
  })),
});

/**
 * Installs plpgsql_check where the server has it; answers whether it does. On the platform the CLI
 * may create it by itself, elsewhere only a superuser may.
 */
export async function installPlpgsqlCheck(adminUrl: string): Promise<boolean> {
  const sql = postgres(adminUrl, { max: 1 });
  try {
    const [available] = await sql`
      select from pg_available_extensions where name = 'plpgsql_check'
    `;
    if (available === undefined) return false;
    await sql`create extension plpgsql_check with schema extensions`;
    return true;
  } finally {
    await sql.end();
  }
}

/** What `supabase db lint` reports at warning or above in our schemas. */
export async function findWithLint(
  root: string,
  url: string,
  workspace: Pick<Workspace, "signal">,
): Promise<Finding[]> {
  const args = ["db", "lint", "--level", "warning", "--schema", "public,private"];
  const output = await supabase(
    root,
    [...args, "--output-format", "json", "--remote", url],
    workspace,
  );
  return answer.parse(JSON.parse(output)).results.flatMap((result) =>
    result.issues.map(({ level, message }) => ({
      lint: level,
      detail: `${result.function}: ${message}`,
    }))
  );
}

/**
 * What plpgsql_check reports on every plpgsql function of ours, triggers on each of their tables
 * included, with its warnings about security and compatibility.
 */
export async function findWithPlpgsqlCheck(url: string): Promise<Finding[]> {
  const sql = postgres(url, { max: 1 });
  try {
    return await sql<Finding[]>`
      select
        issue.level as lint,
        functions.oid::regprocedure || coalesce(' on ' || nullif(triggers.tgrelid, 0)::regclass, '')
          || coalesce(', line ' || issue.lineno, '') || ': ' || issue.message
          || coalesce(' (' || issue.detail || ')', '') as detail
      from pg_catalog.pg_proc functions
      join pg_catalog.pg_language on pg_language.oid = functions.prolang
      left join pg_catalog.pg_trigger triggers on triggers.tgfoid = functions.oid
      cross join lateral extensions.plpgsql_check_function_tb(
        functions.oid,
        coalesce(triggers.tgrelid, 0),
        fatal_errors => false,
        security_warnings => true,
        compatibility_warnings => true,
        oldtable => triggers.tgoldtable,
        newtable => triggers.tgnewtable
      ) issue
      where pg_language.lanname = 'plpgsql'
        and functions.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
      order by 2
    `;
  } finally {
    await sql.end();
  }
}
