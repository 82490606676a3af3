import { join } from "node:path";
import postgres from "postgres";
import { walkFiles } from "../layout/walk-files.ts";
import { readInventory } from "./read-inventory.ts";

/**
 * Loads the schema `tests` from `tests/database/_helpers`, and into it what the tests compare the
 * database with: the inventory of SECURITY DEFINER functions in `docs/security.md`.
 */
export async function loadHelpers(url: string, root: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    for (const file of await walkFiles(join(root, "tests", "database", "_helpers"))) {
      await sql.unsafe(await Deno.readTextFile(file));
    }
    // Where the page is missing, the test says of every function that it is not on it.
    const page = await Deno.readTextFile(join(root, "docs", "security.md")).catch(() => "");
    for (const name of readInventory(page)) {
      await sql`insert into tests.security_definer_inventory (function) values (${name})`;
    }
  } finally {
    await sql.end();
  }
}
