import { deepEqual, equal, ok } from "node:assert/strict";
import { makeKey } from "../e2e/support/access_keys.ts";
import { connect, follow, subscribe } from "../e2e/support/realtime.ts";
import { eventually, signUp } from "../e2e/support/stack.ts";
import { startVendor } from "../e2e/support/vendor.ts";
import { readRequests, writeRequests } from "../e2e/support/n8n_requests.ts";
import {
  assertFailedAndRetried,
  callForRuns,
  makeWorkflow,
  readExample,
  readWorkflow,
} from "../e2e/support/workflows.ts";
import { completion } from "../functions/support/upstream_server.ts";
import { startN8n } from "./support/n8n.ts";
import { startRecorder } from "./support/recorder.ts";

/** What the workflow publishes to: it is not there at first. */
function startPublisher() {
  let calls = 0;
  return Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    () => calls++ === 0 ? new Response("Try later.", { status: 500 }) : Response.json({}),
  );
}

Deno.test("n8n runs a workflow that is triggered, chats, reports, fails and is retried", async () => {
  await using vendor = await startVendor(() => completion("It is noon."));
  await using recorder = startRecorder();
  await using publisher = startPublisher();
  const ann = await signUp("ann");
  const { secret } = await makeKey(ann, { scopes: ["chat", "workflows"] });
  const workflow = await makeWorkflow(ann);
  const replaced = { "WORKFLOW-ID": workflow.id, "https://YOUR-PROJECT.supabase.co": recorder.url };
  const workflows = await Promise.all(
    ["answer.json", "report-failure.json"].map((name) => readExample(name, replaced)),
  );
  await using n8n = await startN8n({ workflows, authorization: `Bearer ${secret}` });
  await callForRuns(ann, workflow, `${n8n.url}/webhook/agentbase-answer`);

  // What a page follows.
  await using live = await connect(ann.accessToken);
  const changes = await follow(live, "workflow_executions", `workflow_id=eq.${workflow.id}`);
  const notifications = await follow(live, "notifications", `user_id=eq.${ann.id}`, "INSERT");
  const thoughts: string[] = [];
  const channel = live.supabase.channel(`user:${ann.id}`, { config: { private: true } })
    .on("broadcast", { event: "thoughts" }, ({ payload }) => thoughts.push(...payload.ids));
  await subscribe(channel, "SUBSCRIBED");

  const input = {
    question: "What time is it?",
    model: vendor.model,
    publish_to: `http://127.0.0.1:${publisher.addr.port}/`,
  };
  const run = await ann.supabase.rpc("run_workflow", { workflow: workflow.id, input });
  equal(run.error, null);
  const { executions: [failed] } = await eventually(
    () => readWorkflow(ann, workflow),
    ({ executions: [first] }) => first?.status === "error",
    60_000,
  );
  ok(failed);
  await n8n.retry(failed.execution_id);
  const found = await eventually(
    () => readWorkflow(ann, workflow),
    ({ executions: [, second] }) => second?.status === "success",
    60_000,
  );
  assertFailedAndRetried(found, { id: run.data.id, input });

  await eventually(() => Promise.resolve(thoughts), ({ length }) => length === 4);
  const statuses = () => changes.map(({ eventType, new: row }) => `${eventType} ${row.status}`);
  await eventually(() => Promise.resolve(statuses()), (all) => all.includes("INSERT success"));
  deepEqual([...new Set(statuses())], [
    "INSERT running",
    "UPDATE running",
    "UPDATE error",
    "INSERT success",
  ]);
  deepEqual(notifications.map(({ new: row }) => row.type), ["workflow_error"]);
  const values = {
    workflow_id: workflow.id,
    run_id: run.data.id,
    model: vendor.model,
    publish_to: input.publish_to,
    n8n: n8n.url,
  };
  if (Deno.env.has("RECORD")) await writeRequests(recorder.requests, values);
  deepEqual(recorder.requests, await readRequests(values));
});
