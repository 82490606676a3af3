import { createClient } from "@supabase/supabase-js";
import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "node:path";
import postgres from "postgres";
import type { StackEnvironment } from "../../scripts/stack/folder/environment-file.ts";
import { startStackProcess } from "../../scripts/test/support/stack-process.ts";
import { completion, startUpstream } from "../functions/support/upstream_server.ts";
import { keyOf } from "./support/key_vendor.ts";
import { type KeysApi, keysApi } from "./support/keys_api.ts";
import { findInFiles, findInRedis, findInTables, formsOf } from "./support/marks.ts";

/** A key's middle, which is found in whatever form it is written, and its beginning and end as well. */
const newMark = () => crypto.getRandomValues(new Uint8Array(18)).toHex();
const endsOf = (mark: string) => [mark.slice(0, 11), mark.slice(-11)];

/** How a vendor may quote what it refuses. */
const quotes: ((key: string) => string)[] = [
  (key) => key,
  (key) => key.slice(0, 20),
  (key) => key.slice(-12),
  (key) => btoa(key),
  (key) => btoa(`Bearer ${key}`).slice(0, 36),
  (key) => new TextEncoder().encode(key).toHex(),
  encodeURIComponent,
];

Deno.test("a vendor key is seen by its vendor and its owner only", async () => {
  const parent = await Deno.makeTempDir({ prefix: "agentbase-" });
  await Deno.chmod(parent, 0o755);
  const folder = join(parent, "stack");
  const stack = await startStackProcess({ folder });
  let output = "";
  try {
    const { environment } = stack;
    const admin = await openAsAdmin(folder, environment);
    await using _closing = { [Symbol.asyncDispose]: () => admin.end() };
    const slot = await recordEverything(admin);

    const { marks, control, said } = await liveThrough(environment, admin);
    const forms = marks.flatMap(formsOf);
    const has = (text: string) => forms.some((form) => text.includes(form));
    deepEqual(said.filter(has), [], "an answer repeats a key");

    const changes = await admin<{ data: string }[]>`
      select data from pg_logical_slot_get_changes(${slot}, null, null)`;
    const decoded = changes.map(({ data }) => data).join("\n");
    ok(decoded.includes(control), "the decoded write-ahead log tells what was written");
    ok(decoded.includes("api_key_rejected"), "keys were refused on the way");
    equal(has(decoded), false, "the write-ahead log holds a key");

    const files = await findInFiles(folder, [control]);
    ok(files.some((path) => path.includes("/log/")), "statements are logged");
    deepEqual(await findInFiles(folder, marks), []);
    // Last, for these are statements themselves.
    ok((await findInTables(admin, [control])).includes("public.api_key_events"));
    deepEqual(await findInTables(admin, marks), []);
    const { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token } = environment;
    if (url && token) {
      const { searched, found } = await findInRedis({ url, token }, marks);
      ok(searched > 0);
      deepEqual(found, []);
    }

    const end = await stack.stop();
    output = end.stdout + end.stderr;
    ok(/"function":"keys".*"status":201/.test(output), "the functions' log was read");
    equal(has(output), false, "a log line holds a key");
  } finally {
    if (output === "") await stack.stop();
    await Deno.remove(parent, { recursive: true });
  }
});

async function openAsAdmin(
  folder: string,
  { DB_URL }: StackEnvironment,
): Promise<postgres.Sql> {
  const { databasePassword } = JSON.parse(await Deno.readTextFile(join(folder, "secrets.json")));
  const url = new URL(DB_URL);
  [url.username, url.password] = ["supabase_admin", databasePassword];
  return postgres(url.href, { max: 1, onnotice: () => {} });
}

/** Lets Postgres log every statement with its parameters, and keep every change to be decoded. */
async function recordEverything(admin: postgres.Sql): Promise<string> {
  await admin.unsafe("alter system set log_statement = 'all'");
  await admin.unsafe("alter system set log_parameter_max_length_on_error = -1");
  await admin`select pg_reload_conf()`;
  await admin`select pg_create_logical_replication_slot('keys', 'test_decoding')`;
  return "keys";
}

async function signUp(environment: StackEnvironment): Promise<{ id: string; keys: KeysApi }> {
  const client = createClient(environment.API_URL, environment.PUBLISHABLE_KEY, {
    auth: { persistSession: false, autoRefreshToken: false },
  });
  const email = `${crypto.randomUUID()}@example.com`;
  const { data, error } = await client.auth.signUp({ email, password: "a good password" });
  if (!data.session) throw new Error(`Cannot sign "${email}" up: ${error?.message}`);
  const { access_token, user: { id } } = data.session;
  return { id, keys: keysApi(environment.FUNCTIONS_URL, access_token) };
}

/** Takes keys through every operation; returns the answers. */
async function liveThrough(environment: StackEnvironment, sql: postgres.Sql) {
  const marks: string[] = [];
  const said: string[] = [];
  const newKey = () => {
    const mark = newMark();
    marks.push(...endsOf(mark));
    return `sk-mark/+${mark}=`;
  };
  const control = `control ${crypto.randomUUID()}`;
  const [ann, ben] = [await signUp(environment), await signUp(environment)];
  const as = (api: KeysApi): KeysApi => async (method, path, body) => {
    const answer = await api(method, path, body);
    // The one answer that is to hold the key.
    if (!path.endsWith("/decrypt") || answer.status !== 200) said.push(JSON.stringify(answer));
    return answer;
  };
  const [keys, his] = [as(ann.keys), as(ben.keys)];

  // It quotes whatever it refuses, each time in another way, and can be told what to answer.
  const good = new Set<string>();
  let trouble: number | null = null;
  let refused = 0;
  await using upstream = startUpstream((received) => {
    const key = keyOf(received) ?? "";
    const status = trouble ?? (good.has(key) ? 200 : 401);
    if (status === 200 && received.path.endsWith("/embeddings")) {
      return Response.json({ data: [{ index: 0, embedding: [1] }], usage: { prompt_tokens: 1 } });
    }
    if (status === 200) return completion("hi");
    const quote = quotes[refused++ % quotes.length]!(key);
    const error = { message: `The key ${quote} is no good.`, code: quote };
    return Response.json({ error }, { status, headers: { "x-key": quote } });
  });
  const vendor = "marked";
  await sql`insert into public.vendors (id, name, base_url) values (${vendor}, 'Marked', ${upstream.baseUrl})`;
  await sql`
    insert into public.vendor_services (id, vendor_id, service_name, display_name, service_kind)
    values ('marked_one', ${vendor}, 'one', 'One', 'chat'), ('marked_two', ${vendor}, 'two', 'Two', 'embedding')`;
  const ask = (more: object = {}) =>
    keys("POST", "/chat/completions", {
      model: "marked/one",
      messages: [{ role: "user", content: "Hello." }],
      ...more,
    }).catch(() => null);

  const key = newKey();
  good.add(key);
  const body = { vendor_id: vendor, key };
  equal((await keys("POST", "/keys", { ...body, try: true, display_name: control })).status, 201);
  equal((await keys("POST", "/keys", body)).status, 409);
  equal((await keys("POST", "/keys", { ...body, key: newKey(), try: true })).status, 400);
  equal((await keys("POST", "/keys", { ...body, key: `${newKey()} ` })).status, 400);
  equal((await keys("POST", "/keys", { ...body, key: `${newKey()}\u200b` })).status, 400);
  equal((await keys("POST", "/keys", { ...body, key: newKey().repeat(300) })).status, 400);
  equal((await keys("POST", "/keys", { ...body, key: newKey().repeat(30_000) })).status, 413);
  equal((await keys("POST", "/keys", { ...body, key: newKey(), vendor_id: "openai" })).status, 400);
  equal(
    (await keys("POST", "/keys", { ...body, key: newKey(), organization_id: ben.id })).status,
    403,
  );
  equal((await keys("POST", "/keys", `{"vendor_id":"marked","key":"${newKey()}`)).status, 400);
  trouble = 500;
  equal((await keys("POST", "/keys", { ...body, key: newKey(), try: true })).status, 503);
  trouble = null;

  const [{ id }] = await sql<{ id: string }[]>`
    select id from public.user_api_keys where user_id = ${ann.id}` as unknown as [{ id: string }];
  equal((await keys("POST", `/keys/${id}/decrypt`)).body.key, key);
  equal((await his("POST", `/keys/${id}/decrypt`)).status, 404);
  equal((await keys("POST", `/keys/${id}/try`)).body.works, true);
  equal((await ask())?.status, 200);
  const embed = { model: "marked/two", input: "hello" };
  equal((await keys("POST", "/embeddings", embed)).status, 200);
  for (const status of [400, 402, 403, 404, 413, 429, 500, 529]) {
    trouble = status;
    ok((await ask())?.status !== 200);
    await keys("POST", "/embeddings", embed);
  }
  // Only in this case the caller gets the vendor's message.
  trouble = 400;
  for (const _ of quotes) equal((await ask())?.body.error.code, "upstream_rejected_request");
  for (const _ of quotes) equal((await keys("POST", "/embeddings", embed)).status, 400);
  trouble = null;

  const next = newKey();
  equal((await keys("PUT", `/keys/${id}`, { key: next })).status, 200);
  equal((await keys("PATCH", `/keys/${id}`, { is_active: true })).status, 200);
  // The new one is not good: it is refused in chat, and goes out of use.
  equal((await ask())?.body.error.code, "vendor_key_rejected");
  equal((await keys("POST", `/keys/${id}/try`)).body.works, false);
  await keys("PATCH", `/keys/${id}`, { is_active: true });
  await sql`update public.vendors set base_url = 'http://127.0.0.1:1/v1' where id = ${vendor}`;
  ok((await ask())?.status !== 200);
  equal((await keys("POST", `/keys/${id}/try`)).status, 503);
  await fetch(`${environment.FUNCTIONS_URL}/keys/rotate`, {
    method: "POST",
    headers: { apikey: environment.SECRET_KEY },
    body: "{}",
  }).then(async (response) => said.push(await response.text()));

  // In another user's row it opens nothing.
  const other = newKey();
  equal((await his("POST", "/keys", { ...body, key: other })).status, 201);
  await sql`
    update public.user_api_keys mine set encrypted_key = theirs.encrypted_key
    from public.user_api_keys theirs where mine.id = ${id} and theirs.user_id = ${ben.id}`;
  await ask();
  await keys("PATCH", `/keys/${id}`, { is_active: true });
  equal((await keys("POST", `/keys/${id}/decrypt`)).status, 500);
  equal((await keys("DELETE", `/keys/${id}`)).status, 204);
  equal(new Set(marks).size, marks.length);
  return { marks, control, said };
}
