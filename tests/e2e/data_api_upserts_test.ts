import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { signUp } from "./support/stack.ts";

Deno.test("a signed-in user can upsert with supabase-js", async () => {
  const ann = await signUp("ann");
  const { supabase } = ann;
  for (const relation of ["profiles", "users"]) {
    const updates = {
      id: ann.id,
      full_name: `Ann of ${relation}`,
      avatar_url: "https://example.com/a.png",
      updated_at: new Date().toISOString(),
    };
    const { data, error } = await supabase.from(relation).upsert(updates).select("full_name")
      .single();
    strictEqual(error, null, `${relation}: ${JSON.stringify(error)}`);
    strictEqual(data?.full_name, updates.full_name);
  }

  const agent = { id: crypto.randomUUID(), name: "Ann's" };
  for (const relation of ["agents", "bots"]) {
    for (const name of ["Ann's", `Ann's in ${relation}`]) {
      const { data, error } = await supabase.from(relation).upsert({ ...agent, name }).select(
        "id, name",
      );
      strictEqual(error, null, `${relation}: ${JSON.stringify(error)}`);
      deepStrictEqual(data, [{ id: agent.id, name }]);
    }
  }

  for (const value of [{ a: 1 }, { a: 2 }]) {
    const { data, error } = await supabase.from("ai_agent_configs").upsert({
      agent_id: agent.id,
      user_id: ann.id,
      config_key: "k",
      config_value: value,
    }, { onConflict: "agent_id,user_id,config_key" }).select("config_value");
    strictEqual(error, null, JSON.stringify(error));
    deepStrictEqual(data, [{ config_value: value }]);
  }

  // Postgres does not support ON CONFLICT for a view of more than one table.
  const session = await supabase.from("agent_sessions").upsert({ id: agent.id, channel: "web" });
  strictEqual(
    ["42P10", "42501"].includes(session.error?.code ?? ""),
    true,
    JSON.stringify(session),
  );

  const { data: profile } = await supabase.from("profiles").select("current_organization_id")
    .single();
  for (const limit_usd of [5, 6]) {
    const { error } = await supabase.from("budgets").upsert({
      organization_id: profile?.current_organization_id,
      period: "day",
      limit_usd,
    }, { onConflict: "organization_id,user_id,agent_id,access_key_id,period" });
    strictEqual(error, null, JSON.stringify(error));
  }
  const { data: budgets } = await supabase.from("budgets").select("limit_usd");
  deepStrictEqual(budgets, [{ limit_usd: 6 }]);
});

Deno.test("an upsert of another user's row changes nothing", async () => {
  const ann = await signUp("ann");
  const eve = await signUp("eve");
  const id = crypto.randomUUID();
  await ann.supabase.from("agents").insert({ id, name: "Ann's" });
  for (const relation of ["agents", "bots", "ai_agents"]) {
    const { error } = await eve.supabase.from(relation).upsert({ id, name: "Eve's" });
    strictEqual(["42501", "23505"].includes(error?.code ?? ""), true, JSON.stringify(error));
  }
  const profile = await eve.supabase.from("profiles").upsert({ id: ann.id, full_name: "Eve's" });
  strictEqual(profile.error?.code, "42501");
  const { data } = await ann.supabase.from("agents").select("name").eq("id", id);
  deepStrictEqual(data, [{ name: "Ann's" }]);
});
