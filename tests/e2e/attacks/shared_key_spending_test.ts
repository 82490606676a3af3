import { deepEqual, equal } from "node:assert/strict";
import { keyOf, type KeyVendor, newKey, startKeyVendor } from "../support/key_vendor.ts";
import { keysApi } from "../support/keys_api.ts";
import { openDatabase, type Person, signIn, stack } from "../support/stack.ts";

const ACME = "00000000-0000-4000-8000-0000000000ac";

/** Sends a chat, as nothing but HTTP. @returns its status and the code of its error */
async function chat(person: Person, body: object): Promise<[number, string | null]> {
  const response = await fetch(`${stack.FUNCTIONS_URL}/chat/completions`, {
    method: "POST",
    headers: {
      "authorization": `Bearer ${person.accessToken}`,
      "content-type": "application/json",
    },
    body: JSON.stringify({ messages: [{ role: "user", content: "Hello." }], ...body }),
  });
  return [response.status, (await response.json()).error?.code ?? null];
}

/** What the vendor was asked to sell with a key. */
function sold(vendor: KeyVendor, key: string) {
  return vendor.upstream.received.filter((received) => keyOf(received) === key)
    .map(({ body }) => {
      const { messages: _, ...rest } = body;
      return rest;
    });
}

Deno.test("a member cannot spend with a shared key what its organization's budget does not count", async () => {
  await using database = openDatabase();
  const { sql } = database;
  await using vendor = await startKeyVendor(sql);
  const [alice, carol] = [await signIn("alice"), await signIn("carol")];
  const key = newKey(vendor.good);
  const stored = await keysApi(stack.FUNCTIONS_URL, alice.accessToken)("POST", "/keys", {
    vendor_id: vendor.id,
    key,
    organization_id: ACME,
  });
  equal(stored.status, 201);
  await sql`update public.profiles set current_organization_id = ${ACME} where id = ${carol.id}`;
  await sql`
    update public.service_prices set output_rate = 1000 where service_id = ${`${vendor.id}_two`}`;
  const [budget] = await sql<{ id: string }[]>`
    insert into public.budgets (organization_id, user_id, period, limit_usd)
    values (${ACME}, ${carol.id}, 'day', 0.02)
    on conflict on constraint one_budget_per_scope_and_period do update
      set limit_usd = public.budgets.spent_usd + 0.02, is_active = true
    returning id`;
  try {
    const dear = { max_tokens: 1_000 };
    deepEqual(await chat(carol, { model: `${vendor.id}/two`, ...dear }), [402, "budget_exceeded"]);

    // The member's own agents: with a model by name only, without a price, and with another
    // service's price.
    const agents = await carol.supabase.from("agents").insert([
      { name: `named ${vendor.id}`, vendor_id: vendor.id, model_name: "two", status: "active" },
      { name: `priceless ${vendor.id}`, vendor_id: vendor.id, model_name: "six", status: "active" },
      {
        name: `cheap ${vendor.id}`,
        vendor_id: vendor.id,
        service_id: `${vendor.id}_one`,
        status: "active",
      },
    ]).select("id, name").order("name");
    equal(agents.error, null);
    const [cheap, named, priceless] = agents.data ?? [];
    const model = await carol.supabase.from("models").insert({
      agent_id: cheap?.id,
      name: "dear in disguise",
      model_id: "two",
      service_id: `${vendor.id}_one`,
      is_default: true,
    });
    equal(model.error, null);
    deepEqual(await chat(carol, { model: named?.id, ...dear }), [402, "budget_exceeded"]);
    deepEqual(await chat(carol, { model: priceless?.id, ...dear }), [400, "model_not_priced"]);
    deepEqual(await chat(carol, { model: cheap?.id, ...dear }), [200, null]);

    // Fields that buy something else, and parts whose cost no one knows.
    const wishes = {
      models: ["two"],
      service_tier: "priority",
      plugins: [{ id: "web" }],
      store: true,
    };
    deepEqual(await chat(carol, { model: vendor.model, ...dear, ...wishes }), [200, null]);
    const file = [{ type: "file", file: { file_id: "file-1" } }];
    const asked = { model: vendor.model, messages: [{ role: "user", content: file }] };
    equal((await chat(carol, asked))[0], 400);

    deepEqual(sold(vendor, key), [
      { model: "one", max_tokens: 1_000 },
      { model: "one", max_tokens: 1_000 },
    ]);
    const turns = await sql<{ priced: boolean; service_id: string }[]>`
      select total_cost > 0 as priced, service_id from public.ai_interactions
      where vendor_id = ${vendor.id} and turn_state = 'succeeded'`;
    deepEqual([...turns], Array(2).fill({ priced: true, service_id: vendor.service }));
    const [left] = await sql<{ within: boolean; reserved: string }[]>`
      select spent_usd > 0 and spent_usd <= limit_usd as within, reserved_usd::text as reserved
      from public.budgets where id = ${budget!.id}`;
    deepEqual([left?.within, Number(left?.reserved)], [true, 0]);
  } finally {
    await sql`delete from public.budgets where id = ${budget!.id}`;
    await sql`update public.profiles set current_organization_id = null where id = ${carol.id}`;
  }
});
