import { deepEqual, equal, ok } from "node:assert/strict";
import { dataApi } from "../../functions/_shared/database/client.ts";
import { createSqlCaller } from "../../functions/_shared/database/sql_caller.ts";
import type { Keyring } from "../../functions/_shared/crypto/envelope.ts";
import { keysDatabase } from "../../functions/keys/db.ts";
import { handleKeys } from "../../functions/keys/handler.ts";
import { rotationDatabase } from "../../functions/keys/rotation_db.ts";
import { keyringOf, randomKey } from "../functions/support/oauth_fixture.ts";
import { newKey, startKeyVendor } from "./support/key_vendor.ts";
import { openDatabase, type Person, signUp, stack } from "./support/stack.ts";

const call = createSqlCaller(
  dataApi({ supabaseUrl: stack.API_URL, secretKey: stack.SECRET_KEY }, fetch),
);

/** The function keys with a separate keyring, for a person who may also rotate. */
function keysOf(person: Person, keyring: Keyring) {
  return async (method: string, path: string, body: object = {}) => {
    const url = `http://127.0.0.1${path}`;
    const request = new Request(url, { method, body: JSON.stringify(body) });
    const response = await handleKeys(request, {
      log: () => {},
      now: Date.now,
      authenticate: () => Promise.resolve({ userId: person.id, claims: {} }),
      secretKeys: { nameOf: () => Promise.resolve("default"), demand: () => Promise.resolve() },
      database: { ...keysDatabase(call), ...rotationDatabase(call) },
      keyring,
      fetch,
    });
    return { status: response.status, body: await response.json() };
  };
}

Deno.test("a key that was stored again while its encryption key was missing rotates like any other", async () => {
  await using database = openDatabase();
  await using vendor = await startKeyVendor(database.sql);
  const ann = await signUp("ann");
  // Two lost keys, and then a third one, so that concurrent re-encryption of rows is covered too.
  const [a, b, c] = [{ again_a: randomKey() }, { again_b: randomKey() }, { again_c: randomKey() }];
  const key = newKey();
  const ids: string[] = [];
  for (const ring of [a, b, c]) {
    const keys = keysOf(ann, keyringOf(ring));
    const [last] = ids.slice(-1);
    if (last) {
      const lost = await keys("POST", `/keys/${last}/decrypt`);
      deepEqual([lost.status, lost.body.error.code], [500, "undecryptable"]);
    }
    const stored = await keys("POST", "/keys", { vendor_id: vendor.id, key });
    equal(stored.status, 201, JSON.stringify(stored.body));
    ids.push(stored.body.id);
  }

  const everything = keysOf(ann, keyringOf({ ...c, ...a, ...b }));
  const rotated = await everything("POST", "/keys/rotate", { batch: 1000 });
  equal(rotated.status, 200, JSON.stringify(rotated.body));
  const locked = rotated.body.remaining.map(({ key_id }: { key_id: string }) => key_id);
  ok(!locked.includes("again_a") && !locked.includes("again_b"), "the old keys lock nothing");

  const alone = keysOf(ann, keyringOf(c));
  for (const id of ids) {
    deepEqual(await alone("POST", `/keys/${id}/decrypt`), { status: 200, body: { id, key } });
  }
  // The lost key is listed until the last of its rows is gone.
  for (const id of ids) {
    const again = await alone("POST", "/keys", { vendor_id: vendor.id, key });
    deepEqual([again.status, again.body.error.code], [409, "key_exists"]);
    await database.sql`delete from public.user_api_keys where id = ${id}`;
  }
  equal((await alone("POST", "/keys", { vendor_id: vendor.id, key })).status, 201);
});
