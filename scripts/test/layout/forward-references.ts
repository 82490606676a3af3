import { migrationFiles } from "./migration-files.ts";

const definition =
  /^create\s+(?:or\s+replace\s+)?(?:table|view|materialized\s+view|function|procedure|type|sequence|domain)\s+(?:if\s+not\s+exists\s+)?((?:public|private)\.\w+)/gim;

const comments = /--[^\n]*/g;

/** Comments and strings, which only mention objects. */
const spokenOf = /^comment on[\s\S]*?;$|'(?:[^']|'')*'/gim;

/** Migrations that name what only a later one creates. plpgsql finds out when it runs; a reader at once. */
export async function findForwardReferences(root: string): Promise<string[]> {
  const files = await migrationFiles(root);
  const firstIn = new Map<string, number>();
  files.forEach(({ sql }, index) => {
    for (const [, name = ""] of sql.matchAll(definition)) {
      if (!firstIn.has(name.toLowerCase())) firstIn.set(name.toLowerCase(), index);
    }
  });
  return files.flatMap(({ path, sql }, index) => {
    const text = sql.replace(comments, "").replace(spokenOf, "");
    const names = new Set(
      [...text.matchAll(/\b(?:public|private)\.\w+/gi)].map(([name]) => name.toLowerCase()),
    );
    return [...names].sort().flatMap((name) => {
      const created = firstIn.get(name) ?? -1;
      return created > index ? [`${path} refers to ${name} of ${files[created]?.path}`] : [];
    });
  });
}
