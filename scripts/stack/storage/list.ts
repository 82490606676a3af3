import { z } from "zod";
import type { StoredObject } from "./storage-database.ts";

/** The body of a list. */
export const listSchema = z.looseObject({
  prefix: z.string().default(""),
  limit: z.int().min(1).max(1000).default(100),
  offset: z.int().min(0).default(0),
  search: z.string().default(""),
  sortBy: z.object({
    column: z.enum(["name", "updated_at", "created_at", "last_accessed_at"]).default("name"),
    order: z.enum(["asc", "desc"]).default("asc"),
  }).prefault({}),
});

type ListOptions = z.infer<typeof listSchema>;

/** An entry of a folder; one without an id is a folder itself. */
interface Entry {
  name: string;
  id: string | null;
  updated_at: Date | null;
  created_at: Date | null;
  last_accessed_at: Date | null;
  metadata: object | null;
}

/** What all names in the folder of a list begin with. */
export function folderOf({ prefix }: Pick<ListOptions, "prefix">): string {
  const folder = prefix.replace(/^\/+|\/+$/g, "");
  return folder === "" ? "" : `${folder}/`;
}

/** The entries of a folder: its files, and the folders in it. */
export function listFolder(objects: readonly StoredObject[], options: ListOptions): Entry[] {
  const folder = folderOf(options);
  const entries = new Map<string, Entry>();
  for (const { name, id, updated_at, created_at, last_accessed_at, metadata } of objects) {
    const [first = "", ...deeper] = name.slice(folder.length).split("/");
    if (!first.toLowerCase().startsWith(options.search.toLowerCase())) continue;
    const times = { updated_at, created_at, last_accessed_at };
    const nothing = { updated_at: null, created_at: null, last_accessed_at: null };
    entries.set(
      first,
      deeper.length > 0
        ? { name: first, id: null, ...nothing, metadata: null }
        : { name: first, id, ...times, metadata },
    );
  }
  const { column, order } = options.sortBy;
  const keyOf = (entry: Entry) => {
    const value = entry[column];
    return value instanceof Date ? value.toISOString() : value ?? "";
  };
  const sorted = [...entries.values()].sort((a, b) => keyOf(a) < keyOf(b) ? -1 : 1);
  if (order === "desc") sorted.reverse();
  return sorted.slice(options.offset, options.offset + options.limit);
}
