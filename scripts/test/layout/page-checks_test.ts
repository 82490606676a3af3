import { deepEqual } from "node:assert/strict";
import { findDeadLinks } from "./dead-links.ts";
import { findIn } from "./find-in.ts";
import { findMissingFiles } from "./missing-files.ts";
import { findRetiredWords } from "./retired-words.ts";
import { findUndocumentedCommands } from "./undocumented-commands.ts";

const glossary = [
  "# Glossary",
  "",
  "## Retired words",
  "",
  "| retired     | write       |",
  "| ----------- | ----------- |",
  "| `whoever`   | anyone who  |",
  "| `for ever`  | forever     |",
].join("\n");

Deno.test("findRetiredWords() reports retired phrases in prose, across lines, and none in code", async () => {
  const good = {
    "docs/glossary.md": glossary,
    "README.md": "Forever and ever. `whoever`\n\n```sh\nwhoever\n```\n",
    "docs/a.md": "1. Kept.\n   - `tests/a_test.ts`: whoever comes\n     for ever\n   - Fine.\n",
    "docs/data-dictionary.md": "whoever",
    "examples/a.ts": "// whoever",
    "scripts/a.ts": 'f(whoever);\n/** The user "whoever", a `whoever`. */\nf("for ever");',
    "tests/database/a_user_reads_it.sql": "select is(1, 'whoever', 'a user reads it');",
  };
  deepEqual(await findIn(findRetiredWords, good), []);
  const bad = {
    "docs/glossary.md": glossary,
    "README.md": "Kept for\never.",
    "docs/decisions/b.md": "```sh\na\n```\nWhoever asks",
    "scripts/b.ts": "f();\n/**\n * Kept for\n * ever.\n */\n// whoever",
    "widget/b.ts": "// whoever",
    "migrations/1_b.sql": "comment on table b is\n  'Kept for ever.';",
    "tests/orm/b.py": '@case("kept for ever")',
    "tests/whoever_reads_it.sql": "select is(1, 1, 'whoever reads it');",
  };
  deepEqual(
    (await findIn(findRetiredWords, bad)).map((problem) => problem.split(".").slice(0, 2)),
    [
      ["README", 'md:1 uses "for ever"'],
      ["docs/decisions/b", 'md:4 uses "Whoever"'],
      ["migrations/1_b", 'sql:2 uses "for ever"'],
      ["scripts/b", 'ts:3 uses "for ever"'],
      ["scripts/b", 'ts:6 uses "whoever"'],
      ["tests/orm/b", 'py:1 uses "for ever"'],
      ["tests/whoever_reads_it", 'sql:1 uses "whoever"'],
      ["tests/whoever_reads_it", 'sql:2 uses "whoever"'],
      ["widget/b", 'ts:1 uses "whoever"'],
    ],
  );
});

Deno.test("findRetiredWords() reports a glossary without its table", async () => {
  deepEqual(await findIn(findRetiredWords, { "docs/glossary.md": "# Glossary\n" }), [
    "docs/glossary.md has no table of retired words",
  ]);
});

Deno.test("findDeadLinks() reports files and headings that do not exist, in any page", async () => {
  const good = {
    "README.md":
      "[a](docs/a.md#one-and-two) [b](#here) [c](https://example.com/x) `[d](e)`\n# Here",
    "docs/a.md": "# One, and `two`\n\n[readme](../README.md) [folder](../docs)\n",
  };
  deepEqual(await findIn(findDeadLinks, good), []);
  const bad = {
    "README.md": "[a](docs/b.md)",
    "docs/a.md": "[a](#one) [readme](../README.md#here)",
  };
  deepEqual((await findIn(findDeadLinks, bad)).sort(), [
    'README.md links to "docs/b.md", which does not exist',
    'docs/a.md links to "#one", which does not exist',
    'docs/a.md links to "../README.md#here", which does not exist',
  ]);
});

Deno.test("findMissingFiles() reports files and folders that a page names and that do not exist", async () => {
  const good = {
    "README.md":
      "`functions/a/b.ts`, `functions/a/`, `functions/<name>/b.ts`, `tests/*.sql`, `a/b.ts`",
    "CHANGELOG.md": "`functions/gone.ts`",
    "functions/a/b.ts": "",
  };
  deepEqual(await findIn(findMissingFiles, good), []);
  const bad = { "docs/a.md": "`functions/a/c.ts` and\n`functions/b`", "functions/a/b.ts": "" };
  deepEqual(await findIn(findMissingFiles, bad), [
    'docs/a.md names "functions/a/c.ts", which does not exist',
    'docs/a.md names "functions/b", which does not exist',
  ]);
});

Deno.test("findMissingFiles() reports what comments of migrations and functions name, and no code", async () => {
  const good = {
    "docs/a.md": "",
    "migrations/1_a.sql": "-- docs/a.md says why.\nselect 'docs/b.md';",
    "functions/a/b.ts": '/**\n * `functions/a/b.ts`, see docs/a.md.\n */\nf("docs/b.md");',
  };
  deepEqual(await findIn(findMissingFiles, good), []);
  const bad = {
    "migrations/1_a.sql": "select 1; \n  -- docs/decisions/b.md says why.",
    "functions/a/b.ts": "/**\n * `tests/a_test.ts`: its tests.\n */",
  };
  deepEqual((await findIn(findMissingFiles, bad)).sort(), [
    'functions/a/b.ts names "tests/a_test.ts", which does not exist',
    'migrations/1_a.sql names "docs/decisions/b.md", which does not exist',
  ]);
});

Deno.test("findUndocumentedCommands() reports commands without a row, rows and pages without a command", async () => {
  const scripts = JSON.stringify({ scripts: { start: "a", "keys:rotate": "b" } });
  const row = (command: string) => `| \`${command}\` | does something |\n`;
  const good = {
    "package.json": scripts,
    "README.md": row("npm start") + row("npm run keys:rotate"),
    "docs/a.md": "`npm run keys:rotate -- --batch 10`",
    "examples/README.md": "(cd examples/chat && npm run dev)",
    "CHANGELOG.md": "`npm run old` is gone.",
  };
  deepEqual(await findIn(findUndocumentedCommands, good), []);
  const bad = {
    "package.json": scripts,
    "README.md": row("npm start") + row("npm run rotate"),
    "docs/a.md": "```sh\nnpm run keys-rotate\n```\n",
  };
  deepEqual(await findIn(findUndocumentedCommands, bad), [
    'README.md has no row for the command "keys:rotate" of package.json',
    'README.md has a row for "rotate", which is no command of package.json',
    'README.md names "npm run rotate", which is no command of package.json',
    'docs/a.md names "npm run keys-rotate", which is no command of package.json',
  ]);
});
