import { deepEqual, equal, ok } from "node:assert/strict";
import { completion } from "../../functions/support/upstream_server.ts";
import { makeKey } from "../support/access_keys.ts";
import { addAgent } from "../support/fault_vendor.ts";
import { openaiWith, openDatabase, signUp, stack } from "../support/stack.ts";
import { inboxOf, join, ledgerOf, makeOrganization, membershipsOf } from "../support/tenants.ts";
import { startVendor } from "../support/vendor.ts";

const messages = [{ role: "user" as const, content: "Hello." }];

Deno.test("a restricted access key reaches one agent of one organization, and nothing else", async () => {
  await using database = openDatabase();
  const { sql } = database;
  await using vendor = await startVendor(() => completion("hi"));
  const [sold] = await sql<{ vendor: string; service: string }[]>`
    select vendor_id as vendor, service_id as service from public.agents where id = ${vendor.agentId}`;
  ok(sold);
  const other = await addAgent(sql, sold.vendor, sold.service);
  const [alice, carol] = [await signUp("alice"), await signUp("carol")];
  const organization = await makeOrganization(alice, "Acme");
  await join(alice, organization, carol, "member");
  const key = await makeKey(carol, {
    organization_id: organization,
    scopes: ["chat"],
    agent_ids: [vendor.agentId],
    budget: { limit_usd: "1", period: "day" },
  });
  const { response } = await alice.openai.chat.completions
    .create({ model: vendor.model, messages }).withResponse();
  const hers = response.headers.get("x-session-id") ?? "";
  ok(hers);
  const before = await ledgerOf(sql, alice);

  const chat = async (model: string, headers = {}) =>
    await openaiWith(key.secret).chat.completions.create({ model, messages }, { headers })
      .then(() => 200, (error) => error.status);
  equal(await chat(vendor.model), 200);
  equal(await chat(other.name), 404, "an agent that is not on its list");
  equal(await chat(vendor.model, { "x-session-id": hers }), 404, "a session of another user");

  const ask = async (method: string, path: string, body?: object) => {
    const asked = await fetch(`${stack.API_URL}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key.secret}`,
        apikey: stack.PUBLISHABLE_KEY,
        "content-type": "application/json",
      },
      ...body && { body: JSON.stringify(body) },
    });
    return [asked.status, await asked.text()] as const;
  };
  const tries = [
    ["POST", "/functions/v1/embeddings", { model: vendor.model, input: "x" }],
    ["GET", "/functions/v1/keys"],
    ["POST", "/functions/v1/keys", { vendor_id: "openai", key: "sk-0123456789abcdefghij" }],
    ["POST", "/functions/v1/access-keys", { name: "Wider" }],
    ["POST", `/functions/v1/access-keys/${key.id}/rotate`, {}],
    ["GET", "/functions/v1/oauth-tokens/github"],
    ["POST", "/rest/v1/organizations", { name: "Eve", slug: `eve-${crypto.randomUUID()}` }],
    ["POST", "/rest/v1/organization_members", {
      organization_id: organization,
      user_id: carol.id,
      role: "owner",
    }],
    ["POST", "/rest/v1/budgets", { organization_id: organization, period: "day", limit_usd: 9 }],
    ["PATCH", `/rest/v1/access_keys?id=eq.${key.id}`, { scopes: ["chat", "embeddings"] }],
    ["PATCH", `/rest/v1/ai_interactions?user_id=eq.${carol.id}`, { status: "deleted" }],
    ["POST", "/rest/v1/rpc/invite_member", {
      organization_id: organization,
      email: carol.email,
      role: "admin",
    }],
    ["POST", "/rest/v1/rpc/delete_account", {}],
    ["GET", "/rest/v1/chat_messages?select=content&content=gte.a"],
    ["GET", "/rest/v1/ai_interactions?select=id"],
  ] as const;
  for (const [method, path, body] of tries) {
    const [status, text] = await ask(method, path, body);
    ok([401, 403, 404, 405].includes(status), `${method} ${path}: ${status} ${text}`);
    ok(!text.includes(key.secret), path);
  }

  deepEqual(await membershipsOf(sql, carol), [`${organization} member`]);
  deepEqual(await membershipsOf(sql, alice), [`${organization} owner`]);
  // That the invitation was accepted.
  equal(await inboxOf(sql, alice), 1);
  deepEqual(await ledgerOf(sql, alice), before);
  deepEqual((await ledgerOf(sql, carol)).map(({ agent, state }) => [agent, state]), [
    [vendor.model, "succeeded"],
  ]);
  equal(vendor.upstream.received.length, 2);
  const [kept] = await sql`
    select scopes, (select count(*)::integer from public.access_keys where user_id = ${carol.id}) as keys,
      (select count(*)::integer from public.user_api_keys where user_id = ${carol.id}) as stored,
      (select count(*)::integer from public.budgets where organization_id = ${organization}) as budgets
    from public.access_keys where id = ${key.id}`;
  deepEqual(kept, { scopes: ["chat"], keys: 1, stored: 0, budgets: 1 });
});
