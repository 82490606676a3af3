import { pathInProject } from "../../../common/path-in-project.ts";

/** The objects that the migrations create, in schema public and outside of it. */
export interface OurNames {
  /** Tables and views. */
  relations: string[];
  /** Functions, without their arguments. */
  functions: string[];
  /** Schemas other than public. */
  schemas: string[];
  /** Versions of the migrations. */
  versions: string[];
}

/**
 * Reads the names of the objects that the migrations create from their files.
 *
 * @param isRead Selects the files by name. @default all
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
