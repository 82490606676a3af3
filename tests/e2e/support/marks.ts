import { Redis } from "@upstash/redis";
import type postgres from "postgres";

/**
 * Every encoding in which a text may occur: plain, in base64 at any offset, hexadecimal, in a URL.
 */
export function formsOf(mark: string): string[] {
  const bytes = new TextEncoder().encode(mark);
  const hex = bytes.toHex();
  const base64 = [0, 1, 2].flatMap((offset) => {
    const shifted = new Uint8Array([...new Uint8Array(offset), ...bytes]).toBase64();
    // Characters at both ends that depend on the neighbouring bytes are left out.
    const middle = shifted.slice(offset === 0 ? 0 : 4, -4);
    return [middle, middle.replaceAll("+", "-").replaceAll("/", "_")];
  });
  return [...new Set([mark, encodeURIComponent(mark), hex, hex.toUpperCase(), ...base64])];
}

/** The tables of the database that contain a mark, as `schema.table`. */
export async function findInTables(sql: postgres.Sql, marks: readonly string[]): Promise<string[]> {
  const tables = await sql<{ name: string }[]>`
    select format('%I.%I', tables.schemaname, tables.tablename) as name
    from pg_catalog.pg_tables tables
    where tables.schemaname not in ('pg_catalog', 'information_schema')`;
  const forms = marks.flatMap(formsOf);
  const found: string[] = [];
  for (const { name } of tables) {
    const rows = await sql`
      select from ${sql.unsafe(name)} as whole
      where exists (select from unnest(${forms}::text[]) as form where position(form in whole::text) > 0)
      limit 1`;
    if (rows.length > 0) found.push(name);
  }
  return found;
}

/** The files of a folder that contain a mark: data files, the write-ahead log, logs. */
export async function findInFiles(folder: string, marks: readonly string[]): Promise<string[]> {
  const forms = marks.flatMap(formsOf);
  const decoder = new TextDecoder("latin1");
  const found: string[] = [];
  for await (const path of filesIn(folder)) {
    const text = decoder.decode(await Deno.readFile(path).catch(() => new Uint8Array()));
    if (forms.some((form) => text.includes(form))) found.push(path);
  }
  return found;
}

/** The keys of Redis that contain a mark, or whose values do. */
export async function findInRedis(
  access: { url: string; token: string },
  marks: readonly string[],
): Promise<{ searched: number; found: string[] }> {
  const redis = new Redis({ ...access, automaticDeserialization: false, enableTelemetry: false });
  const forms = marks.flatMap(formsOf);
  const found: string[] = [];
  const keys = await redis.keys("*");
  for (const key of keys) {
    const value = `${key} ${await textOf(redis, key)}`;
    if (forms.some((form) => value.includes(form))) found.push(key);
  }
  return { searched: keys.length, found };
}

async function textOf(redis: Redis, key: string): Promise<string> {
  const type = await redis.type(key);
  if (type === "string") return String(await redis.get(key));
  if (type === "hash") return JSON.stringify(await redis.hgetall(key));
  if (type === "none") return "";
  throw new Error(`Cannot search the key "${key}": it is a ${type}`);
}

async function* filesIn(folder: string): AsyncGenerator<string> {
  for await (const entry of Deno.readDir(folder)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) yield* filesIn(path);
    else if (entry.isFile) yield path;
  }
}
