import { deepEqual, equal } from "node:assert/strict";
import { completion } from "../functions/support/upstream_server.ts";
import { makeKey } from "./support/access_keys.ts";
import { readRequests } from "./support/n8n_requests.ts";
import { eventually, signUp, stack } from "./support/stack.ts";
import { startVendor } from "./support/vendor.ts";
import {
  assertFailedAndRetried,
  callForRuns,
  makeWorkflow,
  readWorkflow,
} from "./support/workflows.ts";

/** Receives calls of the platform, like n8n's Webhook node. */
function startTaker() {
  const taken: unknown[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    taken.push(await request.json());
    return Response.json({ message: "Workflow was started" });
  });
  return { taken, port: server.addr.port, [Symbol.asyncDispose]: () => server.shutdown() };
}

Deno.test("the recorded requests of n8n have the same effect as with n8n itself, also when repeated", async () => {
  await using vendor = await startVendor(() => completion("It is noon."));
  await using taker = startTaker();
  const ann = await signUp("ann");
  const { secret } = await makeKey(ann, { scopes: ["chat", "workflows"] });
  const workflow = await makeWorkflow(ann);
  const publish_to = "http://127.0.0.1:1/";
  await callForRuns(ann, workflow, `http://127.0.0.1:${taker.port}/webhook/x`);
  const input = { question: "What time is it?", model: vendor.model, publish_to };
  const run = await ann.supabase.rpc("run_workflow", { workflow: workflow.id, input });
  equal(run.error, null);
  await eventually(() => Promise.resolve(taker.taken), ({ length }) => length === 1);
  const requests = await readRequests({
    secret,
    workflow_id: workflow.id,
    run_id: run.data.id,
    model: vendor.model,
    publish_to,
    n8n: "http://127.0.0.1:2",
  });
  for (const { path, headers, body } of requests) {
    const send = async () => {
      const response = await fetch(`${stack.FUNCTIONS_URL}${path}`, {
        method: "POST",
        headers,
        body: JSON.stringify(body),
      });
      return { status: response.status, answer: await response.json() };
    };
    const { status, answer } = await send();
    equal(status, 200, JSON.stringify(answer));
    if (path === "/workflow-events") {
      deepEqual((await send()).answer, { ...answer, thoughts_recorded: 0 });
    }
  }
  assertFailedAndRetried(await readWorkflow(ann, workflow), { id: run.data.id, input });

  // No turn begins in an execution that has ended, or that belongs to another tenant.
  const eve = await makeKey(await signUp("eve"), { scopes: ["chat", "workflows"] });
  const chat = async (key: string) => {
    const response = await fetch(`${stack.FUNCTIONS_URL}/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "x-execution-id": run.data.id },
      body: JSON.stringify({ model: vendor.model, messages: [{ role: "user", content: "Hi" }] }),
    });
    return [response.status, (await response.json()).error?.code];
  };
  deepEqual(await chat(secret), [409, "execution_finished"]);
  deepEqual(await chat(eve.secret), [404, "execution_not_found"]);
  const asked = vendor.upstream.received.filter(({ body }) =>
    body.messages?.some(({ content }: { content: string }) => content === "Hi")
  );
  equal(asked.length, 0);
});
