import assert from "node:assert/strict";
import postgres from "postgres";
import { pathInProject } from "../../common/path-in-project.ts";
import { startTemporaryDatabase } from "../../stack/postgres/temporary-database.ts";
import { installPgtap } from "./install-pgtap.ts";
import { type FileResult, runPgtapFile } from "./pgtap-file.ts";

const root = pathInProject(".");

/** A pgTAP file around some statements. */
const file = (statements: string) => `begin;\n${statements}\nselect * from finish();\nrollback;\n`;

Deno.test("runPgtapFile() passes a file only if all planned assertions ran and held", async (test) => {
  const database = await startTemporaryDatabase();
  const run = (text: string): Promise<FileResult> => runPgtapFile(database.url, text);
  try {
    const admin = postgres(database.adminUrl, { max: 1, onnotice: () => {} });
    await installPgtap(admin, root);
    await admin.end();

    await test.step("passes a file whose planned assertions hold", async () => {
      const result = await run(file("select plan(1); select ok(true, 'it holds');"));
      assert.deepEqual(result, {
        assertions: [{ passed: true, name: "it holds", diagnostics: [] }],
        problem: null,
      });
    });
    await test.step("reports what an assertion found", async () => {
      const result = await run(file("select plan(1); select is(1, 2, 'equal');"));
      assert.equal(result.assertions[0]?.passed, false);
      assert.match(result.assertions[0]?.diagnostics.join("\n") ?? "", /have: 1\n.*want: 2/);
    });
    await test.step("fails a file with another number of assertions than planned", async () => {
      const result = await run(file("select plan(2); select ok(true);"));
      assert.equal(result.problem, "It planned 2 assertions and made 1");
    });
    await test.step("fails a file that plans and asserts nothing", async () => {
      assert.notEqual((await run(file("select plan(0);"))).problem, null);
    });
    await test.step("fails a file that ends in an error, and keeps its earlier output", async () => {
      const result = await run(file("select plan(2);\nselect ok(true);\nselect * from nowhere;"));
      assert.equal(result.assertions.length, 1);
      assert.equal(result.problem, '42P01 relation "nowhere" does not exist (line 4)');
    });
    await test.step("refuses a file that could leave changes behind", async () => {
      const forms = [
        "select plan(1); select ok(true); select * from finish();",
        "begin; select plan(1); select ok(true); select * from finish(); commit;",
        file("select plan(1); select ok(true);\ncommit;\nbegin;"),
        file("select ok(true);"),
      ];
      for (const text of forms) {
        const result = await run(text);
        assert.deepEqual(result.assertions, []);
        assert.match(result.problem ?? "", /^Write it as: begin;/);
      }
    });
    await test.step("leaves no changes behind", async () => {
      const text = file("select plan(1); create table public.left_over (); select ok(true);");
      await run(text);
      assert.equal((await run(text)).problem, null);
    });
  } finally {
    await database.stop();
  }
});
