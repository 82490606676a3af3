/**
 * `npm run release -- --version <x.y.z>`: records the migrations of a release, which do not change afterwards.
 */
import { readArguments } from "../../common/arguments.ts";
import { pathInProject } from "../../common/path-in-project.ts";
import { recordRelease } from "../../common/released-migrations.ts";
import { runMain } from "../../common/run-main.ts";

const help = `Records the migrations that no release has yet as those of a version.

npm run release -- --version <x.y.z>
  --version  as in package.json and in a heading of CHANGELOG.md
  --help     this text

It writes their checksums to supabase/released-migrations.json. From then on "npm test" refuses a
change of these files: a later release changes the database by new migrations only.`;

await runMain({
  help,
  parse: (args) =>
    readArguments("release", args, { version: { type: "string" } } as const, ({ version }) => {
      if (version === undefined) throw new Error("--version <x.y.z> is missing");
      return { version };
    }),
  run: async ({ version }) => {
    const added = await recordRelease(pathInProject("."), version);
    console.log(
      `${version} has ${added.length} migrations. Commit supabase/released-migrations.json and tag v${version}.`,
    );
  },
});
