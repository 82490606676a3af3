import { pathInProject } from "../../../common/path-in-project.ts";

/** What the migrations make, in schema public and beside it. */
export interface OurNames {
  /** Tables and views. */
  relations: string[];
  /** Functions, without their arguments. */
  functions: string[];
  /** Schemas beside public. */
  schemas: string[];
  /** Versions of the migrations. */
  versions: string[];
}

/**
 * Reads from the migrations what they make in schema public.
 *
 * @param isRead Which of the files are read, by name. @default all
 */
export async function readOurNames(
  isRead: (name: string) => boolean = () => true,
): Promise<OurNames> {
  const folder = pathInProject("migrations");
  const relations = new Set<string>();
  const functions = new Set<string>();
  const schemas = new Set<string>();
  const versions: string[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    const version = /^(\d+)_.*\.sql$/.exec(name)?.[1];
    if (version === undefined || !isRead(name)) continue;
    versions.push(version);
    const text = await Deno.readTextFile(`${folder}/${name}`);
    for (const [, schema = ""] of text.matchAll(/^create schema (?:if not exists )?(\w+)/gm)) {
      schemas.add(schema);
    }
    for (const match of text.matchAll(/^create (table|view|function) public\.(\w+)/gm)) {
      (match[1] === "function" ? functions : relations).add(match[2] ?? "");
    }
  }
  return {
    relations: [...relations].sort(),
    functions: [...functions].sort(),
    schemas: [...schemas].sort(),
    versions: versions.sort(),
  };
}
