/**
 * `npm run release -- --version <x.y.z>`: makes a release, whose migrations do not change afterwards.
 */
import { readArguments } from "../../common/arguments.ts";
import { CommandError } from "../../common/command-error.ts";
import { pathInProject } from "../../common/path-in-project.ts";
import { recordRelease } from "../../common/released-migrations.ts";
import { runCommand } from "../../common/run-command.ts";
import { runMain } from "../../common/run-main.ts";

const help = `Releases the current state.

npm run release -- --version <x.y.z>
  --version  later than the last one
  --help     this text

It gives CHANGELOG.md, package.json and package-lock.json the version, writes the checksums of its
migrations to supabase/released-migrations.json, and regenerates files. From then on
"npm test" refuses a change of these migrations: a later release changes the database by new ones.
CHANGELOG.md must have "### Coming from <version>" below "## [Unreleased]". Nothing is committed.`;

await runMain({
  help,
  parse: (args) =>
    readArguments("release", args, { version: { type: "string" } } as const, ({ version }) => {
      if (version === undefined) throw new Error("--version <x.y.z> is missing");
      return { version };
    }),
  run: async ({ version }) => {
    const day = new Date().toISOString().slice(0, 10);
    const installed = pathInProject("node_modules/.package-lock.json");
    await Deno.stat(installed).catch(() => {
      throw new CommandError(
        'Cannot release: the packages are not installed. Run "npm ci". Nothing is recorded.',
      );
    });
    // Generates the lists in migrations before their checksums are recorded below.
    await generate("Nothing is recorded.");
    const added = await recordRelease(pathInProject("."), { version, day });
    // Only the version in package-lock.json has changed, so the installed packages are up to date.
    await Deno.utime(installed, new Date(), new Date());
    // Some files contain the version.
    await generate(`${version} is recorded; only these files are missing.`);
    console.log(
      `${version} has ${added.length} migrations. Run "npm test", commit, and set the tag: ` +
        `"git tag v${version}", "git push origin v${version}".`,
    );
  },
});

/** Generates files again. @param state What is done so far, for the error message. */
async function generate(state: string): Promise<void> {
  const { code, output } = await runCommand(["npm", "run", "generate"], {
    cwd: pathInProject("."),
  });
  if (code === 0) return;
  console.error(output);
  throw new CommandError(
    `Cannot regenerate files. ${state} Correct what is shown above and run "npm run generate".`,
  );
}
