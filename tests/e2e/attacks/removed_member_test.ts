import { deepEqual, equal, ok } from "node:assert/strict";
import { completion } from "../../functions/support/upstream_server.ts";
import { makeKey } from "../support/access_keys.ts";
import { openaiWith, openDatabase, signUp } from "../support/stack.ts";
import { inboxOf, join, ledgerOf, makeOrganization, membershipsOf } from "../support/tenants.ts";
import { startVendor } from "../support/vendor.ts";

const messages = [{ role: "user" as const, content: "Hello." }];

Deno.test("a removed member reaches nothing of the organization, by any way that worked before", async () => {
  await using database = openDatabase();
  await using vendor = await startVendor(() => completion("hi"));
  const [alice, dave] = [await signUp("alice"), await signUp("dave")];
  const organization = await makeOrganization(alice, "Acme");
  await join(alice, organization, dave, "admin");
  const work = await dave.supabase.from("profiles")
    .update({ current_organization_id: organization }).eq("id", dave.id);
  equal(work.error, null);
  const agent = await dave.supabase.from("agents")
    .insert({ name: "ours", organization_id: organization, vendor_id: "openai", model_name: "m" })
    .select("id").single();
  ok(agent.data, agent.error?.message);
  const program = await makeKey(dave, { name: "Left behind" });
  const { response } = await dave.openai.chat.completions
    .create({ model: vendor.model, messages }).withResponse();
  const session = response.headers.get("x-session-id") ?? "";
  const before = await ledgerOf(database.sql, dave);
  deepEqual(before.map((turn) => turn.agent), [vendor.model]);

  const removed = await alice.supabase.from("organization_members").delete()
    .match({ organization_id: organization, user_id: dave.id });
  equal(removed.error, null);

  const chat = async (model: string, headers = {}, client = dave.openai) =>
    await client.chat.completions.create({ model, messages }, { headers })
      .then(() => "answered", (error) => `${error.status} ${error.code}`);
  equal(await chat("ours"), "404 model_not_found");
  equal(await chat(agent.data.id), "404 model_not_found");
  equal(await chat(vendor.model, { "x-session-id": session }), "404 session_not_found");
  equal(await chat(vendor.model, {}, openaiWith(program.secret)), "401 access_key_revoked");

  const tries = [
    await dave.supabase.from("organization_members")
      .insert({ organization_id: organization, user_id: dave.id, role: "admin" }),
    await dave.supabase.from("user_roles")
      .upsert({ team_id: organization, user_id: dave.id, role: "admin" }),
    await dave.supabase.from("profiles").update({ current_organization_id: organization })
      .eq("id", dave.id),
    await dave.supabase.from("agents").insert({ name: "mine", organization_id: organization }),
    await dave.supabase.rpc("invite_member", {
      organization_id: organization,
      email: dave.email,
      role: "admin",
    }),
    await dave.supabase.rpc("delete_organization", { organization_id: organization }),
    await dave.supabase.rpc("leave_organization", { organization_id: organization }),
  ];
  deepEqual(tries.map(({ error }) => error?.code), [
    ...["42501", "42501", "42501", "42501"],
    ...["PT404", "PT404", "PT404"],
  ]);
  for (const relation of ["agents", "ai_interactions", "organization_invitations", "budgets"]) {
    const { data } = await dave.supabase.from(relation).select("id")
      .eq("organization_id", organization);
    deepEqual(data, [], relation);
  }

  // Nothing happened to what alice has, and nothing more is paid by it.
  deepEqual(await membershipsOf(database.sql, dave), []);
  deepEqual(await membershipsOf(database.sql, alice), [`${organization} owner`]);
  // That the invitation was accepted.
  equal(await inboxOf(database.sql, alice), 1);
  const paid = await database.sql`
    select user_id from public.ai_interactions where organization_id = ${organization}`;
  deepEqual(paid.map(({ user_id }) => user_id), [dave.id]);

  // He works in his personal organization again, with the platform's agents, at his own cost.
  equal(await chat(vendor.model), "answered");
  const turns = await ledgerOf(database.sql, dave);
  deepEqual(turns.map((turn) => turn.organization).slice(1), [`personal-${dave.id}`]);
  equal(vendor.upstream.received.length, 2);
});
