import { deepEqual, equal } from "node:assert/strict";
import { makeKey } from "./support/access_keys.ts";
import { openDatabase, signUp, stack } from "./support/stack.ts";

Deno.test("a workflow reports with an access key, in any order and repeatedly", async () => {
  const ann = await signUp("ann");
  await using database = openDatabase();
  const [workflow] = await database.sql<{ id: string }[]>`
    with agent as (
      insert into public.agents (name, created_by)
      select 'Watch', id from auth.users where email = ${ann.email} returning id
    )
    insert into public.workflows (agent_id, name) select id, 'Hourly' from agent returning id`;
  const { secret } = await makeKey(ann, { scopes: ["workflows"] });
  const other = await makeKey(ann, { scopes: ["chat"] });
  const report = async (body: object, key = secret) => {
    const response = await fetch(`${stack.FUNCTIONS_URL}/workflow-events`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify({ workflow_id: workflow?.id, execution_id: 7, ...body }),
    });
    return { status: response.status, body: await response.json() };
  };

  const thoughts = [
    { node_id: "b", parent_node_id: "a", node_type: "output", content: "Done." },
    { node_id: "a", node_type: "input", content: "Look." },
  ];
  const end = { status: "success", output: { api_key: "hidden", answer: 42 } };
  equal((await report(end)).body.status, "success");
  equal((await report({ thoughts })).body.thoughts_recorded, 2);
  equal((await report({ thoughts })).body.thoughts_recorded, 0);
  equal((await report({ status: "running", input: { q: 1 } })).body.status, "success");
  const rows = await database.sql`
    select execution_id, status, input_data, output_data
    from public.workflow_executions where workflow_id = ${workflow?.id ?? null}`;
  deepEqual([...rows], [{
    execution_id: "7",
    status: "success",
    input_data: { q: 1 },
    output_data: { api_key: "[redacted]", answer: 42 },
  }]);

  const refused = async (answer: ReturnType<typeof report>) => {
    const { status, body } = await answer;
    return [status, body.error.code];
  };
  deepEqual(await refused(report({}, other.secret)), [403, "access_key_scope_missing"]);
  deepEqual(
    await refused(report({ workflow_id: crypto.randomUUID() })),
    [404, "workflow_not_found"],
  );
  deepEqual(await refused(report({ status: "paused" })), [400, "invalid_value"]);
  deepEqual(
    await refused(report({ thoughts: [{ ...thoughts[1], content: "x".repeat(5_000_000) }] })),
    [413, "request_too_large"],
  );
  const cyclic = [
    { node_id: "c", parent_node_id: "d", node_type: "action", content: "C" },
    { node_id: "d", parent_node_id: "c", node_type: "action", content: "D" },
  ];
  deepEqual(
    await refused(report({ execution_id: 8, thoughts: cyclic })),
    [409, "thought_cycle"],
  );

  // Requests that the Data API refuses.
  const { supabase } = ann;
  const cron = (expression: string) =>
    supabase.from("workflows").update({ trigger_config: { cron: expression }, status: "active" })
      .eq("id", workflow?.id);
  equal((await cron("0 0 31 2 *")).error?.details, "cron_never_fires");
  equal((await cron("every day")).error?.details, "invalid_cron");
  const reopened = await supabase.from("workflow_executions").update({ status: "error" })
    .eq("workflow_id", workflow?.id);
  equal(reopened.error?.details, "execution_finished");
  const unknown = await supabase.rpc("run_workflow", { workflow: crypto.randomUUID() });
  equal(unknown.error?.details, "workflow_not_found");

  // None of it is stored.
  const stored = await database.sql`
    select workflows.status, trigger_config, execution_count, error_count,
      (select count(*)::integer from public.agent_thoughts thoughts
       where thoughts.agent_id = workflows.agent_id) as thoughts
    from public.workflows where id = ${workflow?.id ?? null}`;
  deepEqual([...stored], [{
    status: "inactive",
    trigger_config: {},
    execution_count: 1,
    error_count: 0,
    thoughts: 2,
  }]);
});
