import { deepEqual, equal } from "node:assert/strict";
import { ApiError } from "../../../functions/_shared/core/errors.ts";
import {
  bindingOfSecret,
  signWebhook,
} from "../../../functions/_shared/crypto/webhook_signature.ts";
import type { Reporter } from "../../../functions/workflow-events/db.ts";
import { handleWorkflowEvents } from "../../../functions/workflow-events/handler.ts";
import { testKeyring } from "../support/oauth_fixture.ts";

const WORKFLOW = "c0000000-0000-4000-8000-000000000001";
const DEPLOYMENT = "d0000000-0000-4000-8000-000000000001";
const ENDPOINT = "e1000000-0000-4000-8000-000000000001";
const [OLD, NEW, OTHER] = ["old", "new", "other"].map((name) =>
  `whsec_${btoa(name.padEnd(32, "."))}`
) as [
  string,
  string,
  string,
];

function start(hasKeys = true) {
  const keyring = testKeyring();
  const reporters: Reporter[] = [];
  const seal = async (secret: string) => {
    const id = crypto.randomUUID();
    const ciphertext = await keyring.encrypt(secret, bindingOfSecret(id, ENDPOINT));
    return { id, endpoint_id: ENDPOINT, ciphertext };
  };
  const send = (path: string, body: string, headers: Record<string, string>) =>
    handleWorkflowEvents(
      new Request(`http://127.0.0.1${path}`, { method: "POST", body, headers }),
      {
        log: () => {},
        now: Date.now,
        keyring: hasKeys ? keyring : null,
        authenticate: () => Promise.reject(new ApiError("missing_token", "No token.")),
        database: {
          secrets: async (subject) =>
            ("workflow" in subject
                ? subject.workflow === WORKFLOW
                : subject.deployment === DEPLOYMENT)
              ? [await seal(NEW), await seal(OLD)]
              : [],
          report: (reporter) => {
            reporters.push(reporter);
            return Promise.resolve({
              id: WORKFLOW,
              execution_id: "1",
              status: "running",
              thoughts_recorded: 0,
            });
          },
          reportDeployment: (reporter) => {
            reporters.push(reporter);
            return Promise.resolve({
              id: DEPLOYMENT,
              version: 1,
              status: "deploying",
              progress_percent: 5,
            });
          },
        },
      },
    );
  return { send, reporters };
}

const body = (workflow = WORKFLOW) => JSON.stringify({ workflow_id: workflow, execution_id: "1" });
const sign = async (text: string, secret: string, at = Date.now()) => ({
  ...await signWebhook({ id: "r1", at, body: text }, [secret]),
});

Deno.test("a report is taken from the webhook whose secret signed it, the replaced one too", async () => {
  const { send, reporters } = start();
  for (const secret of [NEW, OLD]) {
    equal((await send("/workflow-events", body(), await sign(body(), secret))).status, 200);
  }
  const told = JSON.stringify({ deployment_id: DEPLOYMENT, progress_percent: 5 });
  equal((await send("/workflow-events/deployments", told, await sign(told, NEW))).status, 200);
  deepEqual(reporters, Array(3).fill({ webhook: ENDPOINT }));
});

Deno.test("a wrong, old or incomplete signature reports nothing", async () => {
  const { send, reporters } = start();
  const good = await sign(body(), NEW);
  const unknown = body(DEPLOYMENT);
  const cases: [string, string, Record<string, string>, string][] = [
    ["another secret", body(), await sign(body(), OTHER), "invalid_signature"],
    ["another body", `${body()} `, good, "invalid_signature"],
    ["another id", body(), { ...good, "webhook-id": "r2" }, "invalid_signature"],
    ["another time", body(), { ...good, "webhook-timestamp": "1" }, "invalid_signature"],
    ["no id", body(), { "webhook-signature": good["webhook-signature"] }, "invalid_signature"],
    ["an unknown workflow", unknown, await sign(unknown, NEW), "invalid_signature"],
    ["a replay", body(), await sign(body(), NEW, Date.now() - 301_000), "signature_expired"],
    ["a time ahead", body(), await sign(body(), NEW, Date.now() + 305_000), "signature_expired"],
    ["no signature", body(), {}, "missing_token"],
  ];
  for (const [what, text, headers, code] of cases) {
    const response = await send("/workflow-events", text, headers);
    equal(response.status, 401, what);
    equal((await response.json()).error.code, code, what);
  }
  deepEqual(reporters, []);
});

Deno.test("without encryption keys no signature is accepted", async () => {
  const { send, reporters } = start(false);
  const response = await send("/workflow-events", body(), await sign(body(), NEW));
  equal(response.status, 503);
  equal((await response.json()).error.code, "keys_not_configured");
  deepEqual(reporters, []);
});

Deno.test("an address that the database does not take is refused before", async () => {
  const { send, reporters } = start();
  for (
    const url of ["https://a.example/{id}", "https://a.example/a|b", "https://a.example/?q=a b"]
  ) {
    const told = JSON.stringify({ deployment_id: DEPLOYMENT, deployment_url: url });
    const response = await send("/workflow-events/deployments", told, await sign(told, NEW));
    equal(response.status, 400, url);
    equal((await response.json()).error.param, "deployment_url", url);
  }
  deepEqual(reporters, []);
});
