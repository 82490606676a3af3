import { deepEqual, equal, match, ok } from "node:assert/strict";
import { pathInProject } from "../../../scripts/common/path-in-project.ts";
import { type Person, stack } from "./stack.ts";

/** A workflow of a person's agent. */
export interface OwnWorkflow {
  id: string;
  agentId: string;
}

/** Makes an agent with a workflow, which only n8n starts until it has a webhook. */
export async function makeWorkflow({ supabase }: Person): Promise<OwnWorkflow> {
  const agent = await supabase.from("agents").insert({ name: "Watch" }).select("id").single();
  ok(agent.data, agent.error?.message);
  const workflow = await supabase.from("workflows")
    .insert({ agent_id: agent.data.id, name: "Hourly" }).select("id").single();
  ok(workflow.data, workflow.error?.message);
  return { id: workflow.data.id, agentId: agent.data.id };
}

/** Makes a webhook of a person's own organization. @returns its id and its secret */
export async function makeWebhook(
  person: Person,
  url: string,
): Promise<{ id: string; secret: string }> {
  const home = await person.supabase.from("organizations")
    .select("id").eq("is_personal", true).eq("created_by", person.id).single();
  const made = await fetch(`${stack.FUNCTIONS_URL}/webhooks`, {
    method: "POST",
    headers: { authorization: `Bearer ${person.accessToken}` },
    body: JSON.stringify({ organization_id: home.data?.id, name: "n8n", url }),
  });
  equal(made.status, 201);
  return await made.json();
}

/** Has the platform call an address to start a workflow. */
export async function callForRuns(
  person: Person,
  workflow: OwnWorkflow,
  url: string,
): Promise<void> {
  const { id } = await makeWebhook(person, url);
  await person.supabase.from("workflows")
    .update({ webhook_endpoint_id: id }).eq("id", workflow.id).throwOnError();
}

/** The state of a workflow in the ledger, the counters and the trees. */
export async function readWorkflow({ supabase }: Person, { id }: OwnWorkflow) {
  const { data: counters } = await supabase.from("workflows")
    .select("execution_count, success_count, error_count").eq("id", id).single();
  const { data: executions } = await supabase.from("workflow_executions")
    .select("id, execution_id, status, input_data, output_data, error_data")
    .eq("workflow_id", id).order("started_at");
  const trees = await Promise.all((executions ?? []).map(async ({ id: execution }) => {
    const { data } = await supabase.rpc("agent_thought_tree", { execution });
    return data.nodes.map((node: Record<string, string> & { turn: Record<string, string> }) => ({
      node: node.node_id?.replace(/^req_.*/, "turn"),
      parent: node.parent_node_id,
      content: node.content,
      model: node.turn?.model_name ?? null,
    }));
  }));
  return { counters, executions: executions ?? [], trees };
}

/** A workflow of `examples/n8n`, with the placeholders replaced. */
export async function readExample(
  name: string,
  replacements: Readonly<Record<string, string>>,
  // deno-lint-ignore no-explicit-any -- a workflow has whatever n8n exports
): Promise<any> {
  const text = await Deno.readTextFile(pathInProject(`examples/n8n/${name}`));
  return JSON.parse(
    Object.entries(replacements).reduce((all, [from, to]) => all.replaceAll(from, to), text),
  );
}

/** Asserts the state after n8n's examples have failed at the node `Publish` and were retried. */
export function assertFailedAndRetried(
  { counters, executions: [failed, retried], trees }: Awaited<ReturnType<typeof readWorkflow>>,
  run: { id: string; input: { question: string; model: string } },
): void {
  deepEqual(counters, { execution_count: 2, success_count: 1, error_count: 1 });
  deepEqual([failed?.id, failed?.status, failed?.input_data], [run.id, "error", run.input]);
  equal(failed?.error_data.node, "Publish");
  match(failed?.error_data.message, /was not able to process/);
  deepEqual([retried?.status, retried?.output_data], ["success", { answer: "It is noon." }]);
  const { question, model } = run.input;
  const chat = `Chat with ${model}`;
  deepEqual(trees, [
    [
      { node: "question", parent: null, content: question, model: null },
      { node: "turn", parent: "question", content: chat, model: "vendor-model-0613" },
      { node: "answer", parent: "question", content: "It is noon.", model: null },
    ],
    [{ node: "published", parent: "answer", content: "Published.", model: null }],
  ]);
}
