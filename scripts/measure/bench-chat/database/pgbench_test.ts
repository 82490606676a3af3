import assert from "node:assert/strict";
import { parsePgbench } from "./pgbench.ts";
import { scripts } from "./scripts.ts";

const said = "number of transactions actually processed: 431\ntps = 107.1 (without …)\n";
const progress = [
  "progress: 1.0 s, 50.0 tps, lat 9.8 ms stddev 1.2, 0 failed",
  "progress: 2.0 s, 100.0 tps, lat 9.8 ms stddev 1.2, 0 failed",
  "progress: 3.0 s, 200.0 tps, lat 9.8 ms stddev 1.2, 0 failed",
].join("\n");

Deno.test("the first second of pgbench is not counted", () => {
  assert.deepEqual(parsePgbench(said, progress), { perSecond: 150, count: 431 });
});

Deno.test("a run of pgbench in which a client failed is an error", () => {
  const aborted = "pgbench: error: client 0 script 0 aborted in command 2 query 0: ERROR:  no";
  assert.equal(parsePgbench(said, `${progress}\n${aborted}`), null);
  assert.equal(parsePgbench("", progress), null);
  assert.equal(parsePgbench(said, ""), null);
});

Deno.test("pgbench scripts use only variables that they set", () => {
  for (const [name, script] of Object.entries(scripts)) {
    const found = [...script.matchAll(/(?<!:):([A-Za-z_]\w*)/g)].map((match) => match[1]);
    const unknown = found.filter((variable) =>
      !["n", "turn", "client_id"].includes(variable ?? "")
    );
    assert.deepEqual(unknown, [], name);
  }
});
