import { deepEqual, equal, match, ok } from "node:assert/strict";
import { connect, follow, subscribe, tokenOf } from "./support/realtime.ts";
import { eventually, openDatabase, signIn, signUp } from "./support/stack.ts";
import { join, makeOrganization } from "./support/tenants.ts";

/** Makes an agent by the Data API. @returns its id */
async function makeAgent(
  { supabase }: Awaited<ReturnType<typeof signUp>>,
  fields: Record<string, unknown>,
): Promise<string> {
  const { data, error } = await supabase.from("agents").insert({ name: "Agent", ...fields })
    .select("id").single();
  ok(data, error?.message);
  return data.id;
}

const kinds = (changes: { eventType: string }[]) => changes.map(({ eventType }) => eventType);

Deno.test("seed 003's subscriptions work as printed, for their user and no other", async () => {
  const [anna, ben] = await Promise.all([signUp("anna"), signUp("ben")]);
  await using annas = await connect(anna.accessToken);
  await using bens = await connect(ben.accessToken);
  const agentChanges: string[] = [];
  const told: string[] = [];
  const { supabase } = annas;
  const userId = anna.id;
  const handleAgentChange = ({ eventType }: { eventType: string }) => agentChanges.push(eventType);
  const handleNewNotification = (change: { new: { title?: string } }) =>
    told.push(String(change.new.title));

  // As printed, but for the callbacks of subscribe().
  const agentSubscription = supabase
    .channel("agent-changes")
    .on("postgres_changes", {
      event: "*",
      schema: "public",
      table: "agents",
      filter: `created_by=eq.${userId}`,
    }, handleAgentChange);
  await subscribe(agentSubscription, "SUBSCRIBED");
  const notificationSubscription = supabase
    .channel("user-notifications")
    .on("postgres_changes", {
      event: "INSERT",
      schema: "public",
      table: "notifications",
      filter: `user_id=eq.${userId}`,
    }, handleNewNotification);
  await subscribe(notificationSubscription, "SUBSCRIBED");

  const elsewhere = await follow(bens, "agents", `created_by=eq.${ben.id}`);
  const unfiltered = await follow(bens, "agents");
  const agent = await makeAgent(anna, { system_prompt: "Secret" });
  await anna.supabase.from("agents").update({ status: "active" }).eq("id", agent).throwOnError();
  await anna.supabase.from("agents").delete().eq("id", agent).throwOnError();
  await makeAgent(ben, {});
  await eventually(() => Promise.resolve(agentChanges), ({ length }) => length === 3);
  await eventually(() => Promise.resolve(told), ({ length }) => length === 1);
  await eventually(() => Promise.resolve(elsewhere), ({ length }) => length === 1);

  deepEqual(agentChanges, ["INSERT", "UPDATE", "DELETE"]);
  deepEqual(told, ["Agent Status Updated"]);
  deepEqual(kinds(elsewhere), ["INSERT"]);
  // Every subscriber receives the id of a deleted row, and nothing else.
  deepEqual(kinds(unfiltered), ["DELETE", "INSERT"]);
  deepEqual(unfiltered[0]?.old, { id: agent });
  equal(JSON.stringify(unfiltered).includes("Secret"), false);
});

Deno.test("changes have the form of hosted Realtime", async (test) => {
  const anna = await signUp("anna");
  await using live = await connect(anna.accessToken);
  await using database = openDatabase();
  const { sql } = database;

  await test.step("values are JSON, and old rows are there", async () => {
    const changes = await follow(live, "agents", `created_by=eq.${anna.id}`);
    const agent = await makeAgent(anna, {
      tags: ["a b", 'c"d', "null"],
      config: { deep: [1, null] },
    });
    await anna.supabase.from("agents").update({ temperature: 0.5 }).eq("id", agent).throwOnError();
    await eventually(() => Promise.resolve(changes), ({ length }) => length === 2);
    const [inserted, updated] = changes;
    deepEqual(inserted?.new.tags, ["a b", 'c"d', "null"]);
    deepEqual(inserted?.new.config, { deep: [1, null] });
    deepEqual([inserted?.old, inserted?.errors], [{}, null]);
    match(String(inserted?.new.created_at), /^\d{4}-\d\d-\d\dT[\d:.]+\+00:00$/);
    deepEqual([updated?.old.temperature, updated?.new.temperature], [null, 0.5]);
  });

  await test.step("a committed transaction is sent whole and in order, a rolled-back one never", async () => {
    const changes = await follow(live, "notifications", `user_id=eq.${anna.id}`);
    const insert = (from: number, to: number) =>
      sql`
      insert into public.notifications (user_id, type, title, message)
      select ${anna.id}, 'note', n, 'Many' from generate_series(${from}::integer, ${to}::integer) n`;
    await sql.unsafe("begin");
    await insert(5001, 5010);
    await sql.unsafe("rollback");
    await insert(1, 3000);
    await eventually(() => Promise.resolve(changes), ({ length }) => length === 3000);
    ok(changes.every((change, index) => change.new.title === String(index + 1)));
    await sql`delete from public.notifications where user_id = ${anna.id} and title <> '1'`;
    await eventually(() => Promise.resolve(changes), ({ length }) => length === 5999);
    deepEqual(Object.keys(changes.at(-1)?.old ?? {}), ["id"]);
  });

  await test.step("filters compare as Postgres does", async () => {
    const filters = {
      'name=in.(Bee,"C, D")': ["Bee", "C, D"],
      "name=not.eq.Bee": ["Ant", "C, D"],
      "name=like.B%": ["Bee"],
      "name=imatch.^a": ["Ant"],
      "temperature=gte.0.50": ["Bee"],
      "temperature=is.null": ["C, D"],
      "is_public=is.true": [],
      "is_public=eq.false": ["Ant", "Bee", "C, D"],
      "is_public=in.(true,t)": [],
      "created_at=gt.2020-01-01,is_public=isdistinct.yes": ["Ant", "Bee", "C, D"],
      "name=neq.Bee,temperature=lt.0.5": ["Ant"],
    };
    const received = new Map<string, { new: Record<string, unknown> }[]>();
    for (const filter of Object.keys(filters)) {
      received.set(filter, await follow(live, "agents", `created_by=eq.${anna.id},${filter}`));
    }
    const all = await follow(live, "agents", `created_by=eq.${anna.id}`);
    await makeAgent(anna, { name: "Ant", temperature: 0.1 });
    await makeAgent(anna, { name: "Bee", temperature: 0.5 });
    await makeAgent(anna, { name: "C, D" });
    await eventually(() => Promise.resolve(all), ({ length }) => length === 3);
    for (const [filter, names] of Object.entries(filters)) {
      deepEqual(received.get(filter)?.map((change) => change.new.name), names, filter);
    }
  });

  await test.step("a subscription that is not possible is answered with a system message", async () => {
    for (
      const [table, filter, words] of [
        ["user_api_keys", undefined, /Please check Realtime is enabled/],
        ["agents", "no_column=eq.1", /invalid column for filter no_column/],
        ["agents", "created_by=eq.me", /invalid input syntax for type uuid/],
        ["agents", "created_by~me", /Error parsing `filter` params/],
        ["agents", "name=match.(", /regular expression/],
      ] as const
    ) {
      const said: string[] = [];
      const channel = live.supabase.channel(`refused-${crypto.randomUUID()}`)
        .on("system", {}, ({ status, message }) => said.push(`${status} ${message}`))
        .on("postgres_changes", { event: "*", schema: "public", table, filter }, () => {});
      await subscribe(channel, "SUBSCRIBED");
      await eventually(() => Promise.resolve(said), ({ length }) => length > 0);
      match(said[0] ?? "", words);
      ok(said[0]?.startsWith("error"));
    }
  });

  await test.step("the older protocol version works too", async () => {
    await using old = await connect(anna.accessToken, "1.0.0");
    const changes = await follow(old, "notifications", `user_id=eq.${anna.id}`, "INSERT");
    await sql`
      insert into public.notifications (user_id, type, title, message)
      values (${anna.id}, 'note', 'Old', 'Form')`;
    await eventually(() => Promise.resolve(changes), ({ length }) => length === 1);
  });
});

Deno.test("row level security is evaluated for each event and each user", async (test) => {
  const [alice, dave, eve] = await Promise.all(["alice", "dave", "eve"].map(signIn));
  ok(alice && dave && eve);
  const organization = await makeOrganization(alice, "Live");
  await join(alice, organization, dave, "viewer");
  await using alices = await connect(alice.accessToken);
  await using daves = await connect(dave.accessToken);
  await using eves = await connect(eve.accessToken);
  await using visitor = await connect(null);
  const filter = `organization_id=eq.${organization}`;
  const followed = await Promise.all([
    follow(alices, "agents", filter),
    follow(daves, "agents", filter),
    follow(eves, "agents", filter, "INSERT"),
    follow(eves, "agents", undefined, "UPDATE"),
  ]);
  const [owners, members, strangers, everything] = followed;
  const seen = (expected: number) =>
    eventually(() => Promise.resolve(owners ?? []), ({ length }) => length === expected);

  await test.step("members receive changes, others do not", async () => {
    const agent = await makeAgent(alice, { organization_id: organization });
    await alice.supabase.from("agents").update({ notes: "1" }).eq("id", agent).throwOnError();
    await seen(2);
    deepEqual(followed.map((changes) => changes.length), [2, 2, 0, 0]);
  });

  await test.step("a caller without a token may not subscribe", async () => {
    const said: string[] = [];
    const channel = visitor.supabase.channel("visitor")
      .on("system", {}, ({ status, message }) => said.push(`${status} ${message}`))
      .on("postgres_changes", { event: "*", schema: "public", table: "agents", filter }, () => {
        said.push("leaked");
      });
    await subscribe(channel, "SUBSCRIBED");
    await eventually(() => Promise.resolve(said), ({ length }) => length > 0);
    match(said.join(), /^error .*invalid column for filter/);
  });

  await test.step("a member who is removed stops receiving", async () => {
    const { error } = await alice.supabase.from("organization_members").delete()
      .eq("organization_id", organization).eq("user_id", dave.id);
    equal(error, null);
    await makeAgent(alice, { organization_id: organization });
    await seen(3);
    deepEqual(followed.map((changes) => changes.length), [3, 2, 0, 0]);
  });

  await test.step("a policy that raises for one user hides the row from that user alone", async () => {
    await using database = openDatabase();
    const foreign = await tokenOf({ id: "auth0|42" }, 60);
    await using other = await connect(foreign);
    const [raising, own] = await Promise.all([
      follow(other, "notifications"),
      follow(alices, "notifications", `user_id=eq.${alice.id}`),
    ]);
    await database.sql`
      create policy "Raises" on public.notifications for select to authenticated
      using (((select auth.jwt()) ->> 'sub')::uuid is null)`;
    try {
      await database.sql`
        insert into public.notifications (user_id, type, title, message)
        values (${alice.id}, 'note', 'One', 'Two')`;
      await eventually(() => Promise.resolve(own), ({ length }) => length === 1);
      equal(raising.length, 0);
    } finally {
      await database.sql`drop policy "Raises" on public.notifications`;
    }
  });
  equal(everything?.length, 0);
  equal(strangers?.length, 0);
  equal(members?.length, 2);
});
