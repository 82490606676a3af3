import { deepEqual } from "node:assert/strict";
import { printSchema, schemaByChapter } from "./schema-snapshot.ts";

const schema = [
  { section: "Tables", name: "auth.users", statement: "create trigger t on auth.users;" },
  { section: "Tables", name: "public.plans", statement: "create table public.plans (id text);" },
  { section: "Views", name: "public.made", statement: "create view public.made as select 1;" },
  { section: "Functions", name: "public.plan(text)", statement: "create function public.plan;" },
];

Deno.test("each object is in the file of the first migration that creates it", () => {
  const files = schemaByChapter(schema, [
    {
      path: "migrations/20260101000150_plans.sql",
      sql: "create table public.plans (\n);\n  create or replace function public.plan(id text)",
    },
    { path: "migrations/20260101000200_later.sql", sql: "create function public.plan()" },
    {
      path: "migrations/20270115093000_release.sql",
      sql: "create view public.made (id) as select 1",
    },
  ]);
  deepEqual(files.map(({ path }) => path), [
    "supabase/schema/platform.sql",
    "supabase/schema/000150_plans.sql",
    "supabase/schema/20270115093000_release.sql",
  ]);
  deepEqual(
    files[1]?.text.endsWith(
      "id text);\n\n-- Functions " + "-".repeat(86) +
        "\n\ncreate function public.plan;\n",
    ),
    true,
  );
});

Deno.test("the query of a view is left out where versions print it differently", () => {
  const view = { section: "Views", name: "v", statement: "create view v with () as\nselect 1" };
  deepEqual(printSchema([view], false).trim().split("\n").at(-1), "create view v with () as");
});
