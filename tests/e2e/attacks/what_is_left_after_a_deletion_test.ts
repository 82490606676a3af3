import { deepEqual, equal, match, ok } from "node:assert/strict";
import { completion } from "../../functions/support/upstream_server.ts";
import { openDatabase, signUp } from "../support/stack.ts";
import { join, ledgerOf, makeOrganization, membershipsOf } from "../support/tenants.ts";
import { startVendor } from "../support/vendor.ts";

const messages = [{ role: "user" as const, content: "Hello." }];

Deno.test("a deleted account keeps what others share, and its token is refused everywhere", async () => {
  await using database = openDatabase();
  await using vendor = await startVendor(() => completion("hi"));
  const [alice, bob] = [await signUp("alice"), await signUp("bob")];
  const organization = await makeOrganization(alice, "Acme");
  const alone = await makeOrganization(alice, "Alone");
  await join(alice, organization, bob, "admin");
  await alice.supabase.from("profiles").update({ current_organization_id: organization }).eq(
    "id",
    alice.id,
  );
  await alice.openai.chat.completions.create({ model: vendor.model, messages });

  const refused = await alice.supabase.rpc("delete_account");
  deepEqual([refused.status, refused.error?.details], [409, "last_owner"]);
  match(refused.error?.message ?? "", /only owner of "Acme"/);
  equal((await membershipsOf(database.sql, alice)).length, 2);

  const promoted = await alice.supabase.from("organization_members").update({ role: "owner" })
    .match({ organization_id: organization, user_id: bob.id });
  equal(promoted.error, null);
  equal((await alice.supabase.rpc("delete_account")).error, null);

  const after = await alice.openai.chat.completions.create({ model: vendor.model, messages })
    .catch((error) => error);
  deepEqual([after.status, after.code], [401, "user_not_found"]);
  deepEqual((await alice.supabase.from("organizations").select("id")).data, []);
  ok(
    (await alice.supabase.from("organizations").insert({ name: "x", slug: `x-${alice.id}` })).error,
  );
  equal(vendor.upstream.received.length, 1);
  // Bob has the organization, and the ledger its row, without her.
  deepEqual(await membershipsOf(database.sql, bob), [`${organization} owner`]);
  deepEqual(await ledgerOf(database.sql, alice), []);
  const kept = await bob.supabase.from("ai_interactions").select("user_id, total_cost")
    .eq("organization_id", organization);
  deepEqual(kept.data?.map(({ user_id }) => user_id), [null]);
  ok(Number(kept.data?.[0]?.total_cost) > 0);
  const [hidden] = await database
    .sql`select deleted_at from public.organizations where id = ${alone}`;
  ok(hidden?.deleted_at);
});

Deno.test("a deleted organization can be left by a member, restored by an owner only, and is purged by the job", async () => {
  await using database = openDatabase();
  const [alice, bob, eve] = [await signUp("alice"), await signUp("bob"), await signUp("eve")];
  const organization = await makeOrganization(alice, "Acme");
  for (const person of [bob]) await join(alice, organization, person, "member");
  const call = (person: typeof alice, name: string) =>
    person.supabase.rpc(name, { organization_id: organization });
  equal((await call(alice, "delete_organization")).error, null);
  for (const person of [bob, eve]) equal((await call(person, "restore_organization")).status, 404);

  const shown = await bob.supabase.from("deleted_organizations").select("id, role");
  deepEqual(shown.data, [{ id: organization, role: "member" }]);
  deepEqual((await eve.supabase.from("deleted_organizations").select("id")).data, []);
  equal((await call(bob, "leave_organization")).error, null);
  deepEqual(await membershipsOf(database.sql, bob), []);
  equal((await call(alice, "restore_organization")).error, null);
  deepEqual(await membershipsOf(database.sql, alice), [`${organization} owner`]);

  equal((await call(alice, "delete_organization")).error, null);
  await database.sql`
    update public.organizations set deleted_at = now() - interval '31 days' where id = ${organization}`;
  equal((await call(alice, "restore_organization")).status, 404);
  await database.sql`call private.run_job('purge-organizations')`.simple();
  const left = await database.sql`select from public.organizations where id = ${organization}`;
  equal(left.length, 0);
  const [run] = await database.sql`
    select outcome from private.job_runs where job_name = 'purge-organizations' order by id desc limit 1`;
  equal(run?.outcome, "succeeded");
});

Deno.test("an organization that cannot be purged does not delay others", async () => {
  await using database = openDatabase();
  const { sql } = database;
  const eve = await signUp("eve");
  const stuck = await makeOrganization(eve, "Stuck");
  const other = await makeOrganization(eve, "Other");
  await sql.unsafe(`
    create function private.e2e_refuse() returns trigger language plpgsql set search_path = ''
    as $$ begin raise exception 'not this one'; end $$;
    create trigger e2e_refuse before delete on public.organizations
    for each row when (old.id = '${stuck}') execute function private.e2e_refuse();
  `);
  try {
    // The one that fails is due first.
    await sql`update public.organizations set deleted_at = now() - interval '90 days' where id = ${stuck}`;
    await sql`update public.organizations set deleted_at = now() - interval '31 days' where id = ${other}`;
    await sql`call private.run_job('purge-organizations')`.simple().catch(() => {});
    const left = await sql`select id from public.organizations where id in (${stuck}, ${other})`;
    deepEqual(left.map(({ id }) => id), [stuck]);
    const failures = await sql`
      select item from private.job_failures where job_name = 'purge-organizations'`;
    deepEqual(failures.map(({ item }) => item), [stuck]);
  } finally {
    await sql`drop function private.e2e_refuse() cascade`;
    await sql`delete from private.job_failures where item = ${stuck}`;
    await sql`delete from public.organizations where id = ${stuck}`;
  }
});
