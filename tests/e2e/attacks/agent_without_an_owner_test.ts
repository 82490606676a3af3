import { deepEqual, equal, ok } from "node:assert/strict";
import { createClient } from "@supabase/supabase-js";
import { completion } from "../../functions/support/upstream_server.ts";
import { openDatabase, signUp, stack } from "../support/stack.ts";
import { ledgerOf } from "../support/tenants.ts";
import { startVendor } from "../support/vendor.ts";

const messages = [{ role: "user" as const, content: "Hello." }];

Deno.test("no client can use an agent whose owner is missing, or create a platform agent", async () => {
  await using database = openDatabase();
  await using vendor = await startVendor(() => completion("hi"));
  const [alice, eve] = [await signUp("alice"), await signUp("eve")];
  const [service] = await database.sql<{ id: string; vendor_id: string }[]>`
    select services.id, services.vendor_id from public.vendor_services services
    join public.agents on agents.service_id = services.id where agents.id = ${vendor.agentId}`;
  ok(service);

  const row = {
    name: `eve-${crypto.randomUUID()}`,
    vendor_id: service.vendor_id,
    service_id: service.id,
  };
  const agents = eve.supabase.from("agents");
  const made = await agents.insert(row).select("id").single();
  ok(made.data, made.error?.message);
  const refused = [
    await agents.insert({ ...row, is_platform: true }),
    await agents.upsert({ ...row, is_platform: true }),
    await agents.update({ is_platform: true }).eq("id", made.data.id),
    await agents.update({ created_by: null }).eq("id", made.data.id),
  ];
  ok(refused.every(({ error }) => error !== null && ["42501", "PT403"].includes(error.code)));
  // Without a named owner the caller is the owner.
  const { name } = row;
  await agents.insert({ ...row, created_by: null });
  await eve.supabase.from("bots").insert({ name, created_by: null });
  await eve.supabase.from("ai_agents").insert({ name, user_id: null });
  const mine = await database.sql`
    select distinct created_by, is_platform from public.agents
    where created_by = ${eve.id} or name = ${name}`;
  deepEqual([...mine], [{ created_by: eve.id, is_platform: false }]);

  // A backend that sets no owner, and an owner who is missing, as after a restore.
  const backend = createClient(stack.API_URL, stack.SECRET_KEY, {
    auth: { persistSession: false },
  });
  const orphan = await backend.from("bots").insert({
    name: `orphan-${crypto.randomUUID()}`,
    llm_provider: service.vendor_id,
    llm_model: service.id,
    system_prompt: "SECRET",
    is_published: true,
  }).select("id, name").single();
  ok(orphan.data, orphan.error?.message);
  const lost = await alice.supabase.from("agents").insert({
    ...row,
    name: `lost-${crypto.randomUUID()}`,
    is_public: true,
  })
    .select("id, name").single();
  ok(lost.data, lost.error?.message);
  await database.sql`update public.agents set created_by = null where id = ${lost.data.id}`;

  for (const { id, name } of [orphan.data, lost.data]) {
    const left = await database.sql`
      select from public.agents
      where id = ${id} and created_by is null and organization_id is null and not is_platform`;
    equal(left.length, 1, name);
    for (const model of [id, name, `${name}/gpt-4o`]) {
      const refused = await eve.openai.chat.completions.create({ model, messages })
        .catch((error) => error);
      deepEqual([refused.status, refused.code], [404, "model_not_found"], model);
    }
    for (const relation of ["agents", "bots", "ai_agents", "public_agents"]) {
      const { data } = await eve.supabase.from(relation).select("id").eq("id", id);
      deepEqual(data, [], `${relation} ${name}`);
    }
  }
  const listed = [];
  for await (const model of eve.openai.models.list()) listed.push(model.id);
  equal(listed.some((id) => id.startsWith("orphan-") || id.startsWith("lost-")), false);
  equal(vendor.upstream.received.length, 0);
  deepEqual(await ledgerOf(database.sql, eve), []);
  await database.sql`delete from public.agents where id in (${orphan.data.id}, ${lost.data.id})`;
});
