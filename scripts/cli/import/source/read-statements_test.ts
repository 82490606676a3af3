import { deepEqual, rejects } from "node:assert/strict";
import { readStatements } from "./read-statements.ts";

async function read(text: string): Promise<string[]> {
  const found: string[] = [];
  const lines = (async function* () {
    yield* text.split("\n");
  })();
  for await (const { text, rows } of readStatements("dump.sql", lines)) {
    found.push(rows === null ? text : `${text} <${(await Array.fromAsync(rows)).join("|")}>`);
  }
  return found;
}

Deno.test("the statements of a dump are told apart as psql does", async () => {
  const cases: [string, string[]][] = [
    ["select 1; select 2;\n-- ; comment\nselect 3", ["select 1", "select 2", "select 3"]],
    ["select ';', \";\", 'it''s;\n;' ;", ["select ';', \";\", 'it''s;\n;'"]],
    ["select E'\\';', e'a''b\\\\'; select 'c:\\';", [
      "select E'\\';', e'a''b\\\\'",
      "select 'c:\\'",
    ]],
    ["select 1 /* ; /* ; */ ; */ + 1;", ["select 1 /* ; /* ; */ ; */ + 1"]],
    ["do $x$ begin; $y$;$$ end $x$; select a$b, $1;", [
      "do $x$ begin; $y$;$$ end $x$",
      "select a$b, $1",
    ]],
    ["create rule r as on insert to t do (select 1; select 2);", [
      "create rule r as on insert to t do (select 1; select 2)",
    ]],
    ["CREATE FUNCTION f() RETURNS int\n BEGIN ATOMIC\n SELECT 1;\n SELECT 2;\nEND;\nselect 3;", [
      "CREATE FUNCTION f() RETURNS int\n BEGIN ATOMIC\n SELECT 1;\n SELECT 2;\nEND",
      "select 3",
    ]],
    [
      "\\restrict Ab12\n--\n-- Data\n--\n\nCOPY public.a (b) FROM stdin;\n1\\t;'\n\\N\n\\.\n\nselect 1;\n\\unrestrict Ab12",
      ["COPY public.a (b) FROM stdin <1\\t;'|\\N>", "select 1"],
    ],
    ["copy a from stdin;\r\nx\r\n\\.\r\nselect 1;\r\n", ["copy a from stdin <x\r>", "select 1"]],
  ];
  for (const [text, statements] of cases) deepEqual(await read(text), statements);
});

Deno.test("a dump with commands of psql, or in another encoding, is refused", async () => {
  const cases = [
    "\\! touch /tmp/x",
    "select 1;\n  \\i other.sql",
    "select 1 \\g |sh",
    "\\connect other",
    "\\copy a from '/etc/passwd'",
    "copy a from stdin;\n\\.\n\\! id",
    "\\restrict Ab12 \\! id",
  ];
  for (const text of cases) {
    await rejects(read(text), /line \d has a command of psql.*Nothing was changed/);
  }
  await rejects(read("SET client_encoding = 'LATIN1';"), /encoded in LATIN1.*--encoding=UTF8/);
});
