import { deepEqual } from "node:assert/strict";
import { LruMap } from "../../../functions/_shared/core/lru_map.ts";

Deno.test("a bounded map drops the entry that was set longest ago; setting it again renews it", () => {
  const map = new LruMap<string, number>(2);
  map.set("a", 1).set("b", 2).set("a", 3).set("c", 4);
  deepEqual([...map], [["a", 3], ["c", 4]]);
});
