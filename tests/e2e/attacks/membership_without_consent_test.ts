import { deepEqual, equal, ok } from "node:assert/strict";
import { completion } from "../../functions/support/upstream_server.ts";
import { keyOf, newKey, startKeyVendor } from "../support/key_vendor.ts";
import { keysApi } from "../support/keys_api.ts";
import { eventually, openDatabase, type Person, signUp, stack } from "../support/stack.ts";
import { inboxOf, join, ledgerOf, makeOrganization, membershipsOf } from "../support/tenants.ts";
import { startVendor } from "../support/vendor.ts";

const SECRET = "alice's secret question";
const messages = [{ role: "user" as const, content: SECRET }];

/** What eve names her agents and models after, wherever a name of alice's may lead. */
function takeOver(eve: Person, organization: string, vendor: string, service: string) {
  return async (name: string) => {
    const agent = await eve.supabase.from("agents").insert({
      name,
      organization_id: organization,
      vendor_id: vendor,
      service_id: service,
      status: "active",
      system_prompt: "EVE'S PROMPT",
    }).select("id").single();
    ok(agent.data, agent.error?.message);
    const model = await eve.supabase.from("models")
      .insert({ agent_id: agent.data.id, name, service_id: service, is_default: true });
    equal(model.error, null, model.error?.message);
  };
}

Deno.test("eve cannot add alice to her organization, and alice's prompts go to the same agents as before", async () => {
  await using database = openDatabase();
  await using vendor = await startVendor(() => completion("hi"));
  await using evil = await startKeyVendor(database.sql);
  const [alice, eve] = [await signUp("alice"), await signUp("eve")];
  const evecorp = await makeOrganization(eve, "EveCorp");

  const row = { organization_id: evecorp, user_id: alice.id, role: "member" };
  const seed = { team_id: evecorp, user_id: alice.id, role: "viewer" };
  const members = eve.supabase.from("organization_members");
  const tries = [
    await members.insert(row),
    await members.insert([row, { ...row, role: "owner" }]),
    await members.insert({ ...row, user_id: crypto.randomUUID() }),
    await members.upsert(row),
    await members.upsert(row, { onConflict: "organization_id,user_id", ignoreDuplicates: true }),
    await members.insert(row, { count: "exact" }).select(),
    await eve.supabase.from("user_roles").insert(seed),
    await eve.supabase.from("user_roles").upsert(seed),
    await members.update({ user_id: alice.id }).eq("user_id", eve.id),
  ];
  // No answer tells an existing user from one who does not exist.
  deepEqual(tries.map(({ error }) => error?.code), tries.map(() => "42501"));
  deepEqual(await membershipsOf(database.sql, alice), []);

  // She invites alice, which is allowed, and prepares agents and models for her arrival.
  const invited = await eve.supabase.rpc("invite_member", {
    organization_id: evecorp,
    email: alice.email,
    role: "admin",
  });
  ok(invited.data);
  const key = newKey(evil.good);
  const shared = await keysApi(stack.FUNCTIONS_URL, eve.accessToken)("POST", "/keys", {
    vendor_id: evil.id,
    key,
    organization_id: evecorp,
  });
  equal(shared.status, 201, JSON.stringify(shared.body));
  const name = takeOver(eve, evecorp, evil.id, evil.service);
  for (const taken of [vendor.model, "gpt-4o", "droid"]) await name(taken);
  const settings = { default_agent: vendor.model, default_model: vendor.model };
  await eve.supabase.from("organizations").update({ settings }).eq("id", evecorp);

  const chat = () => alice.openai.chat.completions.create({ model: vendor.model, messages });
  await chat();
  const people = await eve.supabase.from("organization_people").select("user_id, email")
    .eq("organization_id", evecorp);
  deepEqual(people.data, [{ user_id: eve.id, email: eve.email }]);
  equal(await inboxOf(database.sql, alice), 0);

  // Alice accepts, and keeps working in her own organization: names still mean its agents.
  const accepted = await alice.supabase.rpc("accept_invitation", { token: invited.data });
  equal(accepted.error, null);
  deepEqual(await membershipsOf(database.sql, alice), [`${evecorp} admin`]);
  await chat();
  const listed = [];
  for await (const { id } of alice.openai.models.list()) listed.push(id);
  ok(listed.some((id) => id.startsWith(vendor.model)) && listed.length > 0);
  equal(listed.filter((id) => id === `${vendor.model}/${vendor.model}`).length, 0);

  equal(evil.upstream.received.length, 0);
  const sent = vendor.upstream.received;
  deepEqual(sent.map(keyOf), ["e2e upstream key", "e2e upstream key"]);
  deepEqual(sent.map(({ body }) => body.messages), [messages, messages]);
  const turns = await eventually(
    () => ledgerOf(database.sql, alice),
    (rows) => rows.length === 2 && rows.every(({ state }) => state === "succeeded"),
  );
  deepEqual(
    turns.map(({ organization, agent }) => [organization, agent]),
    turns.map(() => [`personal-${alice.id}`, vendor.model]),
  );
  // What alice asked is in no row that eve reads.
  const seen = await eve.supabase.from("ai_interactions").select("id").eq("user_id", alice.id);
  deepEqual(seen.data, []);
});

Deno.test("a member who works in another organization can name that organization's agents only", async () => {
  await using database = openDatabase();
  await using vendor = await startKeyVendor(database.sql);
  const [alice, bob] = [await signUp("alice"), await signUp("bob")];
  const [one, two] = [await makeOrganization(bob, "One"), await makeOrganization(bob, "Two")];
  const key = newKey(vendor.good);
  await keysApi(stack.FUNCTIONS_URL, alice.accessToken)("POST", "/keys", {
    vendor_id: vendor.id,
    key,
  });
  for (const organization of [one, two]) {
    await join(bob, organization, alice, "member");
    await takeOver(bob, organization, vendor.id, vendor.service)("helper");
  }
  for (const organization of [one, two]) {
    await alice.supabase.from("profiles").update({ current_organization_id: organization })
      .eq("id", alice.id);
    await alice.openai.chat.completions.create({ model: "helper", messages });
  }
  const { error } = await alice.supabase.from("profiles").update({ current_organization_id: null })
    .eq("id", alice.id);
  equal(error, null);
  const refused = await alice.openai.chat.completions.create({ model: "helper", messages })
    .catch((error) => error);
  equal(refused.code, "model_not_found");
  equal(vendor.upstream.received.length, 2);
  const paid = await database.sql`
    select organization_id from public.ai_interactions where user_id = ${alice.id} order by started_at`;
  deepEqual(paid.map(({ organization_id }) => organization_id), [one, two]);
});
