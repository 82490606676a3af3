import { equal } from "node:assert/strict";
import { createSecretKeys } from "../../../functions/_shared/auth/secret_key.ts";
import { createKeyring } from "../../../functions/_shared/crypto/envelope.ts";
import { handleKeys, type KeysDeps } from "../../../functions/keys/handler.ts";
import { keyringVariable } from "../support/keyring.ts";

/** Secret keys of a project, by name: each is `sb_secret_` and its name. */
const names = ["default", "rotation", "cron", "Default", "rotation2", "keys"];
const secretKeys = createSecretKeys(new Map(names.map((name) => [name, `sb_secret_${name}`])));

const unused = () => Promise.reject(new Error("a rotation has no use for it"));

/** Dependencies of a keys function whose database has nothing to rotate. */
const deps: KeysDeps = {
  authenticate: unused,
  secretKeys,
  database: {
    rules: unused,
    rulesForReplacing: unused,
    report: unused,
    create: unused,
    replace: unused,
    change: unused,
    remove: unused,
    open: unused,
    columns: () => Promise.resolve([]),
    count: () => Promise.resolve([]),
    list: unused,
    swap: unused,
  },
  keyring: createKeyring(keyringVariable("one")),
  fetch: unused,
  log: () => {},
  now: Date.now,
};

async function rotate(name: string): Promise<Response> {
  const request = new Request("http://127.0.0.1/keys/rotate", {
    method: "POST",
    headers: { "content-type": "application/json", apikey: `sb_secret_${name}` },
    body: "{}",
  });
  return await handleKeys(request, deps);
}

for (const name of names) {
  const may = name === "default" || name === "rotation";
  Deno.test(`the secret key "${name}" may ${may ? "" : "not "}rotate`, async () => {
    const response = await rotate(name);
    const body = await response.json();
    equal(response.status, may ? 200 : 403, JSON.stringify(body));
    equal(body.error?.code, may ? undefined : "secret_key_not_allowed");
  });
}
