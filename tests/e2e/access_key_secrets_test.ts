import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "node:path";
import type postgres from "postgres";
import { createAccessKeySecret } from "../../functions/_shared/auth/access_key.ts";
import { askAccessKeys, makeKey, rotateKey } from "./support/access_keys.ts";
import { openGateway } from "./support/fault_gateway.ts";
import { logEverything } from "./support/log_everything.ts";
import { startVendor } from "./support/vendor.ts";
import { completion } from "../functions/support/upstream_server.ts";
import { eventually, openDatabase, signUp, stack } from "./support/stack.ts";

const folder = Deno.env.get("STACK_DIR");
const MODEL = "gemini-1.5-flash";
const HELLO = { model: MODEL, messages: [{ role: "user", content: "Hello." }] };

Deno.test("the secret of an access key is stored and logged nowhere, whatever is done with the key", async () => {
  await using _logging = await logEverything(folder);
  const ann = await signUp("ann");
  const made = await makeKey(ann, { budget: { limit_usd: 1, period: "month" } });
  const { secret: second } = await rotateKey(ann, made.id, { grace_seconds: 3600 });
  const scoped = await makeKey(ann, { scopes: ["embeddings"] });
  const poor = await makeKey(ann, { budget: { limit_usd: "0.0000001", period: "day" } });
  const slow = await makeKey(ann, { requests_per_minute: 1 });
  const expired = await makeKey(ann);
  await ann.supabase.from("access_keys").update({ expires_at: new Date(0).toISOString() })
    .eq("id", expired.id);
  const revoked = await makeKey(ann);
  await ann.supabase.rpc("revoke_access_key", { access_key_id: revoked.id });
  const { secret: unknown } = await createAccessKeySecret();
  const secrets = [made, scoped, poor, slow, expired, revoked].map(({ secret }) => secret);
  secrets.push(second, unknown, unknown + "BB", unknown.slice(0, -1) + "_");

  // Every function, with every key: what works and what fails, in the stack and in this process,
  // whose log can be read; with a Data API that is there and one that is not.
  const said: string[] = [];
  const gateways = [openGateway(), openGateway({ dataApi: "http://127.0.0.1:1" })];
  await using vendor = await startVendor(() => completion("hi"));
  const answered = { ...HELLO, model: vendor.model };
  for (const secret of secrets) {
    const authorization = `Bearer ${secret}`;
    const headers = { authorization, "content-type": "application/json" };
    const note = async (asked: Promise<Response>) => {
      const response = await asked;
      said.push(JSON.stringify([...response.headers]), await response.text());
    };
    const post = (path: string, body: object) =>
      note(
        fetch(stack.FUNCTIONS_URL + path, { method: "POST", headers, body: JSON.stringify(body) }),
      );
    await post("/chat/completions", HELLO);
    await post("/chat/completions", answered);
    await post("/chat/completions", { ...HELLO, stream: true });
    await post("/chat/completions", { ...HELLO, model: "nothing" });
    await post("/chat/completions", { ...HELLO, messages: 1 });
    await post("/embeddings", { model: MODEL, input: "hello" });
    await note(fetch(`${stack.FUNCTIONS_URL}/models`, { headers }));
    await note(askAccessKeys(secret, "", { name: "x" }));
    await note(fetch(`${stack.API_URL}/rest/v1/access_keys`, {
      headers: { ...headers, apikey: stack.PUBLISHABLE_KEY },
    }));
    for (const gateway of gateways) said.push((await gateway.chat(secret, answered)).text);
  }
  for (const gateway of gateways) {
    await gateway.idle();
    said.push(JSON.stringify(gateway.lines));
  }
  ok(said.some((text) => /"turn_state\\*":\\*"succeeded/.test(text)), "some of it worked");

  const forms = secrets.flatMap(formsOf);
  deepEqual(found(forms, new TextEncoder().encode(said.join("\n"))), [], "answers and log lines");

  // Statements with their parameters, write-ahead log, data files. The hash is the proof that the
  // search would find what exists.
  ok(folder, "STACK_DIR names the folder of the stack");
  const hash = await hashOf(made.secret);
  await eventually(
    () => foundInFiles([hash]),
    (files) => files.some((file) => /pg_wal/.test(file)),
  );
  const logs = await foundInFiles([hash]);
  ok(logs.some((file) => /postgres-\w+\.log$/.test(file)), `statements are logged: ${logs.join()}`);
  deepEqual(await foundInFiles(forms), [], "files of the stack");

  // Last, for these are statements themselves.
  await using database = openDatabase();
  deepEqual(await foundInTables(database.sql, forms), [], "rows of all tables");
  deepEqual(await foundInRedis(forms), [], "values and keys in Redis");
  equal(forms.length, secrets.length * 6);
});

/** The secret without its ends, which are shown, in the encodings in which it could be written. */
function formsOf(secret: string): string[] {
  const middle = secret.slice(8, -4);
  const bytes = new TextEncoder().encode(middle);
  // At each offset within the base64 groups, without the characters that depend on its neighbours.
  const base64 = [0, 1, 2].map((offset) => {
    const padded = new Uint8Array(offset + bytes.length);
    padded.set(bytes, offset);
    return padded.toBase64().replace(/=+$/, "").slice(offset === 0 ? 0 : offset + 1, -2);
  });
  const raw = secret.slice(4);
  return [middle, bytes.toHex(), ...base64, hexOf(raw)];
}

/** The random bytes themselves in hexadecimal, where the secret is one. */
function hexOf(raw: string): string {
  const whole = raw.slice(0, raw.length - raw.length % 4);
  return Uint8Array.fromBase64(whole, { alphabet: "base64url" }).toHex();
}

async function hashOf(secret: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(secret));
  return new Uint8Array(digest).toHex();
}

/** The forms that occur in some bytes. */
function found(forms: readonly string[], bytes: Uint8Array): string[] {
  const text = new TextDecoder("latin1").decode(bytes);
  return forms.filter((form) => text.includes(form));
}

/** Tables with a row in which one of the forms occurs. */
async function foundInTables(sql: postgres.Sql, forms: readonly string[]): Promise<string[]> {
  const tables = await sql<{ name: string }[]>`
    select format('%I.%I', schemaname, tablename) as name from pg_tables
    where schemaname not in ('pg_catalog', 'information_schema')
      and has_table_privilege(format('%I.%I', schemaname, tablename), 'select')`;
  ok(tables.some(({ name }) => name === "private.access_key_secrets"));
  const hits: string[] = [];
  for (const { name } of tables) {
    const [row] = await sql`
      select count(*)::int as rows from ${sql.unsafe(name)} t
      where exists (select from unnest(${forms}::text[]) form where strpos(t::text, form) > 0)`;
    if (row?.rows > 0) hits.push(name);
  }
  return hits;
}

/** Keys of Redis in whose name or value one of the forms occurs; none where there is no Redis. */
async function foundInRedis(forms: readonly string[]): Promise<string[]> {
  const url = Deno.env.get("UPSTASH_REDIS_REST_URL");
  if (!url) return [];
  const run = async (...command: string[]) => {
    const response = await fetch(url, {
      method: "POST",
      headers: { authorization: `Bearer ${Deno.env.get("UPSTASH_REDIS_REST_TOKEN")}` },
      body: JSON.stringify(command),
    });
    const { result } = await response.json();
    return result;
  };
  const keys: string[] = await run("KEYS", "*");
  ok(keys.length > 0, "Redis was used");
  const hits: string[] = [];
  for (const key of keys) {
    const text = key + JSON.stringify(await run("GET", key));
    if (forms.some((form) => text.includes(form))) hits.push(key);
  }
  return hits;
}

/** Files below the stack's folder in which one of the forms occurs. */
async function foundInFiles(forms: readonly string[], path = folder!): Promise<string[]> {
  const hits: string[] = [];
  for await (const entry of Deno.readDir(path)) {
    const file = join(path, entry.name);
    if (entry.isDirectory) hits.push(...await foundInFiles(forms, file));
    if (!entry.isFile) continue;
    // Files come and go while they are read.
    const bytes = await Deno.readFile(file).catch(() => new Uint8Array());
    if (found(forms, bytes).length > 0) hits.push(file);
  }
  return hits;
}
