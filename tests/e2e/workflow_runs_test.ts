import { deepEqual, equal } from "node:assert/strict";
import { signWebhook } from "../../functions/_shared/crypto/webhook_signature.ts";
import { eventually, signUp, stack } from "./support/stack.ts";
import { makeWebhook, makeWorkflow } from "./support/workflows.ts";

/** A receiver that does what a workflow in n8n does: takes the call, and reports back, signed. */
function startWorkflow(secret: () => string) {
  const report = async (path: string, told: object) => {
    const body = JSON.stringify(told);
    const id = crypto.randomUUID();
    return await fetch(`${stack.FUNCTIONS_URL}/workflow-events${path}`, {
      method: "POST",
      headers: { ...await signWebhook({ id, at: Date.now(), body }, [secret()]) },
      body,
    });
  };
  const work = async ({ type, data }: { type: string; data: Record<string, string> }) => {
    if (type === "deployment.requested") {
      const { deployment_id } = data;
      await report("/deployments", { deployment_id, progress_percent: 50 });
      return await report("/deployments", { deployment_id, status: "deployed" });
    }
    const { workflow_id, run_id, input } = data;
    const of = { workflow_id, execution_id: "41" };
    await report("", { ...of, run_id, status: "running" });
    const thoughts = [{ node_id: "a", node_type: "action", content: "Done." }];
    return await report("", { ...of, thoughts, status: "success", output: { input } });
  };
  return Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    const call = await request.json();
    // As n8n does: it answers at once, and works afterwards.
    setTimeout(() => void work(call).then((answer) => answer.body?.cancel()), 0);
    return Response.json({ message: "Workflow was started" });
  });
}

Deno.test("a run and a deployment call their webhook, and its report is recorded", async () => {
  const ann = await signUp("ann");
  let secret = "";
  await using server = startWorkflow(() => secret);
  const webhook = await makeWebhook(ann, `http://127.0.0.1:${server.addr.port}/webhook/x`);
  secret = webhook.secret;
  const workflow = await makeWorkflow(ann);
  await ann.supabase.from("workflows")
    .update({ webhook_endpoint_id: webhook.id }).eq("id", workflow.id).throwOnError();
  await ann.supabase.from("agents")
    .update({ deployment_config: { webhook_endpoint_id: webhook.id } })
    .eq("id", workflow.agentId).throwOnError();
  const run = await ann.supabase.rpc("run_workflow", {
    workflow: workflow.id,
    input: { q: 1 },
  });
  equal(run.error, null);
  const ended = await eventually(
    async () =>
      (await ann.supabase.from("workflow_executions")
        .select("status, execution_id, output_data").eq("id", run.data.id).single()).data,
    (row) => row?.status === "success",
  );
  deepEqual(ended, { status: "success", execution_id: "41", output_data: { input: { q: 1 } } });
  const tree = await ann.supabase.rpc("agent_thought_tree", { execution: run.data.id });
  equal(tree.data.node_count, 1);

  const deployment = await ann.supabase.rpc("deploy_agent", { agent: workflow.agentId });
  equal(deployment.error, null);
  const live = await eventually(
    async () =>
      (await ann.supabase.from("deployments")
        .select("status, agents(status)").eq("id", deployment.data.id).single()).data,
    (row) => row?.status === "deployed",
  );
  deepEqual(live, { status: "deployed", agents: { status: "active" } });
});
