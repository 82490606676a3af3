import { deepEqual, equal, ok } from "node:assert/strict";
import { completion } from "../../functions/support/upstream_server.ts";
import { keyOf, newKey, startKeyVendor } from "../support/key_vendor.ts";
import { keysApi } from "../support/keys_api.ts";
import { eventually, openDatabase, type Person, signUp, stack } from "../support/stack.ts";
import { ledgerOf } from "../support/tenants.ts";
import { startVendor } from "../support/vendor.ts";

const PROMPT = "ALICE'S SECRET PROMPT";
const messages = [{ role: "user" as const, content: "Hello." }];

/** Shares an agent with a prompt and a configured model. @returns its id */
async function share(owner: Person, vendor: string, service: string, config = {}) {
  const { data, error } = await owner.supabase.from("agents").insert({
    name: "Helper",
    vendor_id: vendor,
    service_id: service,
    system_prompt: PROMPT,
    status: "active",
    is_public: true,
    config,
  }).select("id").single();
  ok(data, error?.message);
  const model = await owner.supabase.from("models").insert({
    agent_id: data.id,
    name: "default",
    model_id: "alices-secret-deployment",
    service_id: service,
    is_default: true,
    config: { region: "ALICE'S SECRET CONFIGURATION" },
  });
  equal(model.error, null, model.error?.message);
  return data.id as string;
}

const keep = (person: Person, vendor_id: string, key: string) =>
  keysApi(stack.FUNCTIONS_URL, person.accessToken)("POST", "/keys", { vendor_id, key });

Deno.test("eve's own key never carries the prompt of alice's public agent", async () => {
  await using database = openDatabase();
  await using sold = await startVendor(() => completion("hi"));
  await using own = await startKeyVendor(database.sql);
  const [alice, eve] = [await signUp("alice"), await signUp("eve")];
  const [service] = await database.sql<{ id: string; vendor_id: string }[]>`
    select services.id, services.vendor_id from public.vendor_services services
    join public.agents on agents.service_id = services.id where agents.id = ${sold.agentId}`;
  ok(service);
  const key = newKey(own.good);
  equal((await keep(eve, own.id, key)).status, 201);
  equal((await keep(eve, service.vendor_id, newKey())).status, 201);

  // One that a platform agent sells: the platform's credential, the service's name, no fallback.
  const agent = await share(alice, service.vendor_id, service.id, { fallbacks: [own.model] });
  await eve.openai.chat.completions.create({ model: agent, messages });
  const [call] = sold.upstream.received;
  ok(call);
  deepEqual([keyOf(call), call.body.model], ["e2e upstream key", service.id]);
  deepEqual(call.body.messages[0], { role: "system", content: PROMPT });
  const turns = await eventually(
    () => ledgerOf(database.sql, eve),
    (rows) => rows.length === 1 && rows[0]?.state === "succeeded",
  );
  deepEqual(turns[0]?.organization, `personal-${eve.id}`);
  ok(Number(turns[0]?.cost) > 0);
  deepEqual(await ledgerOf(database.sql, alice), []);

  // One that none sells: nothing is sent, nothing is booked, whatever the request asks for.
  const unsold = await share(alice, own.id, own.service, { fallbacks: [own.model] });
  for (const extra of [{}, { store: true }, { stream: true as const }]) {
    const refused = await eve.openai.chat.completions.create({ model: unsold, messages, ...extra })
      .catch((error) => error);
    deepEqual([refused.status, refused.code], [403, "agent_not_sold"]);
  }
  equal(own.upstream.received.filter(({ path }) => path.endsWith("/completions")).length, 0);
  equal((await ledgerOf(database.sql, eve)).length, 1);

  // Alice herself calls it with her own key.
  const hers = newKey(own.good);
  await keep(alice, own.id, hers);
  await alice.openai.chat.completions.create({ model: unsold, messages });
  const last = own.upstream.received.at(-1);
  ok(last);
  deepEqual([keyOf(last), last.body.model], [hers, "alices-secret-deployment"]);
});

Deno.test("eve and a visitor read only public fields of alice's public agent", async () => {
  const [alice, eve] = [await signUp("alice"), await signUp("eve")];
  const agent = await share(alice, "openai", "openai_gpt4o");
  await alice.supabase.from("agents").update({ is_published: true }).eq("id", agent);
  const headers = (token: string) => ({
    apikey: stack.PUBLISHABLE_KEY,
    authorization: `Bearer ${token}`,
  });
  const read = async (path: string, token: string) => {
    const response = await fetch(`${stack.API_URL}/rest/v1/${path}`, { headers: headers(token) });
    return await response.text();
  };
  const paths = [
    `agents?id=eq.${agent}`,
    `bots?id=eq.${agent}`,
    `ai_agents?id=eq.${agent}`,
    `public_agents?id=eq.${agent}`,
    `models?agent_id=eq.${agent}`,
    `models?select=*,agents(*)&agent_id=eq.${agent}`,
    `public_models?agent_id=eq.${agent}`,
    `agent_summary?id=eq.${agent}`,
    `agent_health?select=*,agents(*)&agent_id=eq.${agent}`,
  ];
  for (const token of [eve.accessToken, stack.PUBLISHABLE_KEY]) {
    for (const path of paths) {
      const text = await read(path, token);
      equal(/secret/i.test(text), false, `${path}: ${text}`);
    }
  }
  ok((await read(`public_models?agent_id=eq.${agent}`, eve.accessToken)).includes("default"));
  ok(/secret/i.test(await read(`models?agent_id=eq.${agent}`, alice.accessToken)));
});
