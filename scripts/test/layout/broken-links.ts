import { join } from "node:path";
import { describeError } from "../results.ts";

/** The Supabase CLI finds the code at the root through these links. */
const links = { migrations: "../migrations", functions: "../functions", tests: "../tests" };

/** Links in `supabase/` that are missing, are no links, or lead elsewhere. */
export async function findBrokenLinks(root: string): Promise<string[]> {
  const problems: string[] = [];
  for (const [name, target] of Object.entries(links)) {
    const path = join(root, "supabase", name);
    try {
      const actual = await Deno.readLink(path);
      if (actual !== target) {
        problems.push(`supabase/${name} leads to "${actual}". Link it to "${target}"`);
      } else await Deno.stat(path);
    } catch (error) {
      problems.push(`supabase/${name} is no intact link to "${target}": ${describeError(error)}`);
    }
  }
  return problems;
}
