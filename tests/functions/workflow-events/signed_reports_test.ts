import { deepEqual, equal } from "node:assert/strict";
import { createTryLimiter, TRIES_A_MINUTE } from "../../../functions/_shared/auth/try_limiter.ts";
import { ApiError } from "../../../functions/_shared/core/errors.ts";
import {
  bindingOfSecret,
  signWebhook,
} from "../../../functions/_shared/crypto/webhook_signature.ts";
import type { LogFields } from "../../../functions/_shared/core/log.ts";
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

function start(hasKeys = true, broken: Broken[] = []) {
  const keyring = testKeyring();
  const reporters: Reporter[] = [];
  const logged: LogFields[] = [];
  const seal = async (secret: string) => {
    const id = crypto.randomUUID();
    const ciphertext = await keyring.encrypt(secret, bindingOfSecret(id, ENDPOINT));
    return { id, endpoint_id: ENDPOINT, ciphertext };
  };
  const signatureTries = createTryLimiter({
    now: Date.now,
    code: "too_many_invalid_signatures",
    failed: "Cannot check another signature",
    reason: "it sent too many invalid ones",
  });
  const send = (path: string, body: BodyInit, headers: Record<string, string>) =>
    handleWorkflowEvents(
      new Request(`http://127.0.0.1${path}`, { method: "POST", body, headers }),
      {
        signatureTries,
        clientAddressHeader: "x-client",
        log: (_level, fields) => logged.push(fields),
        now: Date.now,
        keyring: hasKeys ? keyring : null,
        authenticate: () => Promise.reject(new ApiError("missing_token", "No token.")),
        database: {
          secrets: async (subject) =>
            ("workflow" in subject
                ? subject.workflow === WORKFLOW
                : subject.deployment === DEPLOYMENT)
              ? [...broken, await seal(NEW), await seal(OLD)]
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
  return { send, reporters, logged };
}

/** A secret that no key can decrypt. */
type Broken = { id: string; endpoint_id: string; ciphertext: string };

const another = (good: Record<string, string>) => ({
  ...good,
  "webhook-timestamp": String(Number(good["webhook-timestamp"]) + 1),
});
const body = (workflow = WORKFLOW) => JSON.stringify({ workflow_id: workflow, execution_id: "1" });
const sign = async (text: string, secret: string, at = Date.now()) => ({
  ...await signWebhook({ id: "r1", at, body: text }, [secret]),
});

Deno.test("a report is accepted with the signature of its webhook's current or replaced secret", async () => {
  const { send, reporters } = start();
  for (const secret of [NEW, OLD]) {
    equal((await send("/workflow-events", body(), await sign(body(), secret))).status, 200);
  }
  const told = JSON.stringify({ deployment_id: DEPLOYMENT, progress_percent: 5 });
  equal((await send("/workflow-events/deployments", told, await sign(told, NEW))).status, 200);
  deepEqual(reporters, Array(3).fill({ webhook: ENDPOINT }));
});

Deno.test("a wrong, old or incomplete signature is refused", async () => {
  const { send, reporters } = start();
  const good = await sign(body(), NEW);
  const unknown = body(DEPLOYMENT);
  const cases: [string, string, Record<string, string>, string][] = [
    ["another secret", body(), await sign(body(), OTHER), "invalid_signature"],
    ["another body", `${body()} `, good, "invalid_signature"],
    ["another id", body(), { ...good, "webhook-id": "r2" }, "invalid_signature"],
    ["another time", body(), another(good), "invalid_signature"],
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

Deno.test("an address that the database does not accept is refused before the call", async () => {
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

Deno.test("a secret that cannot be decrypted does not keep the others from verifying", async () => {
  const id = crypto.randomUUID();
  const broken = {
    id,
    endpoint_id: ENDPOINT,
    ciphertext: "v1:gone:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA",
  };
  const { send, reporters, logged } = start(true, [broken]);
  for (const secret of [NEW, OLD]) {
    equal((await send("/workflow-events", body(), await sign(body(), secret))).status, 200);
  }
  equal(reporters.length, 2);
  const events = logged.filter(({ event }) => event === "webhook_secret_undecryptable");
  deepEqual(events.map(({ secret_id }) => secret_id), [id, id]);
});

Deno.test("a request without a complete signature is refused before its body is read", async () => {
  const { send } = start();
  let pulled = 0;
  const endless = () =>
    new ReadableStream({
      pull(controller) {
        pulled++;
        controller.enqueue(new Uint8Array(64 * 1024));
      },
    }, { highWaterMark: 0 });
  const good = await sign(body(), NEW);
  for (
    const headers of [
      { ...good, "webhook-timestamp": "1" },
      { ...good, "webhook-signature": "v1,%%%" },
      { ...good, "webhook-id": "a.b" },
    ]
  ) equal((await send("/workflow-events", endless(), headers)).status, 401);
  equal(pulled, 0);
});

Deno.test("an address that sends many wrong signatures is limited, others are not", async () => {
  const { send, reporters } = start();
  const wrong = await sign(body(), OTHER);
  for (let tries = 0; tries < TRIES_A_MINUTE; tries++) {
    equal(
      (await send("/workflow-events", body(), { ...wrong, "x-client": "192.0.2.1" })).status,
      401,
    );
  }
  const right = await sign(body(), NEW);
  const refused = await send("/workflow-events", body(), { ...right, "x-client": "192.0.2.1" });
  equal(refused.status, 429);
  equal((await refused.json()).error.code, "too_many_invalid_signatures");
  equal(Number(refused.headers.get("retry-after")) > 0, true);
  equal(
    (await send("/workflow-events", body(), { ...right, "x-client": "192.0.2.2" })).status,
    200,
  );
  equal(reporters.length, 1);
});

Deno.test("a limited address can still report about executions that it has reported on before", async () => {
  const { send, reporters } = start();
  const client = { "x-client": "192.0.2.1" };
  const right = { ...await sign(body(), NEW), ...client };
  equal((await send("/workflow-events", body(), right)).status, 200);
  const unknown = body(DEPLOYMENT);
  const wrong = { ...await sign(unknown, OTHER), ...client };
  for (let tries = 0; tries < TRIES_A_MINUTE; tries++) {
    equal((await send("/workflow-events", unknown, wrong)).status, 401);
  }
  equal((await send("/workflow-events", unknown, wrong)).status, 429);
  equal((await send("/workflow-events", body(), right)).status, 200);
  equal(reporters.length, 2);
});
