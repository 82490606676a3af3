import { join } from "node:path";

/** The part of the database that one migration creates. */
export interface Domain {
  title: string;
  /** The comment at the head of the migration. */
  introduction: string;
  /** Names of the tables, views and functions of the schema public that it makes. */
  relations: string[];
  functions: string[];
}

/**
 * The domains of the database in the order of the migrations. Each migration is one domain: its
 * `create` statements say what it creates, and its first comment introduces it.
 */
export async function readDomains(root: string): Promise<Domain[]> {
  const folder = join(root, "migrations");
  const names: string[] = [];
  for await (const entry of Deno.readDir(folder)) names.push(entry.name);
  const domains: Domain[] = [];
  for (const name of names.sort()) {
    const sql = await Deno.readTextFile(join(folder, name));
    domains.push({
      title: titleOf(name),
      introduction: introductionOf(sql, titleOf(name)),
      relations: created(sql, "(?:materialized )?view|table(?: if not exists)?"),
      functions: created(sql, "function|procedure"),
    });
  }
  return domains;
}

/** "20260101000200_tenancy.sql" is about "Tenancy". */
function titleOf(file: string): string {
  const words = file.replace(/^\d+_/, "").replace(/\.sql$/, "").replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function introductionOf(sql: string, title: string): string {
  const lines = sql.split("\n");
  const end = lines.findIndex((line) => !line.startsWith("--"));
  const text = lines.slice(0, end).map((line) => line.replace(/^--\s?/, "")).join(" ").trim();
  // The heading says the title already.
  const rest = text.startsWith(`${title}: `) ? text.slice(title.length + 2) : text;
  return rest.charAt(0).toUpperCase() + rest.slice(1);
}

function created(sql: string, kind: string): string[] {
  const pattern = new RegExp(`^create (?:or replace )?(?:${kind}) public\\.(\\w+)`, "gim");
  return [...sql.matchAll(pattern)].flatMap((match) => match[1] ?? []);
}
