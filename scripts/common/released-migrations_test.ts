import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { join } from "node:path";
import { findChangedReleases, readReleases, recordRelease } from "./released-migrations.ts";

Deno.test("a released migration cannot be changed, removed or preceded by a new one", async () => {
  const root = await Deno.makeTempDir({ prefix: "agentbase-release-" });
  const write = (path: string, text: string) => Deno.writeTextFile(join(root, path), text);
  try {
    await Deno.mkdir(join(root, "migrations"));
    await Deno.mkdir(join(root, "supabase"));
    await write("supabase/released-migrations.json", "[]");
    await write("package.json", '{\n  "name": "agentbase",\n  "version": "0.1.0"\n}\n');
    await write("package-lock.json", '{"name": "agentbase", "version": "0.1.0"}\n');
    await write(
      "CHANGELOG.md",
      "# Changelog\n\n## [Unreleased]\n\nThis will be 0.2.0.\n\n### Added\n",
    );
    const release = (version: string) => recordRelease(root, { version, day: "2026-12-01" });
    const [first, second, third] = ["0001_a", "0002_b", "0003_c"]
      .map((name) => `migrations/2026010100${name}.sql`) as [string, string, string];
    await write(first, "select 1;\n");
    await write(second, "select 2;\n");

    // Until something is released, everything may change.
    deepEqual(await findChangedReleases(root), []);
    await rejects(release("0.2.0"), /CHANGELOG.md has no "### Coming from <version>"/);
    const text = "\n### Coming from 0.1\n\nImport it.\n";
    await write("CHANGELOG.md", `# Changelog\n\n## [Unreleased]\n\nThis will be 0.2.0.\n${text}`);
    await rejects(release("0.1.0"), /it is not later than 0.1.0/);
    await rejects(release("0.0.9"), /it is not later than 0.1.0/);
    await rejects(release("next"), /the form 1.2.3/);
    const lock = (version: string) =>
      write("package-lock.json", `{"name": "agentbase", "version": "${version}"}\n`);
    await lock("0.0.9");
    await rejects(release("0.2.0"), /package-lock.json has another version than 0.1.0/);
    await lock("0.1.0");
    deepEqual(await readReleases(root), []);
    equal((await release("0.2.0")).length, 2);
    const read = (path: string) => Deno.readTextFile(join(root, path));
    equal(
      await read("CHANGELOG.md"),
      `# Changelog\n\n## [Unreleased]\n\n## [0.2.0] - 2026-12-01\n${text}`,
    );
    equal(JSON.parse(await read("package.json")).version, "0.2.0");
    equal(JSON.parse(await read("package-lock.json")).version, "0.2.0");
    await rejects(release("0.2.0"), /it is not later than 0.2.0/);
    deepEqual(await findChangedReleases(root), []);

    // A later migration is the way to change what was released.
    await write(third, "select 3;\n");
    deepEqual(await findChangedReleases(root), []);
    await write(second, "select 4;\n");
    const [changed] = await findChangedReleases(root);
    match(changed ?? "", /0002_b.sql was released in 0.2.0 and has changed.*a new migration/);
    await rejects(release("0.2.1"), /0002_b.sql was released in 0.2.0 and has changed/);
    await Deno.remove(join(root, second));
    const [missing] = await findChangedReleases(root);
    match(missing ?? "", /0002_b.sql is missing: 0.2.0 was released with it/);
    await write(second, "select 2;\n");
    await write("migrations/20260101000000_early.sql", "select 0;\n");
    const [early] = await findChangedReleases(root);
    match(early ?? "", /early.sql sorts before .*0002_b.sql, which was released/);
    await Deno.remove(join(root, "migrations/20260101000000_early.sql"));

    await rejects(release("0.2.1"), /CHANGELOG.md has no "### Coming from <version>"/);
    await write("CHANGELOG.md", `# Changelog\n\n## [Unreleased]\n${text}`);
    equal((await release("0.2.1")).length, 1);
    deepEqual((await readReleases(root)).map(({ version }) => version), ["0.2.0", "0.2.1"]);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
