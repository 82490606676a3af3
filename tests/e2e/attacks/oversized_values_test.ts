import { deepEqual, equal, match, ok } from "node:assert/strict";
import { openDatabase, type Person, signIn, signUp, stack } from "../support/stack.ts";

const LARGE = "x".repeat(15 * 1024 * 1024);
/** Past every limit, and quickly sent to a hundred columns. */
const ABOVE = "x".repeat(1024 * 1024 + 1);

/** Sends a body as it is. */
async function send(person: Person, method: string, path: string, body: string) {
  const response = await fetch(`${stack.API_URL}${path}`, {
    method,
    headers: {
      apikey: stack.PUBLISHABLE_KEY,
      authorization: `Bearer ${person.accessToken}`,
      "content-type": "application/json",
    },
    body,
  });
  return { status: response.status, body: await response.text() };
}

/** Values of the column's type that are far too large or out of range. */
function hostile(type: string): unknown[] {
  if (type === "jsonb") return [{ a: ABOVE }];
  if (type.endsWith("[]")) return [Array.from({ length: 5_000 }, (_, index) => `w${index}`)];
  if (/^(integer|bigint|numeric)/.test(type)) return [1e30, "NaN", "king", -1];
  if (/^(timestamp|date)/.test(type)) return ["infinity", "king", "9999-12-31T00:00:00Z"];
  if (type === "text") return [ABOVE, "a\u202e\u001b[2J\nb"];
  return ["king", { a: 1 }];
}

Deno.test("a value that is too large for any column that alice may write is refused with a sentence", async () => {
  const alice = await signIn("alice");
  await using database = openDatabase();
  const columns = await database.sql<
    { relation: string; name: string; type: string; key: string | null; updates: boolean }[]
  >`
    select relations.relname as relation, columns.attname as name,
      format_type(columns.atttypid, null) as type, keys.attname as key,
      has_column_privilege('authenticated', relations.oid, columns.attnum, 'update') as updates
    from pg_class relations
    join pg_attribute columns on columns.attrelid = relations.oid and columns.attnum > 0
    left join pg_attribute keys on keys.attrelid = relations.oid and keys.attname = 'created_at'
    where relations.relnamespace = 'public'::regnamespace and relations.relkind in ('r', 'p', 'v')
      and (has_column_privilege('authenticated', relations.oid, columns.attnum, 'insert')
        or has_column_privilege('authenticated', relations.oid, columns.attnum, 'update'))`;
  ok(columns.length > 100, "the catalogue was read");
  const failures: string[] = [];
  for (const { relation, name, type, key, updates } of columns) {
    for (const value of hostile(type)) {
      const body = JSON.stringify({ [name]: value });
      // A filter that matches all of her rows; policies exclude the others.
      const filter = key === null ? `${name}=not.is.null` : `${key}=gt.2000-01-01`;
      const answer = updates
        ? await send(alice, "PATCH", `/rest/v1/${relation}?${filter}`, body)
        : await send(alice, "POST", `/rest/v1/${relation}`, body);
      const isLarge = body.length > 20_000;
      const said = `${relation}.${name}: ${answer.status} ${answer.body.slice(0, 200)}`;
      if (answer.status >= 500 || /Failing row/.test(answer.body)) failures.push(said);
      if (answer.body.length > 10_000) failures.push(`${relation}.${name} is answered at length`);
      // An update that reaches no row of hers stores nothing.
      if (isLarge && answer.status < 300 && !updates) failures.push(`stored: ${said}`);
    }
  }
  deepEqual(failures, []);
  const [largest] = await database.sql`
    select max(greatest(
      octet_length(notes), octet_length(system_prompt), octet_length(config::text), octet_length(tags::text)
    )) as bytes from public.agents`;
  ok((largest?.bytes ?? 0) < 1_000_000, "nothing of it was stored");
});

Deno.test("a refused value is answered with the column and its limit", async () => {
  const alice = await signUp("alice");
  const { data: agent } = await alice.supabase.from("agents").insert({ name: "Mine" }).select("id")
    .single().throwOnError();
  const refused = [
    ["profiles", { preferences: { a: LARGE } }, "id", alice.id, /preferences_are_at_most_256_kib/],
    ["agents", { notes: LARGE }, "id", agent.id, /agent_notes_are_at_most_64_kib/],
    ["agents", { system_prompt: LARGE }, "id", agent.id, /system_prompt_is_at_most_256_kib/],
    ["profiles", { avatar_url: "javascript:alert(1)" }, "id", alice.id, /is_an_https_address/],
  ] as const;
  for (const [relation, change, key, id, rule] of refused) {
    const { status, error } = await alice.supabase.from(relation).update(change).eq(key, id);
    equal(status, 400);
    match(error?.message ?? "", rule);
    ok(!error?.details?.includes("Failing row"), "no row is shown");
  }
  const { data: session } = await alice.supabase.from("chat_sessions").insert({ title: "Hers" })
    .select("id")
    .single().throwOnError();
  const { status, error } = await alice.supabase.from("chat_messages")
    .insert({ session_id: session.id, role: "system", content: LARGE });
  deepEqual([status, error?.details], [413, "message_too_large"]);
});

Deno.test("an invitation that cannot be made shows no row and no hash", async () => {
  const alice = await signUp("alice");
  const { data: organization } = await alice.supabase.from("organizations")
    .insert({ name: "Hers", slug: `hers-${crypto.randomUUID()}` }).select("id").single()
    .throwOnError();
  const attempts = [
    ["new@example.com", "king", "invalid_role"],
    ["new@example.com", "owner", "invalid_role"],
    ["nobody", "member", "invalid_email"],
    [`${LARGE}@example.com`, "member", "invalid_email"],
  ] as const;
  for (const [email, role, code] of attempts) {
    const { status, error } = await alice.supabase.rpc("invite_member", {
      organization_id: organization.id,
      email,
      role,
    });
    deepEqual([status, error?.details], [400, code]);
    ok((error?.message.length ?? 0) < 1_001);
  }
});

Deno.test("a sign-up with hostile metadata succeeds, and shows none of the metadata", async () => {
  const response = await fetch(`${stack.API_URL}/auth/v1/signup`, {
    method: "POST",
    headers: { apikey: stack.PUBLISHABLE_KEY, "content-type": "application/json" },
    body: JSON.stringify({
      email: `eve-${crypto.randomUUID()}@example.com`,
      password: "a good password",
      data: { full_name: "Eve\u202e\u001b[2J", avatar_url: "javascript:alert(1)" },
    }),
  });
  const { user } = await response.json();
  equal(response.status, 200);
  await using database = openDatabase();
  const [profile] = await database.sql`
    select full_name, avatar_url from public.profiles where id = ${user.id}`;
  deepEqual(profile, { full_name: "Eve [2J", avatar_url: null });
});

Deno.test("a number out of the database's range is refused with a 400 that names the field", async () => {
  const alice = await signIn("alice");
  for (const field of ["max_tokens", "max_completion_tokens"]) {
    const answer = await send(
      alice,
      "POST",
      "/functions/v1/chat/completions",
      JSON.stringify({ messages: [{ role: "user", content: "hi" }], [field]: 2_147_483_648 }),
    );
    deepEqual([answer.status, JSON.parse(answer.body).error.param], [400, field]);
  }
});
