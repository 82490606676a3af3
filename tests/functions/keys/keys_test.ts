import { deepEqual, doesNotMatch, equal, rejects, throws } from "node:assert/strict";
import { assertKeyFormat } from "../../../functions/keys/key_format.ts";
import { rotate } from "../../../functions/keys/rotate.ts";
import type {
  EncryptedValue,
  RotationDatabase,
  Swap,
} from "../../../functions/keys/rotation_db.ts";
import type { KeyRules } from "../../../functions/keys/schema.ts";
import { tryKey } from "../../../functions/keys/try_key.ts";
import { type Binding, createKeyring } from "../../../functions/_shared/crypto/envelope.ts";
import { fingerprintLabel } from "../../../functions/_shared/crypto/stored_key.ts";
import { keyringVariable, withActive } from "../support/keyring.ts";
import { startUpstream } from "../support/upstream_server.ts";

const rules: KeyRules = {
  vendor_id: "acme",
  name: "Acme",
  key_pattern: "^sk-(?!or-)[A-Za-z0-9]{20,}$",
  base_url: "http://127.0.0.1:1/v1",
  probe_path: "/models",
  auth_header: "x-api-key",
  auth_scheme: null,
};
const KEY = "sk-" + "a1".repeat(15);

Deno.test("a key must have its vendor's form", () => {
  assertKeyFormat(KEY, rules);
});

Deno.test("a vendor without a known form accepts any value that a header can hold", () => {
  const anything = { ...rules, key_pattern: null };
  assertKeyFormat("!#$%&'*+-.^_`|~:/?@[]", anything);
  assertKeyFormat("a".repeat(4096), anything);
  for (const key of ["a".repeat(4097), "a b c d e f", "ééééééééé", "1234567", "12345678\t"]) {
    throws(() => assertKeyFormat(key, anything), { status: 400, code: "invalid_key_format" });
  }
});

for (const key of [`sk-or-${"a".repeat(20)}`, "sk-short1", `x${KEY}`, `${KEY}-`, `${KEY}\n`]) {
  Deno.test(`${JSON.stringify(key)} is refused, and not repeated`, () => {
    throws(() => assertKeyFormat(key, rules), (error: unknown) => {
      const { message, code } = error as { message: string; code: string };
      equal(code, "invalid_key_format");
      equal(message.includes(key.trim()), false);
      return true;
    });
  });
}

Deno.test("an invalid pattern is reported as a fault of the deployment", () => {
  throws(() => assertKeyFormat(KEY, { ...rules, key_pattern: "^(sk$" }), {
    status: 500,
    code: "vendor_misconfigured",
  });
});

/** A vendor with the same answer to every request. */
function vendor(answer: () => Response) {
  const upstream = startUpstream(answer);
  return {
    rules: { ...rules, base_url: upstream.baseUrl },
    asked: upstream.received,
    [Symbol.asyncDispose]: () => upstream[Symbol.asyncDispose](),
  };
}

for (
  const [status, body, works] of [
    [200, '{"data": []}', true],
    [204, null, true],
    [200, "<html>Sign in", null],
    [401, "", false],
    [403, '{"error": {"code": "invalid_api_key", "message": "No."}}', false],
    [400, '{"error": {"message": "API key not valid. Please pass a valid API key."}}', false],
    [403, '{"error": {"message": "Missing scopes: api.model.read"}}', null],
    [403, "<html>Not in your country", null],
    [400, "", null],
    [302, `about ${KEY}`, null],
    [404, `about ${KEY}`, null],
    [429, `about ${KEY}`, null],
    [500, `about ${KEY}`, null],
  ] as const
) {
  const says = works === null ? "says nothing about" : works ? "accepts" : "rejects";
  Deno.test(`a vendor that answers ${status} ${body} ${says} the key`, async () => {
    const headers = { location: "/v1/elsewhere" };
    await using server = vendor(() => new Response(body, { status, headers }));
    const trial = await tryKey(KEY, {}, server.rules, fetch);
    equal(trial.works, works);
    equal(trial.problem === null, works !== null);
    doesNotMatch(JSON.stringify(trial), new RegExp(KEY));
    const [request] = server.asked;
    deepEqual([request?.path, request?.headers.get("x-api-key")], ["/v1/models", KEY]);
    equal(server.asked.length, 1);
  });
}

Deno.test("a key is tested at its own resource", async () => {
  await using server = vendor(() => Response.json({}));
  const base_url = server.rules.base_url.replace("/v1", "/{resource}");
  const trial = await tryKey(KEY, { resource: "mine" }, { ...server.rules, base_url }, fetch);
  equal(trial.works, true);
  equal(server.asked[0]?.path, "/mine/models");
});

for (
  const mistake of [
    "OPENAI_API_KEY=sk-0123456789",
    '"sk-0123456789"',
    "Bearersk-0123456789",
    "sk-****************",
    "sk-...abcdefgh",
    "https://vendor.test/key",
    '{"key":"0123456789"}',
    "<your-key-goes-here>",
    "your-api-key-here",
  ]
) {
  Deno.test(`${mistake} is refused as a key of any vendor`, () => {
    throws(() => assertKeyFormat(mistake, { ...rules, key_pattern: null }), {
      code: "invalid_key_format",
    });
  });
}

Deno.test("the error for a vendor that cannot be reached does not quote the key", async () => {
  const broken = () => Promise.reject(new Error(`Cannot send x-api-key: ${KEY}`));
  await rejects(tryKey(KEY, {}, rules, broken), (error: unknown) => {
    doesNotMatch(JSON.stringify(error) + Deno.inspect(error), new RegExp(KEY));
    return true;
  });
});

for (
  const change of [{ base_url: null }, { probe_path: null }, { base_url: "https://{a}.example" }]
) {
  Deno.test(`a key is not tested with ${JSON.stringify(change)}`, async () => {
    const never = () => Promise.reject(new Error("it was asked"));
    await rejects(tryKey(KEY, {}, { ...rules, ...change }, never), { code: "key_cannot_be_tried" });
  });
}

/** Encrypted columns in memory that behave like those of the database. */
function memory(columns: Record<string, EncryptedValue[]>) {
  const calls: string[] = [];
  const keyId = (blob: string) => blob.split(":")[1]!;
  const database: RotationDatabase = {
    columns: () =>
      Promise.resolve(Object.keys(columns).map((table) => ({ table, column: "secret" }))),
    count() {
      const counts = Object.entries(columns).flatMap(([table, values]) => {
        const ids = [...new Set(values.map(({ blob }) => keyId(blob)))];
        return ids.map((key_id) => ({
          table,
          column: "secret",
          key_id,
          amount: values.filter(({ blob }) => keyId(blob) === key_id).length,
        }));
      });
      return Promise.resolve(counts);
    },
    list(activeId, { table }, after, batch) {
      calls.push(`list ${table} after ${after}`);
      const old = columns[table]!.filter(({ row_id, blob }) =>
        keyId(blob) !== activeId && (after === null || row_id > after)
      );
      return Promise.resolve(old.slice(0, batch).map((value) => ({ ...value })));
    },
    swap({ table }, swaps: Swap[]) {
      let swapped = 0;
      for (const { row_id, old, blob } of swaps) {
        const value = columns[table]!.find((one) => one.row_id === row_id && one.blob === old);
        if (value) [value.blob, swapped] = [blob, swapped + 1];
      }
      return Promise.resolve(swapped);
    },
  };
  return { database, calls };
}

const ring = keyringVariable("old", "new");
const [before, after] = [createKeyring(ring), createKeyring(withActive(ring, "new"))];
const placeOf = (
  table: string,
  { row_id, owner, scope }: Omit<EncryptedValue, "blob">,
): Binding => ({
  table,
  row: row_id,
  owner,
  scope,
});
async function valuesOf(table: string, ...rows: string[]): Promise<EncryptedValue[]> {
  return await Promise.all(rows.map(async (row_id) => {
    const value = { row_id, owner: "ann", scope: "acme" };
    return { ...value, blob: await before.encrypt(`secret of ${row_id}`, placeOf(table, value)) };
  }));
}

Deno.test("a rotation processes every column in batches until nothing is left", async () => {
  const columns = {
    keys: await valuesOf("keys", "a", "b", "c"),
    tokens: await valuesOf("tokens", "x", "y"),
  };
  const { database, calls } = memory(columns);
  const first = await rotate({ batch: 2 }, after, database);
  deepEqual([first.rotated, first.next], [2, { table: "keys", column: "secret", row: "b" }]);
  const second = await rotate({ batch: 2, after: first.next }, after, database);
  deepEqual([second.rotated, second.next], [2, { table: "tokens", column: "secret", row: "x" }]);
  const third = await rotate({ batch: 2, after: second.next }, after, database);
  deepEqual([third.rotated, third.next, third.remaining], [1, null, []]);
  deepEqual(calls, [
    "list keys after null",
    "list keys after b",
    "list tokens after null",
    "list tokens after x",
  ]);
  const only = createKeyring(withActive(ring, "new", "old"));
  for (const [table, values] of Object.entries(columns)) {
    for (const value of values) {
      equal(await only.decrypt(value.blob, placeOf(table, value)), `secret of ${value.row_id}`);
    }
  }
});

Deno.test("a value that cannot be decrypted stays as it is, and is reported", async () => {
  const keys = await valuesOf("keys", "a", "b", "c");
  keys[1]!.blob = keys[0]!.blob;
  const { database } = memory({ keys });
  const report = await rotate({ batch: 10 }, after, database);
  deepEqual([report.rotated, report.undecryptable], [2, [{
    table: "keys",
    column: "secret",
    row: "b",
  }]]);
  deepEqual(report.remaining, [{ table: "keys", column: "secret", key_id: "old", amount: 1 }]);
});

Deno.test("a concurrent change of a value wins", async () => {
  const keys = await valuesOf("keys", "a", "b");
  const { database } = memory({ keys });
  const { list } = database;
  database.list = async (...args) => {
    const values = await list(...args);
    keys[0]!.blob = await after.encrypt("newer", placeOf("keys", keys[0]!));
    return values;
  };
  const report = await rotate({ batch: 10 }, after, database);
  deepEqual([report.rotated, report.passed_over, report.remaining], [1, 1, []]);
  equal(await after.decrypt(keys[0]!.blob, placeOf("keys", keys[0]!)), "newer");
});

Deno.test("a value that does not decrypt after encryption is not replaced, and ends the rotation", async () => {
  const keys = await valuesOf("keys", "a");
  const blob = keys[0]!.blob;
  const { database } = memory({ keys });
  const broken = { ...after, encrypt: () => before.encrypt("another", placeOf("keys", keys[0]!)) };
  await rejects(rotate({ batch: 10 }, broken, database), /does not open to what it was/);
  equal(keys[0]!.blob, blob);
});

Deno.test("a rotation whose database fails in the middle continues with the rest", async () => {
  const keys = await valuesOf("keys", ...Array.from({ length: 600 }, (_, at) => `row ${at}`));
  const { database } = memory({ keys });
  const { swap } = database;
  let calls = 0;
  database.swap = (...args) =>
    ++calls === 2 ? Promise.reject(new Error("connection lost")) : swap(...args);
  await rejects(rotate({ batch: 1000 }, after, database), /connection lost/);
  equal(calls, 2);
  const { rotated, passed_over, remaining } = await rotate({ batch: 1000 }, after, database);
  deepEqual([rotated, passed_over, remaining], [350, 0, []]);
});

Deno.test("the fingerprint is recomputed with the same label", async () => {
  const keys = await valuesOf("keys", "a");
  const { database } = memory({ keys });
  const swaps: Swap[] = [];
  database.swap = (_column, some) => Promise.resolve(swaps.push(...some));
  await rotate({ batch: 10 }, after, database);
  const label = fingerprintLabel(placeOf("keys", keys[0]!));
  equal(swaps[0]?.fingerprint, await after.fingerprint("secret of a", label));
});
