import { deepEqual, equal, throws } from "node:assert/strict";
import { resolve } from "node:path";
import { readSettings } from "./settings.ts";

Deno.test("a stack has a default folder and default ports", () => {
  deepEqual(readSettings({ STACK_DIR: "", API_PORT: "" }), {
    folder: resolve(import.meta.dirname ?? "", "../../../.stack"),
    folderName: ".stack",
    apiPort: 54321,
    databasePort: 54322,
  });
});

Deno.test("STACK_DIR, API_PORT and DB_PORT set the folder and ports", () => {
  deepEqual(readSettings({ STACK_DIR: "there", API_PORT: "1", DB_PORT: "65535" }), {
    folder: resolve("there"),
    folderName: "there",
    apiPort: 1,
    databasePort: 65535,
  });
  equal(readSettings({ API_PORT: "080" }).apiPort, 80);
});

Deno.test("an invalid port is refused by its variable's name", () => {
  for (const text of ["abc", "0", "65536", "-1", "1.5", "1e3", " "]) {
    throws(() => readSettings({ API_PORT: text }), {
      name: "CommandError",
      message: new RegExp(`^Cannot use API_PORT "${text}": `),
    });
  }
  throws(() => readSettings({ DB_PORT: "x" }), /DB_PORT=54322\.$/);
  throws(() => readSettings({ API_PORT: "7000", DB_PORT: "7000" }), /"7000" twice/);
});
