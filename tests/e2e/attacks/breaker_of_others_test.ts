import { deepEqual, equal } from "node:assert/strict";
import { completion } from "../../functions/support/upstream_server.ts";
import { openDatabase, type Person, signIn } from "../support/stack.ts";
import { startVendor } from "../support/vendor.ts";

Deno.test("a stranger's failed calls, however many, switch no agent off for others", async () => {
  await using database = openDatabase();
  // What a vendor does with a shape that only one caller sends.
  await using vendor = await startVendor((received) =>
    JSON.stringify(received.body).includes("provoke")
      ? Response.json({ error: { message: "oops" } }, { status: 500 })
      : completion("hi")
  );
  const [eve, alice] = [await signIn("eve"), await signIn("alice")];
  const ask = async (person: Person, content: string) =>
    await person.openai.chat.completions.create({
      model: vendor.model,
      messages: [{ role: "user", content }],
    }).then(() => 200, (error) => error.status);

  const failed = await Promise.all(Array.from({ length: 8 }, () => ask(eve, "provoke")));
  deepEqual(failed, Array(8).fill(502));
  equal(await ask(alice, "Hello."), 200, "the victim is answered");
  const [health] = await database.sql`
    select circuit_state, consecutive_failures, is_alerted from public.agent_health
    where agent_id = ${vendor.agentId}`;
  deepEqual({ ...health }, { circuit_state: "closed", consecutive_failures: 0, is_alerted: false });
  const turns = await database.sql<{ state: string; turns: number }[]>`
    select turn_state as state, count(*)::int as turns from public.ai_interactions
    where agent_id = ${vendor.agentId} group by 1 order by 1`;
  deepEqual([...turns], [{ state: "failed", turns: 8 }, { state: "succeeded", turns: 1 }]);
});
