import { deepEqual, equal, ok } from "node:assert/strict";
import { createClient } from "@supabase/supabase-js";
import { z } from "zod";
import { sha256Hex } from "../../functions/_shared/core/hash.ts";
import { openDatabase, type Person, signIn, signUp, stack } from "./support/stack.ts";

const values = z.record(z.string(), z.unknown()).nullable();

const eventSchema = z.object({
  id: z.uuid(),
  created_at: z.string(),
  actor_type: z.string(),
  actor_id: z.uuid().nullable(),
  action: z.string(),
  table_name: z.string(),
  row_id: z.string(),
  before: values,
  after: values,
});

/** The log of an organization as its owner reads it, newest first, as lines. */
async function readLog({ supabase }: Person, organization_id: string, filter = {}) {
  const { data, error } = await supabase.rpc("list_audit_events", { organization_id, ...filter });
  equal(error, null);
  return z.array(eventSchema).parse(data).map((event) => ({
    line: `${event.actor_type} ${event.action} ${event.table_name}`,
    event,
  }));
}

Deno.test("an owner reads in the audit log what REST, functions and the backend did, and no one can change it", async () => {
  const ann = await signUp("ann");
  const { data: made } = await ann.supabase.from("organizations")
    .insert({ name: "Audited", slug: `audited-${crypto.randomUUID()}` }).select("id").single();
  const organization = made!.id;
  await ann.supabase.from("profiles").update({ current_organization_id: organization })
    .eq("id", ann.id);

  // By REST.
  const { data: agent } = await ann.supabase.from("agents")
    .insert({ name: "watched", organization_id: organization, system_prompt: "One" })
    .select("id").single();
  await ann.supabase.from("agents").update({ system_prompt: "Two" }).eq("id", agent!.id);
  // By a function, as a user.
  const created = await fetch(`${stack.FUNCTIONS_URL}/access-keys`, {
    method: "POST",
    headers: { authorization: `Bearer ${ann.accessToken}`, "content-type": "application/json" },
    body: JSON.stringify({ name: "program", budget: { limit_usd: 5, period: "day" } }),
  });
  equal(created.status, 201);
  const { secret } = z.object({ secret: z.string() }).parse(await created.json());
  // By the backend, with the secret key, and by an operator, with SQL.
  const backend = createClient(stack.API_URL, stack.SECRET_KEY);
  equal(
    (await backend.from("organizations").update({ plan: "pro" }).eq("id", organization)).error,
    null,
  );
  await using database = openDatabase();
  await database.sql`update public.organizations set plan = 'starter' where id = ${organization}`;

  const log = await readLog(ann, organization);
  deepEqual(log.map(({ line }) => line), [
    "operator changed organizations",
    "service changed organizations",
    "user created budgets",
    "user created access_keys",
    "user changed agents",
    "user created agents",
    "user created organizations",
    "user created organization_members",
  ]);
  const changed = log.find(({ line }) => line === "user changed agents")!.event;
  deepEqual(
    [changed.actor_id, changed.row_id, changed.before?.system_prompt, changed.after?.system_prompt],
    [ann.id, agent!.id, "One", "Two"],
  );
  const text = JSON.stringify(log);
  for (const hidden of [secret.slice(8), await sha256Hex(secret)]) ok(!text.includes(hidden));
  const [first, second] = await readLog(ann, organization, { page_size: 2 });
  const next = await readLog(ann, organization, {
    page_size: 1,
    before: second!.event.created_at,
    before_id: second!.event.id,
  });
  deepEqual([first!.line, next[0]!.line], [log[0]!.line, log[2]!.line]);

  // Other users, and other ways to write.
  const eve = await signIn("eve");
  const refused = await eve.supabase.rpc("list_audit_events", { organization_id: organization });
  equal(refused.error?.details, "organization_not_found");
  deepEqual(
    (await eve.supabase.from("audit_events").select().eq("organization_id", organization)).data,
    [],
  );
  for (const client of [ann.supabase, backend]) {
    const events = client.from("audit_events");
    for (
      const { error } of await Promise.all([
        events.delete().eq("organization_id", organization),
        events.update({ actor_id: null }).eq("organization_id", organization),
        events.insert({ actor_type: "service", action: "changed", table_name: "x", row_id: "x" }),
      ])
    ) equal(error?.code, "42501");
  }
  equal((await readLog(ann, organization)).length, log.length);
});

Deno.test("a chat turn writes nothing to the audit log", async () => {
  const ann = await signUp("ann");
  await using database = openDatabase();
  const count = async () => {
    const [row] = await database.sql<{ count: string }[]>`
      select count(*) from public.audit_events where actor_id = ${ann.id} and table_name <> 'budgets'`;
    return row?.count;
  };
  const before = await count();
  const { data: models } = await ann.openai.models.list();
  await ann.openai.chat.completions.create({
    model: models.find(({ id }) => id.includes("/"))?.id ?? models[0]!.id,
    messages: [{ role: "user", content: "Hello" }],
  });
  equal(await count(), before);
});
