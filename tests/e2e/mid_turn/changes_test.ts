import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import postgres from "postgres";
import { makeKey } from "../support/access_keys.ts";
import { openGateway, VENDOR } from "../support/fault_gateway.ts";
import { scripted, startFaultUpstream, WORDS } from "../support/fault_upstream.ts";
import { addAgent, addVendor, costOf, dollars, removeVendor } from "../support/fault_vendor.ts";
import { keysApi } from "../support/keys_api.ts";
import { type Person, readKeyring, signUp, stack } from "../support/stack.ts";
import { type Change, CHANGES, type Scene } from "./changes.ts";

const USAGE = { prompt: 101, completion: 23, cached: 17 };
const COST = costOf({
  input_tokens: USAGE.prompt,
  output_tokens: USAGE.completion,
  cached_input_tokens: USAGE.cached,
});

/** When a change happens: before the first byte of the answer, or in the middle of it. */
type Moment = "before" | "between";

Deno.test("a turn is settled once, at the price of its begin, for its payer, whatever changes while it runs", async (test) => {
  const sql = postgres(stack.DB_URL, { max: 4, onnotice: () => {} });
  await using upstream = await startFaultUpstream();
  const gateway = openGateway({ keyEncryptionKeys: await readKeyring() });
  const owner = await signUp("owner");

  async function run(change: Change, isStream: boolean, moment: Moment): Promise<void> {
    const { vendor, service, agent } = await addVendor(sql, VENDOR, upstream.baseUrl);
    const fallback = await addAgent(sql, vendor, service);
    const [model] = await sql<{ id: string }[]>`
      insert into public.models (agent_id, name, service_id, is_default)
      values (${agent.id}, 'offered', ${service}, true) returning id`;
    ok(model);
    if (change.fallsBack) {
      await sql`
        update public.agents set config = ${sql.json({ fallbacks: [fallback.name] })}
        where id = ${agent.id}`;
    }
    const member = await signUp("member");
    const [organization] = await sql<{ id: string }[]>`
      insert into public.organizations (name, slug, created_by)
      values ('Payer', ${`payer-${crypto.randomUUID()}`}, ${owner.id}) returning id`;
    ok(organization);
    await sql`
      insert into public.organization_members (organization_id, user_id, role)
      values (${organization.id}, ${member.id}, 'member')`;
    await sql`
      update public.profiles set current_organization_id = ${organization.id} where id = ${member.id}`;
    await sql`
      insert into public.budgets (organization_id, period, limit_usd) values (${organization.id}, 'day', 10)`;

    const key = change.byKey
      ? await makeKey(member, { organization_id: organization.id })
      : undefined;
    const vendorKey = change.with === undefined
      ? null
      : await storeKey(change.with === "own" ? member : owner, organization.id, change.with);
    if (vendorKey !== null) {
      await sql`
        update public.agents set is_platform = false, organization_id = ${organization.id}
        where id in (${agent.id}, ${fallback.id})`;
    }
    const token = key?.secret ?? member.accessToken;
    const id = crypto.randomUUID();
    const scene: Scene = {
      sql,
      organization: organization.id,
      owner: owner.id,
      member: member.id,
      vendor,
      service,
      agent: agent.id,
      model: model.id,
      fallback: fallback.id,
      vendorKey,
      key: key?.id ?? "",
      session: async () => {
        const [session] = await sql<{ session_id: string }[]>`
          select session_id from public.chat_sessions where org_id = ${organization.id}`;
        return session?.session_id ?? "";
      },
    };
    upstream[moment](id, () => change.make(scene));
    const at = isStream ? 400 : 60;
    const script = { id, usage: USAGE, fault: { kind: "halves", at } } as const;
    const body = { model: agent.name, stream: isStream, max_tokens: 500 };
    const given = await gateway.chat(token, {
      ...body,
      messages: [{ role: "user", content: scripted(script) }],
    });
    await gateway.idle();
    deepStrictEqual([given.status, given.content], [200, WORDS.join("")], given.text);
    await expectSettled(scene, change, given.headers.get("x-request-id"));

    const ask = async () => {
      const asked = scripted({ ...script, id: crypto.randomUUID() });
      const answer = await gateway.chat(token, {
        ...body,
        messages: [{ role: "user", content: asked }],
      }, { "x-session-id": given.headers.get("x-session-id") ?? "" });
      await gateway.idle();
      return answer;
    };
    let next = await ask();
    // The turn counts by the limit of its begin, which it uses for a second only. The lowered limit
    // admits one call a minute, so that the one after it is refused at any speed.
    if (change.next === 429 && next.status === 200) next = await ask();
    strictEqual(next.status, change.next ?? 200, next.text);
  }

  async function expectSettled(
    { organization }: Scene,
    change: Change,
    requestId: string | null,
  ): Promise<void> {
    const turns = await sql`
      select turns.turn_state, turns.total_cost::text as cost, turns.organization_id, turns.usage_is_estimated,
        (select count(*)::int from private.running_turns running where running.id = turns.id) as running,
        (select sum(total_cost)::text from public.agent_executions where interaction_id = turns.id) as sold
      from public.ai_interactions turns where turns.request_id = ${requestId}`;
    deepStrictEqual(
      turns.map((turn) => ({ ...turn, cost: dollars(turn.cost), sold: dollars(turn.sold) })),
      change.losesLedger ? [] : [{
        turn_state: "succeeded",
        cost: COST,
        organization_id: organization,
        usage_is_estimated: false,
        running: 0,
        sold: COST,
      }],
    );
    const budgets = await sql<{ spent: string; reserved: string }[]>`
      select spent_usd::text as spent, reserved_usd::text as reserved from public.budgets
      where organization_id = ${organization}`;
    deepStrictEqual(
      budgets.map(({ spent, reserved }) => [dollars(spent), dollars(reserved)]),
      change.losesBudget || change.losesLedger ? [] : [[COST, 0n]],
    );
  }

  const cases = CHANGES.flatMap((change) =>
    [false, true].flatMap((isStream) =>
      (["before", "between"] as const).map((moment) => ({ change, isStream, moment }))
    )
  );
  const left = [...cases];
  await Promise.all(Array.from({ length: 4 }, async () => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) {
      const { change, isStream, moment } = one;
      await test.step({
        name: `${change.what}, ${isStream ? "stream" : "whole"}, ${moment}`,
        fn: () => run(change, isStream, moment),
        sanitizeOps: false,
        sanitizeResources: false,
        sanitizeExit: false,
      });
    }
  }));
  await removeVendor(sql, { vendor: VENDOR });
  await sql.end();
});

/** Stores a key of a person's for the vendor, and shares it with an organization. */
async function storeKey(
  person: Person,
  organization: string,
  whose: "own" | "shared",
): Promise<Scene["vendorKey"]> {
  const manage = keysApi(stack.FUNCTIONS_URL, person.accessToken);
  const stored = await manage("POST", "/keys", {
    vendor_id: VENDOR,
    key: `sk-e2e-${crypto.randomUUID()}`,
    ...whose === "shared" && { organization_id: organization },
  });
  strictEqual(stored.status, 201, JSON.stringify(stored.body));
  return { id: stored.body.id, manage };
}
