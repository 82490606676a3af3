import assert from "node:assert/strict";
import { readInventory } from "./read-inventory.ts";

Deno.test("readInventory() reads the first column beneath its heading only", () => {
  const page = [
    "# Security",
    "| `public.before()` | not here |",
    "## SECURITY DEFINER functions",
    "",
    "| function | why |",
    "| --- | --- |",
    "| `private.a(uuid, text)` | it reads `private.b()` |",
    "| `private.c()` | because |",
    "## Roles",
    "| `public.after()` | not here |",
  ].join("\n");
  assert.deepEqual(readInventory(page), ["private.a(uuid, text)", "private.c()"]);
});

Deno.test("readInventory() reads nothing from a page without the heading", () => {
  assert.deepEqual(readInventory("| `private.a()` | why |\n"), []);
});
