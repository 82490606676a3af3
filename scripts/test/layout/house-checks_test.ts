import { deepEqual } from "node:assert/strict";
import { findIn } from "./find-in.ts";
import { findForwardReferences } from "./forward-references.ts";
import { findImportCycles } from "./import-cycles.ts";
import { findLongMigrations, findLongSources } from "./long-files.ts";
import { findScriptImports } from "./script-layers.ts";
import { findUnlistedChapters } from "./unlisted-chapters.ts";
import { findUnraisedCodes } from "./unraised-codes.ts";
import { findUnqualifiedArguments } from "./unqualified-arguments.ts";
import { findUnusedExports } from "./unused-exports.ts";
import { findUpperCaseSql } from "./upper-case-sql.ts";
import { findWideLines } from "./wide-lines.ts";

Deno.test("findWideLines() reports lines of more than 100 columns, whatever they hold", async () => {
  const files = {
    "migrations/1.sql": ["-".repeat(100), "é".repeat(100), "-".repeat(101)].join("\n"),
    "migrations/2.sql": `comment on table a is '${"x".repeat(90)}';`,
  };
  deepEqual(await findIn(findWideLines, files), [
    "migrations/1.sql:3 has 101 columns",
    "migrations/2.sql:1 has 115 columns",
  ]);
});

Deno.test("findUpperCaseSql() reports code in upper case, and no text", async () => {
  const files = {
    "migrations/1.sql": [
      "-- An INSERT",
      "select 'It''s NULL', \"ID\" /* AND */;",
      "create function a.b() as $$",
      "  if TG_OP = 'INSERT' then RETURN new; end if;",
      "$$;",
    ].join("\n"),
  };
  deepEqual(await findIn(findUpperCaseSql, files), [
    "migrations/1.sql:4: TG_OP is in upper case",
    "migrations/1.sql:4: RETURN is in upper case",
  ]);
});

Deno.test("findLongMigrations() reports files of more than 400 lines", async () => {
  const files = {
    "migrations/1.sql": "select 1;\n".repeat(400),
    "migrations/2.sql": "select 1;\n".repeat(401),
  };
  deepEqual(await findIn(findLongMigrations, files), [
    "migrations/2.sql has 401 lines. Split it at 400",
  ]);
});

Deno.test("findLongSources() reports source files of more than 400 lines, and no test", async () => {
  const files = {
    "functions/a/index.ts": "x;\n".repeat(401),
    "functions/_shared/database.types.ts": "x;\n".repeat(999),
    "scripts/cli/a/main.ts": "x;\n".repeat(400),
    "scripts/cli/a/main_test.ts": "x;\n".repeat(999),
    "widget/view.ts": "x;\n".repeat(402),
  };
  deepEqual(await findIn(findLongSources, files), [
    "functions/a/index.ts has 401 lines. Split it at 400",
    "widget/view.ts has 402 lines. Split it at 400",
  ]);
});

Deno.test("findForwardReferences() reports uses of objects of later files, and not mentions in comments", async () => {
  const files = {
    "migrations/1.sql": [
      "create table public.a (id uuid);",
      "-- public.b comes later",
      "comment on table public.a is 'See public.b.';",
      "create function private.f() returns void language sql as $$ select private.g(), 'public.b' $$;",
    ].join("\n"),
    "migrations/2.sql": [
      "create view public.b as select * from public.a;",
      "create or replace function private.g() returns void language sql as $$ select private.f() $$;",
    ].join("\n"),
  };
  deepEqual(await findIn(findForwardReferences, files), [
    "migrations/1.sql refers to private.g of migrations/2.sql",
  ]);
});

Deno.test("findUnqualifiedArguments() reports arguments that are used and never qualified", async () => {
  const files = {
    "migrations/1.sql": [
      "create function private.good(amount numeric default round(1, 2), out total numeric, uuid)",
      "language sql as $$ select good.amount, 'amount', x.amount /* fine */ -- amount\n$$;",
      "create or replace function public.bad(amount numeric(10, 2), variadic names text[], unused int)",
      "returns int language plpgsql as $$ begin return amount + cardinality(names); end $$;",
      "create function private.named(a int) returns int language sql as $$ select f(a => 1) $$;",
    ].join("\n"),
  };
  deepEqual(await findIn(findUnqualifiedArguments, files), [
    "migrations/1.sql:5: bad() never qualifies amount",
    "migrations/1.sql:5: bad() never qualifies names",
  ]);
});

Deno.test("findImportCycles() reports each cycle once, also of types and in one folder", async () => {
  const files = {
    "functions/a/index.ts": 'import { b } from "./b.ts";\nimport { z } from "zod";',
    "functions/a/b.ts": 'import {\n  c,\n} from "./c.ts";',
    "functions/a/c.ts": 'import type { B } from "./b.ts";\nexport { d } from "../_shared/d.ts";',
    "functions/_shared/d.ts": "export const d = 1;",
    "tests/e2e/a_test.ts": 'import "../../functions/a/index.ts";\nimport "./a_test.ts";',
  };
  deepEqual(await findIn(findImportCycles, files), [
    "functions/a/b.ts imports functions/a/c.ts imports functions/a/b.ts",
    "tests/e2e/a_test.ts imports tests/e2e/a_test.ts",
  ]);
});

Deno.test("findScriptImports() reports imports of rooms that a room may not use", async () => {
  const good = {
    "scripts/common/a.ts": 'import "node:path";',
    "scripts/stack/redis/b.ts": 'import { a } from "../../common/a.ts";',
    "scripts/cli/start/main.ts": 'import { b } from "../../stack/redis/b.ts";',
    "scripts/stack/b_test.ts": 'import { c } from "../cli/start/main.ts";',
  };
  deepEqual(await findIn(findScriptImports, good), []);
  const bad = {
    "scripts/common/a.ts": 'import { b } from "../stack/b.ts";',
    "scripts/stack/b.ts": 'import { c } from "../cli/start/main.ts";',
    "scripts/cli/start/main.ts": 'import {\n  t,\n} from "../../test/layer.ts";',
    "scripts/loose.ts": "",
  };
  deepEqual((await findIn(findScriptImports, bad)).sort(), [
    "scripts/cli/start/main.ts imports scripts/test/layer.ts",
    "scripts/common/a.ts imports scripts/stack/b.ts",
    "scripts/loose.ts lies in no room of scripts/",
    "scripts/stack/b.ts imports scripts/cli/start/main.ts",
  ]);
});

Deno.test("findUnlistedChapters() reports migrations that the page does not name", async () => {
  const files = {
    "docs/architecture.md": "| 01xx | `foundation`, `errors` |",
    "migrations/20260101000100_foundation.sql": "",
    "migrations/20260101000110_bounds.sql": "",
  };
  deepEqual(await findIn(findUnlistedChapters, files), [
    "docs/architecture.md does not list the chapter bounds",
  ]);
});

Deno.test("findUnraisedCodes() reports codes that are only registered or listed", async () => {
  const files = {
    "migrations/1_errors.sql": [
      "values",
      "  ('raised_in_sql', 400, 'A.', 'B.'),",
      "  ('raised_in_code', 404, 'A.',",
      "    'B.'),",
      "  ('only_listed', 409, 'A.', 'B.'),",
      "  ('only_registered', 500, 'A.', 'B.');",
    ].join("\n"),
    "migrations/2.sql": "select private.refuse(\n  'raised_in_sql', 'No.'\n);",
    "functions/_shared/core/error_codes.ts": '"only_registered"',
    "functions/a/operations.ts": 'errors: ["only_listed"]',
    "functions/a/handler.ts": 'throw new ApiError("raised_in_code", "No.");',
  };
  deepEqual(await findIn(findUnraisedCodes, files), [
    "migrations/1_errors.sql lists only_listed, which is raised nowhere",
    "migrations/1_errors.sql lists only_registered, which is raised nowhere",
  ]);
});

Deno.test("findUnusedExports() reports what no other file names, and no type of a signature", async () => {
  const files = {
    "functions/_shared/core/a.ts": [
      "export const USED = 1;",
      "export const OWN = USED;",
      "export interface Options { own: typeof OWN }",
      "export interface Forgotten { own: 1 }",
      "export function testedOnly(options: Options): void {}",
      "export async function neverCalled(): Promise<void> {}",
    ].join("\n"),
    "scripts/cli/a/main.ts": 'import { USED } from "./x.ts"; console.log(USED);',
    "tests/functions/a_test.ts": "testedOnly({}); export const helper = 1;",
  };
  deepEqual(await findIn(findUnusedExports, files), [
    'functions/_shared/core/a.ts exports "OWN", which no other file uses',
    'functions/_shared/core/a.ts exports "Forgotten", which no other file uses',
    'functions/_shared/core/a.ts exports "neverCalled", which no other file uses',
  ]);
});
