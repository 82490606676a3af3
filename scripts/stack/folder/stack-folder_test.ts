import { deepEqual, equal, match, notDeepEqual, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import { createKeyring } from "../../../functions/_shared/crypto/envelope.ts";
import {
  environmentPath,
  readEnvironment,
  type StackEnvironment,
  writeEnvironment,
} from "./environment-file.ts";
import { resetStack } from "./reset-stack.ts";
import { ensureSecrets } from "./secrets.ts";
import { lockStack } from "./stack-lock.ts";

async function withFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "agentbase-" });
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true }).catch(() => {});
  }
}

const environment: StackEnvironment = {
  API_URL: "http://127.0.0.1:1",
  DB_URL: "postgresql://postgres:postgres@127.0.0.1:2/postgres?x=y",
  PUBLISHABLE_KEY: "sb_publishable_a",
  SECRET_KEY: "sb_secret_b",
  JWT_SECRET: "c=",
  FUNCTIONS_URL: "http://127.0.0.1:1/functions/v1",
};

async function modeOf(path: string): Promise<number> {
  return ((await Deno.stat(path)).mode ?? 0) & 0o777;
}

Deno.test("the env file reads back as it was written, and only its owner can read it", async () => {
  await withFolder(async (folder) => {
    equal(await readEnvironment(folder), null);
    await writeEnvironment(folder, environment);
    await writeEnvironment(folder, environment);
    deepEqual(await readEnvironment(folder), environment);
    equal(await modeOf(environmentPath(folder)), 0o600);
    await Deno.writeTextFile(environmentPath(folder), "API_URL=http://127.0.0.1:1\n");
    equal(await readEnvironment(folder), null);
  });
});

Deno.test("keys are made once and kept, differ between stacks, and only their owner can read them", async () => {
  await withFolder(async (folder) => {
    const made = await ensureSecrets(folder, "");
    deepEqual(await ensureSecrets(folder, ""), made);
    equal(await modeOf(join(folder, "secrets.json")), 0o600);
    match(made.publishableKey, /^sb_publishable_/);
    match(made.secretKey, /^sb_secret_/);
    equal(createKeyring(made.keyEncryptionKeys).activeId, "local");
    await withFolder(async (other) => notDeepEqual(await ensureSecrets(other, ""), made));

    for (const damage of ["{", '{"jwtSecret": 1}']) {
      await Deno.writeTextFile(join(folder, "secrets.json"), damage);
      await rejects(ensureSecrets(folder, "Start afresh."), /is damaged\. Start afresh\./);
    }
  });
});

Deno.test("one stack at a time uses a folder", async () => {
  await withFolder(async (folder) => {
    const lock = await lockStack(folder);
    equal(Number(await Deno.readTextFile(join(folder, "pid"))), Deno.pid);
    equal(await lockStack(folder), null);
    await lock?.release();
    const next = await lockStack(folder);
    ok(next !== null);
    await next.release();
    await rejects(Deno.stat(join(folder, "pid")), Deno.errors.NotFound);
  });
});

Deno.test("a reset removes the stack's files and nothing else", async () => {
  await withFolder(async (folder) => {
    await ensureSecrets(folder, "");
    await Deno.mkdir(join(folder, "postgres"));
    await Deno.writeTextFile(join(folder, "mine.txt"), "keep");
    deepEqual(await resetStack(folder, "here"), ["keys", "database"]);
    deepEqual((await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name), ["mine.txt"]);
    await Deno.remove(join(folder, "mine.txt"));
    deepEqual(await resetStack(folder, "here"), []);
    await rejects(Deno.stat(folder), Deno.errors.NotFound);
    deepEqual(await resetStack(folder, "here"), []);
  });
});

Deno.test("a reset refuses while a stack is running", async () => {
  await withFolder(async (folder) => {
    const lock = await lockStack(folder);
    await ensureSecrets(folder, "");
    await rejects(resetStack(folder, "here"), {
      name: "CommandError",
      message: new RegExp(
        `^Cannot reset "here": a stack is running there \\(process ${Deno.pid}\\)`,
      ),
    });
    ok(await Deno.stat(join(folder, "secrets.json")));
    await lock?.release();
  });
});
