import assert from "node:assert/strict";
import { join } from "node:path";
import { readArchive } from "./read-archive.ts";

const archive = join(
  import.meta.dirname ?? ".",
  "../../../node_modules/@electric-sql/pglite-pgtap/dist/pgtap.tar.gz",
);

Deno.test("readArchive() reads one file of an archive", async () => {
  const control = await readArchive(archive, "share/postgresql/extension/pgtap.control");
  assert.match(control, /^# pgTAP extension\n[\s\S]*superuser = false\n$/);
});

Deno.test("readArchive() names a file that is not there", async () => {
  await assert.rejects(readArchive(archive, "nothing.sql"), /Cannot read "nothing\.sql"/);
});
