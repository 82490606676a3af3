import { deepEqual, equal, match } from "node:assert/strict";
import { makeKey } from "../e2e/support/access_keys.ts";
import { openDatabase, signUp } from "../e2e/support/stack.ts";
import { startVendor } from "../e2e/support/vendor.ts";
import { ask, claudeCode, codex, completions, readsTheFile } from "./support/coding_agents.ts";

for (const [name, agent] of Object.entries({ "Codex CLI": codex, "Claude Code": claudeCode })) {
  Deno.test(`${name} runs the tool that a model calls, in two turns at their price`, async () => {
    await using vendor = await startVendor(readsTheFile(agent));
    await using database = openDatabase();
    const alice = await signUp("alice");
    const { secret } = await makeKey(alice);
    const access = { secret, model: vendor.model };
    const { code, said, calls } = await ask(agent, access, "What is the number?");
    match(said, /I was told: .*The number is 4711\./);
    equal(code, 0);
    const turns = await database.sql`
      select turn_state, input_tokens::integer, output_tokens::integer, total_cost > 0 as is_priced
      from public.ai_interactions where user_id = ${alice.id}`;
    const turn = { turn_state: "succeeded", input_tokens: 11, output_tokens: 7, is_priced: true };
    deepEqual([...turns], [turn, turn]);
    deepEqual([calls, completions(vendor.upstream)], [2, 2]);
    const sessions = await database.sql`
      select from public.chat_sessions where user_id = ${alice.id}`;
    equal(sessions.length, agent.isStored ? 1 : 0);
  });

  Deno.test(`${name} ends at the first refusal of a budget that is used up`, async () => {
    await using vendor = await startVendor(readsTheFile(agent));
    const alice = await signUp("alice");
    const budget = { limit_usd: "0.0000000001", period: "month" };
    const { secret } = await makeKey(alice, { budget });
    const { said, calls } = await ask(
      agent,
      { secret, model: vendor.model },
      "What is the number?",
    );
    match(said, /budget/);
    deepEqual([calls, completions(vendor.upstream)], [1, 0]);
  });
}
