import { join } from "node:path";
import { z } from "zod";
import { CommandError } from "./command-error.ts";

const releases = z.array(z.strictObject({
  version: z.string().regex(/^\d+\.\d+\.\d+$/),
  /** The SHA-256 of each migration that the release added, by the name of its file. */
  migrations: z.record(z.string().regex(/^\d{14}_\w+\.sql$/), z.string().regex(/^[0-9a-f]{64}$/)),
}));

/** A release, and the migrations that it added. */
export type Release = z.infer<typeof releases>[number];

const manifest = z.object({ version: z.string() });

function fileOf(root: string): string {
  return join(root, "supabase", "released-migrations.json");
}

/** The releases of a project, first to last. */
export async function readReleases(root: string): Promise<Release[]> {
  return releases.parse(JSON.parse(await Deno.readTextFile(fileOf(root))));
}

/** The SHA-256 of each migration of a project, by the name of its file. */
async function hashMigrations(root: string): Promise<Map<string, string>> {
  const folder = join(root, "migrations");
  const names = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
  const found = new Map<string, string>();
  for (const name of names.filter((one) => one.endsWith(".sql")).sort()) {
    const bytes = await Deno.readFile(join(folder, name));
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    found.set(name, digest.toHex());
  }
  return found;
}

/**
 * What breaks the promise that released migrations stay as they are: one line each. A new migration
 * that sorts before a released one is no different, because databases that have the release skip it.
 */
export async function findChangedReleases(root: string): Promise<string[]> {
  const found = await hashMigrations(root);
  const released = new Map<string, { hash: string; version: string }>();
  for (const { version, migrations } of await readReleases(root)) {
    for (const [name, hash] of Object.entries(migrations)) released.set(name, { hash, version });
  }
  const newest = [...released.keys()].sort().at(-1) ?? "";
  const problems: string[] = [];
  for (const [name, { hash, version }] of released) {
    const now = found.get(name);
    if (now === undefined) {
      problems.push(`migrations/${name} is missing: ${version} was released with it`);
    } else if (now !== hash) {
      problems.push(
        `migrations/${name} was released in ${version} and has changed. Restore it and write a new migration`,
      );
    }
  }
  for (const name of found.keys()) {
    if (released.has(name) || name > newest) continue;
    problems.push(
      `migrations/${name} sorts before ${newest}, which was released. Give it a later number`,
    );
  }
  return problems;
}

/**
 * Records the migrations that no release has as those of a version: from then on they do not change.
 *
 * @returns the names of the files.
 * @throws {CommandError} when the version is not the one of package.json and CHANGELOG.md, was released
 * before, or a released migration has changed.
 */
export async function recordRelease(root: string, version: string): Promise<string[]> {
  const past = await readReleases(root);
  const problems = await findChangedReleases(root);
  const changelog = await Deno.readTextFile(join(root, "CHANGELOG.md"));
  const { version: stated } = manifest.parse(
    JSON.parse(await Deno.readTextFile(join(root, "package.json"))),
  );
  if (past.some((release) => release.version === version)) problems.push("it was released before");
  if (stated !== version) problems.push(`package.json has the version ${stated}`);
  if (!changelog.includes(`\n## [${version}] - `)) {
    problems.push(`CHANGELOG.md has no heading "## [${version}] - <date>"`);
  }
  if (problems.length > 0) {
    throw new CommandError(`Cannot release "${version}": ${problems.join("; ")}.`);
  }
  const known = new Set(past.flatMap(({ migrations }) => Object.keys(migrations)));
  const added = [...await hashMigrations(root)].filter(([name]) => !known.has(name));
  const list = [...past, { version, migrations: Object.fromEntries(added) }];
  await Deno.writeTextFile(fileOf(root), `${JSON.stringify(releases.parse(list), null, 2)}\n`);
  return added.map(([name]) => name);
}
