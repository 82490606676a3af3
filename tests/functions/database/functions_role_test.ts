import { deepEqual } from "node:assert/strict";
import { pathInProject } from "../../../scripts/common/path-in-project.ts";
import { walkFiles } from "../../../scripts/test/layout/walk-files.ts";

/** Names in `call("name", …)`, wherever the line breaks. */
const CALL = /\bcall\(\s*"([a-z_]+)"/g;
const GRANT =
  /^grant execute on function public\.([a-z_]+)\(.*\) to (?:\w+, )*agentbase_functions/gm;

async function calledFunctions(): Promise<string[]> {
  const names = new Set<string>();
  for (const path of await walkFiles(pathInProject("functions"))) {
    if (!path.endsWith(".ts") || path.endsWith("database.types.ts")) continue;
    for (const [, name] of (await Deno.readTextFile(path)).matchAll(CALL)) names.add(name ?? "");
  }
  return [...names].sort();
}

Deno.test("the functions' role may execute exactly the SQL functions that the functions call", async () => {
  const files = await walkFiles(pathInProject("supabase/schema"));
  const schema = (await Promise.all(files.map((path) => Deno.readTextFile(path)))).join("");
  const granted = [...schema.matchAll(GRANT)].map(([, name]) => name).sort();
  deepEqual(
    granted,
    await calledFunctions(),
    "compare the list in migrations/…_functions_role.sql with the calls in functions/",
  );
});

Deno.test("no function reaches the database except through its SQL caller", async () => {
  const found: string[] = [];
  for (const path of await walkFiles(pathInProject("functions"))) {
    if (!path.endsWith(".ts") || path.includes("/_shared/database/")) continue;
    if (/from "pg"|\.rpc\(|\.from\("/.test(await Deno.readTextFile(path))) found.push(path);
  }
  deepEqual(found, []);
});
