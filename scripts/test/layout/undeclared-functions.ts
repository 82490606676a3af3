import { join } from "node:path";
import { readSections } from "./read-sections.ts";

/**
 * Edge functions that `supabase/config.toml` does not declare in full, and declarations without a
 * function. Without `entrypoint` and `import_map` a deployment succeeds and the function is broken.
 */
export async function findUndeclaredFunctions(root: string): Promise<string[]> {
  const sections = readSections(await Deno.readTextFile(join(root, "supabase", "config.toml")));
  const names = await functionNames(root);
  const declared = [...sections.keys()].flatMap((section) =>
    section.startsWith("functions.") ? [section.slice("functions.".length)] : []
  );
  return [
    ...names.flatMap((name) => declarationProblems(name, sections.get(`functions.${name}`))),
    ...declared
      .filter((name) => !names.includes(name))
      .map((name) => `[functions.${name}] is declared, but functions/${name}/index.ts is missing`),
  ];
}

async function functionNames(root: string): Promise<string[]> {
  const names: string[] = [];
  for await (const entry of Deno.readDir(join(root, "functions"))) {
    if (entry.isDirectory && !entry.name.startsWith("_")) names.push(entry.name);
  }
  return names.sort();
}

function declarationProblems(name: string, section: Map<string, string> | undefined): string[] {
  if (section === undefined) return [`functions/${name} has no section [functions.${name}]`];
  const expected = {
    entrypoint: [`"../functions/${name}/index.ts"`],
    import_map: ['"../functions/deno.json"'],
    verify_jwt: ["true", "false"],
  };
  return Object.entries(expected).flatMap(([key, allowed]) =>
    allowed.includes(section.get(key) ?? "") ? [] : [
      `[functions.${name}] ${key} is ${section.get(key) ?? "missing"}. Set ${allowed.join(" or ")}`,
    ]
  );
}
