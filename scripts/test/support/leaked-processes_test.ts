import assert from "node:assert/strict";
import { leakedProcesses } from "./leaked-processes.ts";

Deno.test("leakedProcesses() finds a process by the folder of its stack, until it has ended", async () => {
  const folder = await Deno.makeTempDir();
  const child = new Deno.Command("sleep", { args: ["60"], env: { STACK_DIR: folder }, cwd: folder })
    .spawn();
  try {
    const found = await leakedProcesses(folder);
    assert.deepEqual(found.map((line) => Number.parseInt(line, 10)), [child.pid]);
  } finally {
    child.kill("SIGKILL");
    await child.status;
    assert.deepEqual(await leakedProcesses(folder), []);
    await Deno.remove(folder);
  }
});
