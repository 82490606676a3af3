import { deepEqual, doesNotMatch, equal, match, ok, rejects } from "node:assert/strict";
import { keyOf, type KeyVendor, newKey, startKeyVendor } from "./support/key_vendor.ts";
import { type KeysAnswer, keysApi } from "./support/keys_api.ts";
import { eventually, openDatabase, type Person, signIn, signUp, stack } from "./support/stack.ts";

const api = (person: Person) => keysApi(stack.FUNCTIONS_URL, person.accessToken);
const said = ({ status, body }: KeysAnswer) => [status, body?.error?.code];

/** The keys that a person sees, through the Data API. */
async function listOf(person: Person) {
  const { data, error } = await person.supabase.from("user_api_keys")
    .select("id, key_preview, display_name, is_active, last_used_at, last_error, organization_id")
    .order("created_at", { ascending: false });
  ok(error === null, error?.message);
  return data;
}

const hello = { messages: [{ role: "user" as const, content: "Hello." }] };
const ask = (person: Person, { model }: KeyVendor) =>
  person.openai.chat.completions.create({ ...hello, model });

Deno.test("a key is stored, shown by its last four characters, listed, decrypted, renamed and deleted", async () => {
  await using database = openDatabase();
  await using vendor = await startKeyVendor(database.sql);
  const [ann, key] = [await signUp("ann"), newKey()];
  const keys = api(ann);

  const created = await keys("POST", "/keys", { vendor_id: vendor.id, key, display_name: "Work" });
  equal(created.status, 201, JSON.stringify(created.body));
  const { id, created_at, updated_at, ...rest } = created.body;
  ok(created_at && updated_at);
  deepEqual(rest, {
    vendor_id: vendor.id,
    service_id: null,
    organization_id: null,
    display_name: "Work",
    settings: {},
    key_preview: key.slice(-4),
    is_active: true,
    last_used_at: null,
    last_error: null,
  });
  equal(created.headers.get("cache-control"), "no-store");
  deepEqual((await listOf(ann)).map((listed) => listed.id), [id]);

  const opened = await keys("POST", `/keys/${id}/decrypt`);
  deepEqual([opened.status, opened.body], [200, { id, key }]);
  equal(opened.headers.get("cache-control"), "no-store");
  const [event] = await database.sql`
    select actor_id, details from public.api_key_events where key_id = ${id} and event = 'decrypted'`;
  deepEqual([event?.actor_id, event?.details.purpose], [ann.id, "show"]);
  equal(event?.details.request_id, opened.headers.get("x-request-id"));

  const renamed = await keys("PATCH", `/keys/${id}`, { display_name: "Home", is_active: false });
  deepEqual([renamed.body.display_name, renamed.body.is_active], ["Home", false]);
  deepEqual(said(await keys("DELETE", `/keys/${id}`)), [204, undefined]);
  deepEqual(said(await keys("DELETE", `/keys/${id}`)), [404, "key_not_found"]);
  deepEqual(await listOf(ann), []);
  // The event of the use is kept after the key is deleted.
  const events = await database.sql`
    select event from public.api_key_events where key_id = ${id} order by created_at`;
  deepEqual(events.map(({ event }) => event), ["created", "decrypted", "changed", "deleted"]);
});

Deno.test("a replaced key decrypts to the new one, and the old one is gone", async () => {
  await using database = openDatabase();
  await using vendor = await startKeyVendor(database.sql);
  const [ann, old, next] = [await signUp("ann"), newKey(), newKey()];
  const keys = api(ann);
  const { body: { id } } = await keys("POST", "/keys", { vendor_id: vendor.id, key: old });
  await database.sql`
    update public.user_api_keys set is_active = false, last_error = 'x' where id = ${id}`;
  const replaced = await keys("PUT", `/keys/${id}`, { key: next });
  deepEqual([replaced.status, replaced.body.key_preview, replaced.body.is_active], [
    200,
    next.slice(-4),
    true,
  ]);
  equal(replaced.body.last_error, null);
  equal((await keys("POST", `/keys/${id}/decrypt`)).body.key, next);
  // The old one may be stored again, the new one may not.
  deepEqual(said(await keys("POST", "/keys", { vendor_id: vendor.id, key: next })), [
    409,
    "key_exists",
  ]);
  equal((await keys("POST", "/keys", { vendor_id: vendor.id, key: old })).status, 201);
  deepEqual(said(await keys("PUT", `/keys/${id}`, { key: old })), [409, "key_exists"]);
});

Deno.test("a key is tested with its vendor before it is stored, if the caller asks for it", async () => {
  await using database = openDatabase();
  await using vendor = await startKeyVendor(database.sql);
  const ann = await signUp("ann");
  const keys = api(ann);
  const [good, bad] = [newKey(vendor.good), newKey()];
  const refused = await keys("POST", "/keys", { vendor_id: vendor.id, key: bad, try: true });
  deepEqual(said(refused), [400, "vendor_key_rejected"]);
  deepEqual(await listOf(ann), []);
  const taken = await keys("POST", "/keys", { vendor_id: vendor.id, key: good, try: true });
  equal(taken.status, 201);
  deepEqual(vendor.upstream.received.map(({ path }) => path), ["/v1/models", "/v1/models"]);

  const { id } = taken.body;
  deepEqual((await keys("POST", `/keys/${id}/try`)).body, { id, works: true, problem: null });
  deepEqual(said(await keys("PUT", `/keys/${id}`, { key: bad, try: true })), [
    400,
    "vendor_key_rejected",
  ]);
  vendor.good.delete(good);
  const tried = await keys("POST", `/keys/${id}/try`);
  deepEqual(tried.body, { id, works: false, problem: "The vendor rejects it." });
  const [listed] = await listOf(ann);
  deepEqual([listed?.is_active, listed?.last_error], [false, "The vendor rejects it."]);

  await database.sql`update public.vendors set probe_path = null where id = ${vendor.id}`;
  deepEqual(said(await keys("POST", `/keys/${id}/try`)), [400, "key_cannot_be_tried"]);
  await database.sql`
    update public.vendors set probe_path = '/models', base_url = 'http://127.0.0.1:1/v1'
    where id = ${vendor.id}`;
  deepEqual(said(await keys("POST", `/keys/${id}/try`)), [503, "vendor_unavailable"]);
});

Deno.test("chat uses the key for the service, then the vendor's, then the organization's", async () => {
  await using database = openDatabase();
  await using vendor = await startKeyVendor(database.sql);
  const [alice, carol] = [await signIn("alice"), await signIn("carol")];
  const acme = "00000000-0000-4000-8000-0000000000ac";
  const [shared, general, special] = [1, 2, 3].map(() => newKey(vendor.good));
  const store = async (person: Person, body: object) => {
    const answer = await api(person)("POST", "/keys", { vendor_id: vendor.id, ...body });
    equal(answer.status, 201, JSON.stringify(answer.body));
    return answer.body.id;
  };
  const used = () => vendor.upstream.received.map(keyOf);

  await store(alice, { key: shared, organization_id: acme });
  const workIn = async (organization: string | null) => {
    const { error } = await carol.supabase.from("profiles")
      .update({ current_organization_id: organization }).eq("id", carol.id);
    equal(error, null);
  };
  await workIn(null);
  // A key of her own organization is not used for Acme.
  await rejects(ask(carol, vendor), /no key for the vendor/);
  await workIn(acme);
  await ask(carol, vendor);
  await workIn(null);
  deepEqual(used(), [shared]);
  const own = await store(carol, { key: general });
  await ask(carol, vendor);
  deepEqual(used(), [shared, general]);
  await store(carol, { key: special, service_id: vendor.service });
  await ask(carol, vendor);
  deepEqual(used(), [shared, general, special]);

  // Carol uses Alice's key through chat, and has no other way to it.
  const listed = await listOf(carol);
  deepEqual(listed.map(({ key_preview }) => key_preview), [special!.slice(-4), general!.slice(-4)]);
  const [hers] = await listOf(alice);
  deepEqual(said(await api(carol)("POST", `/keys/${hers?.id}/decrypt`)), [404, "key_not_found"]);
  ok(
    (await eventually(() => listOf(carol), (rows) => rows.every((row) => row.last_used_at)))
      .find(({ id }) => id === own),
  );
});

Deno.test("a key that the vendor refuses is switched off, its owner is notified, and the next key is tried", async () => {
  await using database = openDatabase();
  await using vendor = await startKeyVendor(database.sql);
  const ann = await signUp("ann");
  const keys = api(ann);
  const [good, bad] = [newKey(vendor.good), newKey()];
  await keys("POST", "/keys", { vendor_id: vendor.id, key: good });
  const { body: { id } } = await keys("POST", "/keys", { vendor_id: vendor.id, key: bad });

  const answer = await ask(ann, vendor);
  equal(answer.choices[0]?.message.content, "hi");
  deepEqual(vendor.upstream.received.map(keyOf), [bad, good]);
  const row = await eventually(
    async () => (await listOf(ann)).find((listed) => listed.id === id),
    (found) => found?.is_active === false,
  );
  equal(row?.last_error, "The vendor rejects it.");
  const { data: told } = await ann.supabase.from("notifications").select("type, data");
  deepEqual(told, [{ type: "api_key_rejected", data: { key_id: id, vendor_id: vendor.id } }]);
  const { data: events } = await ann.supabase.from("api_key_events").select("event")
    .eq("key_id", id).order("created_at");
  deepEqual(events?.map(({ event }) => event), ["created", "rejected"]);

  await ask(ann, vendor);
  deepEqual(vendor.upstream.received.map(keyOf), [bad, good, good]);
  // None of this affects the circuit.
  const open = await database.sql`
    select from public.agent_health health join public.agents on agents.id = health.agent_id
    where agents.created_by = ${ann.id} and health.consecutive_failures > 0`;
  equal(open.length, 0);
});

Deno.test("a ciphertext copied to another row cannot be decrypted: that key is switched off, and the next is tried", async () => {
  await using database = openDatabase();
  await using vendor = await startKeyVendor(database.sql);
  const [ann, ben] = [await signUp("ann"), await signUp("ben")];
  const [good, his] = [newKey(vendor.good), newKey(vendor.good)];
  await api(ann)("POST", "/keys", { vendor_id: vendor.id, key: good });
  const { body: mine } = await api(ann)("POST", "/keys", { vendor_id: vendor.id, key: newKey() });
  const { body: theirs } = await api(ben)("POST", "/keys", { vendor_id: vendor.id, key: his });
  // What an attacker with write access to the database, but without the key, could do.
  await database.sql`
    update public.user_api_keys mine set encrypted_key = theirs.encrypted_key
    from public.user_api_keys theirs where mine.id = ${mine.id} and theirs.id = ${theirs.id}`;

  await ask(ann, vendor);
  deepEqual(vendor.upstream.received.map(keyOf), [good]);
  const row = await eventually(
    async () => (await listOf(ann)).find(({ id }) => id === mine.id),
    (found) => found?.is_active === false,
  );
  equal(row?.last_error, "It cannot be decrypted.");
  await database.sql`update public.user_api_keys set is_active = true where id = ${mine.id}`;
  deepEqual(said(await api(ann)("POST", `/keys/${mine.id}/decrypt`)), [500, "undecryptable"]);
  equal((await listOf(ann)).find(({ id }) => id === mine.id)?.is_active, false);
});

Deno.test("only a token of its owner decrypts a key, ten times a minute", async () => {
  await using database = openDatabase();
  await using vendor = await startKeyVendor(database.sql);
  const [ann, ben] = [await signUp("ann"), await signUp("ben")];
  const { body: { id } } = await api(ann)("POST", "/keys", { vendor_id: vendor.id, key: newKey() });
  for (let time = 0; time < 10; time++) {
    equal((await api(ann)("POST", `/keys/${id}/decrypt`)).status, 200);
  }
  const limited = await api(ann)("POST", `/keys/${id}/decrypt`);
  deepEqual(said(limited), [429, "rate_limit_exceeded"]);
  ok(Number(limited.headers.get("retry-after")) > 0);

  // Another user's id, an unknown id and an invalid one get the same answer.
  const answers = [];
  for (const other of [id, crypto.randomUUID(), "x", "%F0%9F%94%91"]) {
    for (
      const [method, path, body] of [
        ["POST", `/keys/${other}/decrypt`],
        ["POST", `/keys/${other}/try`],
        ["PATCH", `/keys/${other}`, { is_active: false }],
        ["PUT", `/keys/${other}`, { key: newKey() }],
        ["DELETE", `/keys/${other}`],
      ] as const
    ) answers.push(await api(ben)(method, path, body));
  }
  equal(new Set(answers.map(({ status, body }) => JSON.stringify([status, body]))).size, 1);
  deepEqual(said(answers[0]!), [404, "key_not_found"]);
  const opened = await database.sql`
    select from public.api_key_events where key_id = ${id} and event = 'decrypted'`;
  equal(opened.length, 10);
});

Deno.test("no key is decrypted if the audit entry cannot be written", async () => {
  await using database = openDatabase();
  await using vendor = await startKeyVendor(database.sql);
  const ann = await signUp("ann");
  const key = newKey();
  const { body: { id } } = await api(ann)("POST", "/keys", { vendor_id: vendor.id, key });
  await database.sql.unsafe(`
    create function public.e2e_break_audit() returns trigger language plpgsql as $$
    begin
      if new.user_id = '${ann.id}' then raise exception 'out of order'; end if;
      return new;
    end $$;
    create trigger e2e_break_audit before insert on public.api_key_events
      for each row execute function public.e2e_break_audit();
    grant execute on function public.e2e_break_audit() to service_role`);
  try {
    const answer = await api(ann)("POST", `/keys/${id}/decrypt`);
    deepEqual(said(answer), [500, "internal_error"]);
    doesNotMatch(JSON.stringify(answer.body), new RegExp(key));
  } finally {
    await database.sql.unsafe("drop function public.e2e_break_audit() cascade");
  }
  equal((await api(ann)("POST", `/keys/${id}/decrypt`)).body.key, key);
});

Deno.test("a value that cannot be a vendor key is refused, and nothing is stored", async () => {
  await using database = openDatabase();
  await using vendor = await startKeyVendor(database.sql);
  const ann = await signUp("ann");
  const keys = api(ann);
  const fine = { vendor_id: vendor.id, key: newKey() };
  const wrong: [what: string, body: unknown, status: number, code: string][] = [
    [
      "a key of another vendor",
      { ...fine, key: `sk-ant-${"a".repeat(30)}` },
      400,
      "invalid_key_format",
    ],
    ["no key", { vendor_id: vendor.id }, 400, "missing_required_parameter"],
    ["an empty key", { ...fine, key: "" }, 400, "invalid_value"],
    ["a short one", { ...fine, key: "sk-e2e" }, 400, "invalid_key_format"],
    ["a number", { ...fine, key: 4711 }, 400, "invalid_type"],
    ["a space in it", { ...fine, key: `${fine.key} x` }, 400, "invalid_key_format"],
    ["a line break behind it", { ...fine, key: `${fine.key}\n` }, 400, "invalid_key_format"],
    ["a header within it", { ...fine, key: `${fine.key}\r\nx-evil: 1` }, 400, "invalid_key_format"],
    ["letters of another alphabet", { ...fine, key: `${fine.key}é` }, 400, "invalid_key_format"],
    ["a zero-width space", { ...fine, key: `${fine.key}\u200b` }, 400, "invalid_key_format"],
    ["a control character", { ...fine, key: `${fine.key}\u0007` }, 400, "invalid_key_format"],
    ["U+0000", { ...fine, key: `${fine.key}\u0000` }, 400, "invalid_value"],
    ["5,000 characters", { ...fine, key: `sk-e2e-${"a".repeat(5000)}` }, 400, "invalid_key_format"],
    ["a megabyte", { ...fine, key: `sk-e2e-${"a".repeat(1024 * 1024)}` }, 413, "request_too_large"],
    ["no vendor", { key: fine.key }, 400, "missing_required_parameter"],
    ["an unknown vendor", { ...fine, vendor_id: "nobody" }, 404, "vendor_not_found"],
    [
      "a vendor that takes no keys",
      { ...fine, vendor_id: "google_vertex" },
      404,
      "vendor_not_found",
    ],
    ["another vendor's service", { ...fine, service_id: "openai_gpt4o" }, 404, "service_not_found"],
    ["a field that there is not", { ...fine, user_id: ann.id }, 400, "unknown_parameter"],
    [
      "a stranger's organization",
      { ...fine, organization_id: crypto.randomUUID() },
      403,
      "key_not_yours_to_share",
    ],
    ["no JSON", "{", 400, "invalid_json"],
    ["a list", [fine], 400, "invalid_json"],
    ["a name of 256 characters", { ...fine, display_name: "a".repeat(256) }, 400, "invalid_value"],
  ];
  for (const [what, body, status, code] of wrong) {
    const answer = await keys("POST", "/keys", body);
    deepEqual(said(answer), [status, code], `${what}: ${JSON.stringify(answer.body)}`);
    doesNotMatch(JSON.stringify(answer.body), /sk-e2e-[0-9a-f]{8}|aaaaa/, what);
  }
  deepEqual(await listOf(ann), []);
  const events = await database.sql`select from public.api_key_events where user_id = ${ann.id}`;
  equal(events.length, 0);
});

Deno.test("unknown paths are 404, unknown methods 405", async () => {
  const ann = await signUp("ann");
  deepEqual(said(await api(ann)("GET", "/keys")), [405, "method_not_allowed"]);
  deepEqual(said(await api(ann)("POST", "/keys/x")), [405, "method_not_allowed"]);
  deepEqual(said(await api(ann)("POST", "/keys/x/show")), [404, "unknown_path"]);
  deepEqual(said(await api(ann)("PATCH", "/keys/x", {})), [400, "invalid_value"]);
  deepEqual(said(await keysApi(stack.FUNCTIONS_URL, "no token")("POST", "/keys", {})), [
    401,
    "invalid_token",
  ]);
});

Deno.test("only a caller with a secret key may rotate", async () => {
  const ann = await signUp("ann");
  deepEqual(said(await api(ann)("POST", "/keys/rotate", {})), [401, "missing_secret_key"]);
  const rotate = async (apikey: string, body: unknown = {}) => {
    const response = await fetch(`${stack.FUNCTIONS_URL}/keys/rotate`, {
      method: "POST",
      headers: { apikey },
      body: JSON.stringify(body),
    });
    return { status: response.status, headers: response.headers, body: await response.json() };
  };
  deepEqual(said(await rotate("sb_secret_guessed")), [401, "invalid_secret_key"]);
  deepEqual(said(await rotate(stack.SECRET_KEY, { batch: 0 })), [400, "invalid_value"]);
  const report = await rotate(stack.SECRET_KEY);
  equal(report.status, 200, JSON.stringify(report.body));
  match(report.body.active_key, /^[\w-]+$/);
  doesNotMatch(JSON.stringify(report.body), /v1:/);
});
