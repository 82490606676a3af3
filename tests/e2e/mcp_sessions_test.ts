import { deepEqual, equal, match, ok } from "node:assert/strict";
import { openDatabase, signUp } from "./support/stack.ts";

Deno.test("supabase-js begins an MCP session, resumes it, and ends it", async () => {
  const ann = await signUp("ann");
  const { data: begun, error } = await ann.supabase.rpc("create_mcp_session", {
    state: { mcp_name: "ccrouter", type: "stdio" },
    lifetime: "2 hours",
  });
  equal(error, null);
  match(begun.session_id, /^mcp_/);
  const { data: resumed } = await ann.supabase.rpc("resume_mcp_session", {
    session_id: begun.session_id,
    lifetime: "30 days",
  });
  deepEqual(resumed.mcp_state, { mcp_name: "ccrouter", type: "stdio" });
  ok(Date.parse(resumed.expires_at) > Date.now() + 29 * 24 * 3600_000);

  const bob = await signUp("bob");
  const { session_id } = begun;
  for (
    const { error } of [
      await bob.supabase.rpc("resume_mcp_session", { session_id }),
      await bob.supabase.rpc("merge_mcp_state", { session_id, changes: {} }),
    ]
  ) {
    deepEqual([error?.code, error?.details], ["PT404", "mcp_session_not_found"]);
  }
  const ended = await ann.supabase.from("mcp_sessions").delete().eq("session_id", begun.session_id);
  equal(ended.error, null);
  const { error: gone } = await ann.supabase.rpc("resume_mcp_session", {
    session_id: begun.session_id,
  });
  equal(gone?.code, "PT404");
});

Deno.test("of 200 merges at once, from ten connections, none is lost", async () => {
  await using database = openDatabase();
  const ann = await signUp("ann");
  const { data: begun } = await ann.supabase.rpc("create_mcp_session", { state: { tools: {} } });
  const merges = Array.from({ length: 200 }, (_, number) => ({
    tools: { [`tool_${number}`]: { calls: number } },
    last: number,
  }));
  const lanes = Array.from({ length: 10 }, async (_, lane) => {
    for (let index = lane; index < merges.length; index += 10) {
      const { error } = await ann.supabase.rpc("merge_mcp_state", {
        session_id: begun.session_id,
        changes: merges[index],
      });
      equal(error, null);
    }
  });
  await Promise.all(lanes);
  const [row] = await database.sql`
    select mcp_state from public.mcp_sessions where session_id = ${begun.session_id}`;
  deepEqual(row!.mcp_state.tools, Object.assign({}, ...merges.map(({ tools }) => tools)));
});
