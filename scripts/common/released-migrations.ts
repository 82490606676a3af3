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

/** The names of the migrations that releases of a project have: files that do not change any more. */
export async function readReleasedNames(root: string): Promise<Set<string>> {
  const past = await readReleases(root);
  return new Set(past.flatMap(({ migrations }) => Object.keys(migrations)));
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
 * Violations of the rule that released migrations never change, one line each. A new migration that
 * sorts before a released one is a violation too, because databases with the release skip it.
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

/** The version and the day of a new release, as 2026-12-01. */
export interface NewRelease {
  version: string;
  day: string;
}

/**
 * Records a release: gives it the heading and the version in CHANGELOG.md, package.json and
 * package-lock.json, and records the migrations that no release has as its own. From then on they do
 * not change.
 *
 * @returns the names of the files.
 * @throws {CommandError} when the version is not later than the last one, package-lock.json has another
 * than package.json, CHANGELOG.md does not say what to do when coming from the last one, or a released
 * migration has changed. Then nothing was written.
 */
export async function recordRelease(root: string, release: NewRelease): Promise<string[]> {
  const { version } = release;
  const past = await readReleases(root);
  const text = (path: string) => Deno.readTextFile(join(root, path));
  const changelog = await text("CHANGELOG.md");
  const manifestText = await text("package.json");
  const lock = await text("package-lock.json");
  const { version: stated } = manifest.parse(JSON.parse(manifestText));
  const problems = await findChangedReleases(root);
  if (!/^\d+\.\d+\.\d+$/.test(version)) problems.push("a version has the form 1.2.3");
  else if (!isLater(version, past.at(-1)?.version ?? stated)) {
    problems.push(`it is not later than ${past.at(-1)?.version ?? stated}`);
  }
  const unreleased = /^## \[Unreleased\]\n([\s\S]*?)(?=^## \[|$(?![\s\S]))/m.exec(changelog)?.[1] ??
    "";
  if (!/^### Coming from /m.test(unreleased)) {
    problems.push('CHANGELOG.md has no "### Coming from <version>" below "## [Unreleased]"');
  }
  if (manifest.parse(JSON.parse(lock)).version !== stated) {
    problems.push(`package-lock.json has another version than ${stated}: run npm install`);
  }
  if (problems.length > 0) {
    throw new CommandError(`Cannot release "${version}": ${problems.join("; ")}.`);
  }
  const known = await readReleasedNames(root);
  const added = [...await hashMigrations(root)].filter(([name]) => !known.has(name));
  const list = [...past, { version, migrations: Object.fromEntries(added) }];
  const write = (path: string, content: string) => Deno.writeTextFile(join(root, path), content);
  const versioned = (content: string) =>
    content.replaceAll(
      new RegExp(`("name": "agentbase",\\s+"version": )"${RegExp.escape(stated)}"`, "g"),
      `$1"${version}"`,
    );
  await write("CHANGELOG.md", withHeading(changelog, release));
  await write("package.json", versioned(manifestText));
  await write("package-lock.json", versioned(lock));
  await Deno.writeTextFile(fileOf(root), `${JSON.stringify(releases.parse(list), null, 2)}\n`);
  return added.map(([name]) => name);
}

/** Whether a version comes after another one. */
function isLater(version: string, other: string): boolean {
  const [one, two] = [version, other].map((text) => text.split(".").map(Number));
  const place = one?.findIndex((part, index) => part !== two?.[index]) ?? -1;
  return place >= 0 && (one?.[place] ?? 0) > (two?.[place] ?? 0);
}

/** A changelog whose unreleased section has the release's heading. */
function withHeading(changelog: string, { version, day }: NewRelease): string {
  return changelog
    .replace("## [Unreleased]\n", `## [Unreleased]\n\n## [${version}] - ${day}\n`)
    .replace(/^This will be \d+\.\d+\.\d+\.\n\n/m, "");
}
