import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Sql, TransactionSql } from "postgres";
import { CommandError } from "../../common/command-error.ts";
import { endCopy } from "../../common/end-copy.ts";

/** A file of an export. */
export interface ExportedTable {
  table: string;
  file: string;
  rows: number;
  sha256: string;
}

/** The options of {@link writeExport}. */
export interface WriteExportOptions {
  folder: string;
  /** The id or slug of the organization; null for all. */
  organization: string | null;
  report: (line: string) => void;
}

/** The tables, with the condition for rows that belong to the organizations "chosen". */
const tables: Readonly<Record<string, string>> = {
  organizations: "rows.id in (select id from chosen)",
  organization_members: "rows.organization_id in (select id from chosen)",
  profiles: `rows.id in (
    select members.user_id from public.organization_members members
    where members.organization_id in (select id from chosen)
  )`,
  agents: ownAgents("rows.id"),
  agent_feature_mappings: ownAgents("rows.agent_id"),
  models: ownAgents("rows.agent_id"),
  chat_sessions: "rows.org_id in (select id from chosen)",
  chat_messages: `rows.session_id in (
    select sessions.id from public.chat_sessions sessions
    where sessions.org_id in (select id from chosen)
  )`,
  ai_interactions: "rows.organization_id in (select id from chosen)",
  audit_events: "rows.organization_id in (select id from chosen)",
};

/**
 * The condition for rows of agents of the organizations, including agents without one whose
 * creator's personal organization is chosen.
 */
function ownAgents(column: string): string {
  return `${column} in (
    select agents.id from public.agents
    where agents.organization_id in (select id from chosen) or agents.organization_id is null
      and agents.created_by in (select chosen.created_by from chosen where chosen.is_personal)
  )`;
}

/**
 * Writes the rows of organizations into a folder, one file for each table, as streams and from one
 * snapshot.
 *
 * @throws {CommandError} if the organization does not exist, or the folder already contains an
 * export.
 */
export async function writeExport(sql: Sql, options: WriteExportOptions): Promise<void> {
  const { folder, organization, report } = options;
  const manifest = join(folder, "manifest.json");
  if (await Deno.stat(manifest).then(() => true, () => false)) {
    throw new CommandError(
      `Cannot export to "${folder}": it has an export already. Choose another folder.`,
    );
  }
  await sql.begin("isolation level repeatable read read only", async (transaction) => {
    const chosen = await chooseOrganizations(transaction, organization);
    // The export contains user data, so only the current user may read the folder and its files.
    await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
    const written: ExportedTable[] = [];
    for (const table of Object.keys(tables)) {
      const file = await writeTable(transaction, { table, chosen, folder });
      written.push(file);
      report(`  ${table}: ${file.rows} rows`);
    }
    await Deno.writeTextFile(
      manifest,
      `${
        JSON.stringify({ format: "agentbase-export-1", organization, tables: written }, null, 2)
      }\n`,
      { mode: 0o600 },
    );
  });
  report(`Exported to "${folder}".`);
}

/** The query of the organizations that are exported. */
async function chooseOrganizations(
  sql: TransactionSql,
  organization: string | null,
): Promise<string> {
  const all = "select id, created_by, is_personal from public.organizations";
  if (organization === null) return all;
  const [found] = await sql<{ id: string }[]>`
    select id from public.organizations where id::text = ${organization} or slug = ${organization}`;
  if (found === undefined) {
    throw new CommandError(
      `Cannot export "${organization}": no organization has this id or slug.`,
    );
  }
  return `${all} where id = '${found.id}'`;
}

async function writeTable(
  sql: TransactionSql,
  { table, chosen, folder }: { table: string; chosen: string; folder: string },
): Promise<ExportedTable> {
  const file = `${table}.jsonl`;
  // CSV with a quote and delimiter that never occur in JSON, so that each line is the document
  // itself.
  const rows = await sql.unsafe(`
    copy (
      with chosen as (${chosen})
      select to_jsonb(rows) from public.${table} rows where ${tables[table]}
      order by rows.created_at
    ) to stdout (format csv, quote e'\\x01', delimiter e'\\x02')`).readable();
  const hash = createHash("sha256");
  let count = 0;
  const counter = new Transform({
    transform(bytes: Uint8Array, _encoding, done) {
      hash.update(bytes);
      for (const byte of bytes) if (byte === 10) count++;
      done(null, bytes);
    },
  });
  await pipeline(rows, counter, createWriteStream(join(folder, file), { mode: 0o600 }));
  endCopy(rows);
  return { table, file, rows: count, sha256: hash.digest("hex") };
}
