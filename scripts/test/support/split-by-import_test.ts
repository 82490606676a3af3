import { deepEqual } from "node:assert/strict";
import { dirname, join } from "node:path";
import { splitByImport } from "./split-by-import.ts";

Deno.test("splitByImport() finds tests that import a module, directly or through their support", async () => {
  const root = await Deno.makeTempDir();
  const files = {
    "tests/a/support/redis.ts":
      'import { startRedis } from "../../../scripts/stack/redis/redis.ts";',
    "tests/a/support/faults.ts": 'import {\n  a,\n} from "./redis.ts";',
    "tests/a/support/types.ts": 'import type { A } from "./redis.ts";',
    "tests/a/direct_test.ts": 'import { s } from "../../scripts/stack/redis/server.ts";',
    "tests/a/support_test.ts": 'import "x";\nimport { f } from "./support/faults.ts";',
    "tests/a/stack_test.ts": 'import { createStack } from "../../scripts/stack/create-stack.ts";',
    "tests/a/types_test.ts": 'import { a } from "./support/types.ts";',
    "scripts/stack/create-stack.ts": 'import { startRedis } from "./redis/redis.ts";',
  };
  try {
    for (const [file, text] of Object.entries(files)) {
      await Deno.mkdir(dirname(join(root, file)), { recursive: true });
      await Deno.writeTextFile(join(root, file), text);
    }
    const redis = /^scripts\/stack\/redis\/(?:redis|server)\.ts$/;
    deepEqual(await splitByImport(root, ["tests/a"], redis), {
      importing: ["tests/a/direct_test.ts", "tests/a/support_test.ts"],
      others: ["tests/a/stack_test.ts", "tests/a/types_test.ts"],
    });
    const named = ["tests/a/types_test.ts", "tests/a/direct_test.ts"];
    deepEqual(await splitByImport(root, named, redis), {
      importing: ["tests/a/direct_test.ts"],
      others: ["tests/a/types_test.ts"],
    });
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
