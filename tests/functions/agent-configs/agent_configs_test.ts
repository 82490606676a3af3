import { deepEqual, doesNotMatch, equal, match } from "node:assert/strict";
import { ApiError } from "../../../functions/_shared/core/errors.ts";
import { createLog } from "../../../functions/_shared/core/log.ts";
import type { SealedConfig } from "../../../functions/agent-configs/db.ts";
import { handleAgentConfigs } from "../../../functions/agent-configs/handler.ts";
import { testKeyring, USER_ID } from "../support/oauth_fixture.ts";

const AGENT = "20000000-0000-4000-8000-000000000001";
const CONFIG = { agent_id: AGENT, config_key: "webhook", config_value: { secret: "mark hush" } };

function start() {
  const stored: SealedConfig[] = [];
  const lines: string[] = [];
  const keyring = testKeyring();
  const shown = ({ ciphertext: _, ...config }: SealedConfig) => ({
    ...config,
    config_type: config.config_type ?? "general",
    description: config.description ?? null,
  });
  const ask = (method: string, path: string, body?: unknown) =>
    handleAgentConfigs(
      new Request(`http://127.0.0.1${path}`, {
        method,
        headers: { authorization: "Bearer x" },
        ...body === undefined ? {} : { body: JSON.stringify(body) },
      }),
      {
        log: createLog((line) => lines.push(line)),
        now: Date.now,
        keyring,
        authenticate: () => Promise.resolve({ userId: USER_ID, claims: {} }),
        database: {
          storeConfig: (_userId, config) => {
            if (config.agent_id !== AGENT) throw new ApiError("agent_not_found", "No.");
            stored.push(config);
            return Promise.resolve(shown(config));
          },
          listConfigs: () => Promise.resolve(stored.map(shown)),
          deleteConfig: (_userId, id) => Promise.resolve(stored.some((one) => one.id === id)),
        },
      },
    );
  return { ask, stored, lines, keyring };
}

Deno.test("a value is encrypted for its row, its owner and its key", async () => {
  const { ask, stored, lines, keyring } = start();
  const response = await ask("POST", "/agent-configs", CONFIG);
  equal(response.status, 201);
  const body = await response.json();
  const [{ id, ciphertext }] = stored as [SealedConfig];
  deepEqual([body.id, body.config_key], [id, "webhook"]);
  doesNotMatch(JSON.stringify(body) + lines.join() + JSON.stringify(stored), /hush/);

  const place = { table: "ai_agent_configs", row: id, owner: USER_ID, scope: "webhook" };
  deepEqual(JSON.parse(await keyring.decrypt(ciphertext, place)), CONFIG.config_value);
});

Deno.test("values are listed by name and deleted by id", async () => {
  const { ask, stored } = start();
  await (await ask("POST", "/agent-configs", CONFIG)).body?.cancel();
  const { data } = await (await ask("GET", `/agent-configs/${AGENT}`)).json();
  deepEqual(data.map(({ config_key }: { config_key: string }) => config_key), ["webhook"]);
  doesNotMatch(JSON.stringify(data), /v1:|hush/);
  equal((await ask("DELETE", `/agent-configs/${stored[0]!.id}`)).status, 200);
  for (
    const [id, code] of [
      [crypto.randomUUID(), "agent_config_not_found"],
      ["x", "agent_config_not_found"],
      ["%00", "unknown_path"],
    ]
  ) {
    const response = await ask("DELETE", `/agent-configs/${id}`);
    deepEqual([response.status, (await response.json()).error.code], [404, code]);
  }
  equal((await ask("GET", "/agent-configs/x")).status, 404);
});

for (
  const [what, change, param] of [
    ["no agent", { agent_id: undefined }, "agent_id"],
    ["an agent that is no id", { agent_id: "x" }, "agent_id"],
    ["an empty key", { config_key: "" }, "config_key"],
    ["a key of 256 characters", { config_key: "k".repeat(256) }, "config_key"],
    ["no value", { config_value: undefined }, "config_value"],
    ["a field that there is not", { is_encrypted: false }, "is_encrypted"],
  ] as const
) {
  Deno.test(`${what} is refused, and nothing is stored`, async () => {
    const { ask, stored } = start();
    const response = await ask("POST", "/agent-configs", { ...CONFIG, ...change });
    equal(response.status, 400);
    const { error } = await response.json();
    equal(error.param, param);
    match(error.message, /^Cannot use/);
    doesNotMatch(JSON.stringify(error), /hush/);
    equal(stored.length, 0);
  });
}

Deno.test("a value of 64 KiB is too large", async () => {
  const { ask, stored } = start();
  const body = { ...CONFIG, config_value: "v".repeat(64 * 1024) };
  equal((await ask("POST", "/agent-configs", body)).status, 413);
  equal(stored.length, 0);
});
