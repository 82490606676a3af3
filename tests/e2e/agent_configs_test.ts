import { deepEqual, equal, match } from "node:assert/strict";
import { findInTables } from "./support/marks.ts";
import { openDatabase, type Person, signIn, signUp, stack } from "./support/stack.ts";

async function ask(person: Person, method: string, path: string, body?: object) {
  const response = await fetch(`${stack.FUNCTIONS_URL}/agent-configs${path}`, {
    method,
    headers: { authorization: `Bearer ${person.accessToken}` },
    ...body ? { body: JSON.stringify(body) } : {},
  });
  return { status: response.status, answer: await response.json() };
}

Deno.test("an editor of an agent stores a secret value with it, which no client can read", async () => {
  await using database = openDatabase();
  const { sql } = database;
  const [ann, bob] = [await signUp("ann"), await signUp("bob")];
  const mark = `mark/${crypto.randomUUID()}`;
  const { data: agent } = await ann.supabase.from("agents").insert({ name: "Configured" })
    .select("id").single();
  const config = { agent_id: agent!.id, config_key: "webhook", config_value: { secret: mark } };

  const stored = await ask(ann, "POST", "", config);
  equal(stored.status, 201);
  const [row] =
    await sql`select config_value, is_encrypted from public.ai_agent_configs where id = ${stored.answer.id}`;
  match(row!.config_value, /^v1:/);
  deepEqual(await findInTables(sql, [mark]), []);

  deepEqual((await ann.supabase.from("ai_agent_configs").select("config_value")).data, []);
  const { error } = await ann.supabase.from("ai_agent_configs").insert({
    agent_id: agent!.id,
    config_key: "mine",
    config_value: row!.config_value,
    is_encrypted: true,
  });
  equal(error?.code, "42501");
  const { answer: list } = await ask(ann, "GET", `/${agent!.id}`);
  deepEqual(list.data.map((one: { config_key: string }) => one.config_key), ["webhook"]);

  const none = crypto.randomUUID();
  for (const agent_id of [agent!.id, none]) {
    const { status, answer } = await ask(bob, "POST", "", { ...config, agent_id });
    deepEqual([status, answer.error.code], [404, "agent_not_found"]);
    equal((await ask(bob, "GET", `/${agent_id}`)).status, 404);
  }
  equal((await ask(bob, "DELETE", `/${stored.answer.id}`)).status, 404);

  const replaced = await ask(ann, "POST", "", { ...config, config_value: "new" });
  equal((await ask(ann, "DELETE", `/${stored.answer.id}`)).status, 404, "a new value, a new id");
  equal((await ask(ann, "DELETE", `/${replaced.answer.id}`)).status, 200);
  deepEqual((await ask(ann, "GET", `/${agent!.id}`)).answer.data, []);
});

Deno.test("a member who may only use an organization's agents cannot store secret values with them", async () => {
  await using database = openDatabase();
  const [carol, dave] = [await signIn("carol"), await signIn("dave")];
  const { data: agent } = await carol.supabase.from("agents").insert({
    name: `Shared ${crypto.randomUUID()}`,
    organization_id: "00000000-0000-4000-8000-0000000000ac",
    created_by: carol.id,
  }).select("id").single();
  const config = { agent_id: agent!.id, config_key: "token", config_value: "x" };
  equal((await ask(carol, "POST", "", config)).status, 201);
  const { status, answer } = await ask(dave, "POST", "", config);
  deepEqual([status, answer.error.code], [403, "agent_not_editable"]);
  await database.sql`delete from public.agents where id = ${agent!.id}`;
});
