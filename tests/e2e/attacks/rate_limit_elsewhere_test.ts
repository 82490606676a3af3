import { deepEqual, equal, ok } from "node:assert/strict";
import { completion } from "../../functions/support/upstream_server.ts";
import { openDatabase, signUp, stack } from "../support/stack.ts";
import { startVendor } from "../support/vendor.ts";

Deno.test("a member of several organizations is held to the rate limit of the one that pays", async () => {
  await using database = openDatabase();
  const { sql } = database;
  await using vendor = await startVendor(() => completion("hi"));
  const member = await signUp("member");
  const plan = `e2e_${crypto.randomUUID().replaceAll("-", "").slice(0, 12)}`;
  await sql`
    insert into public.plans (id, name, requests_per_minute, user_requests_per_minute)
    values (${plan}, ${plan}, 3, 1000)`;
  const [payer] = await sql<{ id: string }[]>`
    insert into public.organizations (name, slug, plan, created_by)
    values ('Payer', ${plan.replace("_", "-")}, ${plan}, ${member.id}) returning id`;
  ok(payer);
  // A conversation that it pays for, which the member continues from other organizations.
  const [session] = await sql<{ session_id: string }[]>`
    insert into public.chat_sessions (user_id, org_id, agent_id)
    values (${member.id}, ${payer.id}, ${vendor.agentId}) returning session_id`;
  const ask = async () => {
    const response = await fetch(`${stack.FUNCTIONS_URL}/chat/completions`, {
      method: "POST",
      headers: {
        "authorization": `Bearer ${member.accessToken}`,
        "content-type": "application/json",
        "x-session-id": session!.session_id,
      },
      body: JSON.stringify({ messages: [{ role: "user", content: "Hello." }] }),
    });
    await response.body?.cancel();
    return response.status;
  };
  const answers: number[] = [];
  for (let call = 0; call < 12; call++) answers.push(await ask());
  const passed = answers.filter((status) => status === 200).length;
  // Once in Redis and once in Postgres, where both count.
  ok(passed >= 3 && passed <= 6, answers.join());
  deepEqual(answers.slice(passed), Array(12 - passed).fill(429));
  const [turns] = await sql`
    select count(*)::int as paid from public.ai_interactions where organization_id = ${payer.id}`;
  equal(turns?.paid, passed, "the ledger has those that passed");
});
