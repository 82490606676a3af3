import { deepEqual, doesNotMatch, equal, match } from "node:assert/strict";
import { createSecretKeys } from "../../../functions/_shared/auth/secret_key.ts";
import { createLog } from "../../../functions/_shared/core/log.ts";
import {
  bindingOfSecret,
  bindingOfUrl,
  verifyWebhook,
} from "../../../functions/_shared/crypto/webhook_signature.ts";
import { createGuardedFetch } from "../../../functions/_shared/net/guarded_fetch.ts";
import type { SealedWebhook, WebhookChange } from "../../../functions/webhooks/db.ts";
import { handleWebhooks } from "../../../functions/webhooks/handler.ts";
import type { Claim, Outcome } from "../../../functions/webhooks/schema.ts";
import { testKeyring, USER_ID } from "../support/oauth_fixture.ts";

const ORGANIZATION = "30000000-0000-4000-8000-000000000001";
const ENDPOINT = "e1000000-0000-4000-8000-000000000001";
const OUTBOX_KEY = "sb_secret_of_the_scheduler";

function start({ trustedHosts = ["127.0.0.1"], callMs = 2_000 } = {}) {
  const created: SealedWebhook[] = [];
  const changes: WebhookChange[] = [];
  const outbox: Claim[] = [];
  const outcomes: Outcome[] = [];
  const lines: string[] = [];
  const keyring = testKeyring();
  const shown = (id: string) => ({
    id,
    organization_id: ORGANIZATION,
    name: "Hook",
    kind: "webhook" as const,
    url_preview: "https://hooks.example.com",
    is_active: true,
  });
  const ask = (method: string, path: string, body?: object, key = "") =>
    handleWebhooks(
      new Request(`http://127.0.0.1${path}`, {
        method,
        headers: { authorization: "Bearer x", apikey: key },
        ...body === undefined ? {} : { body: JSON.stringify(body) },
      }),
      {
        log: createLog((line) => lines.push(line)),
        now: Date.now,
        keyring,
        trustedHosts,
        sleep: () => Promise.resolve(),
        secretKeys: createSecretKeys(new Map([["cron", OUTBOX_KEY]])),
        limits: { parallel: 4, callMs, roundMs: 30_000, lingerMs: 1 },
        guardedFetch: createGuardedFetch({ trustedHosts, timeoutMs: callMs, maxBytes: null }),
        authenticate: () => Promise.resolve({ userId: USER_ID, claims: {} }),
        database: {
          create: (_userId, webhook) => {
            created.push(webhook);
            return Promise.resolve(shown(webhook.id));
          },
          change: (_userId, id, change) => {
            changes.push(change);
            return Promise.resolve(shown(id));
          },
          claim: () => Promise.resolve(outbox.splice(0, 1)),
          record: (_claim, outcome) => {
            outcomes.push(outcome);
            return Promise.resolve();
          },
        },
      },
    );
  /** Creates a delivery to an address, signed with this number of secrets. Returns the secrets. */
  const enqueue = async (url: string, secretCount = 1) => {
    const secrets = await Promise.all(
      Array.from({ length: secretCount }, async (_, index) => {
        const plain = `whsec_${btoa(`secret number ${index}`.padEnd(32, "."))}`;
        const id = crypto.randomUUID();
        const ciphertext = await keyring.encrypt(plain, bindingOfSecret(id, ENDPOINT));
        return { plain, id, ciphertext };
      }),
    );
    outbox.push({
      id: crypto.randomUUID(),
      attempt: 1,
      endpoint_id: ENDPOINT,
      organization_id: ORGANIZATION,
      encrypted_url: await keyring.encrypt(url, bindingOfUrl(ENDPOINT, ORGANIZATION)),
      secrets: secrets.map(({ id, ciphertext }) => ({ id, ciphertext })),
      body: JSON.stringify({ type: "probe", data: { text: "Grüße" } }),
    });
    return secrets.map(({ plain }) => plain);
  };
  const deliver = async () =>
    (await ask("POST", "/webhooks/deliver", undefined, OUTBOX_KEY)).json();
  return { ask, enqueue, deliver, outbox, created, changes, outcomes, lines, keyring };
}

Deno.test("address and secret are stored as ciphertexts bound to their rows", async () => {
  const { ask, created, changes, lines, keyring } = start();
  const url = "https://hooks.example.com/services/T0/hush";
  const wanted = { organization_id: ORGANIZATION, name: "Hook", url };
  const response = await ask("POST", "/webhooks", wanted);
  equal(response.status, 201);
  const { secret } = await response.json();
  match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
  const [row] = created as [SealedWebhook];
  doesNotMatch(JSON.stringify(created) + lines.join(), /hush|whsec_/);
  equal(row.url_preview, "https://hooks.example.com");
  equal(await keyring.decrypt(row.encrypted_url, bindingOfUrl(row.id, ORGANIZATION)), url);
  const sealed = row.secret!;
  equal(await keyring.decrypt(sealed.ciphertext, bindingOfSecret(sealed.id, row.id)), secret);

  const rotated = await (await ask("POST", `/webhooks/${row.id}/rotate`, {})).json();
  equal(changes[0]?.secret?.grace_seconds, 86_400);
  equal(rotated.secret === secret, false);

  const slack = await ask("POST", "/webhooks", { ...wanted, kind: "slack" });
  equal((await slack.json()).secret, null);
  equal(created[1]?.secret, null);
});

Deno.test("what is no address is called so", async () => {
  const { ask } = start({ trustedHosts: [] });
  const response = await ask("POST", "/webhooks", {
    organization_id: ORGANIZATION,
    name: "Hook",
    url: "hooks",
  });
  equal((await response.json()).error.message, "Cannot call this address: it is not a URL.");
});

Deno.test("an internal address is refused when it is stored", async () => {
  const { ask, created } = start({ trustedHosts: [] });
  for (
    const url of [
      "http://hooks.example.com",
      "https://user:secret@hooks.example.com",
      "https://hooks.example.com:8443",
      "https://10.0.0.1/",
      "https://127.1/",
      "https://0x7f000001/",
      "https://169.254.169.254/latest/meta-data",
      "https://[::1]/",
      "https://[::ffff:10.0.0.1]/",
      "https://[fd00::1]/",
      "file:///etc/passwd",
      "hooks",
    ]
  ) {
    const response = await ask("POST", "/webhooks", {
      organization_id: ORGANIZATION,
      name: "Hook",
      url,
    });
    equal(response.status, 400, url);
    equal((await response.json()).error.code, "webhook_url_refused", url);
  }
  deepEqual(created, []);
});

Deno.test("a delivery is signed by each secret that is valid, over the bytes that are sent", async () => {
  const { enqueue, deliver, outcomes } = start();
  const received: { headers: Headers; body: string }[] = [];
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    async (request) => {
      received.push({ headers: request.headers, body: await request.text() });
      return new Response("ok");
    },
  );
  const secrets = await enqueue(`http://127.0.0.1:${server.addr.port}/hook`, 2);
  deepEqual(await deliver(), { run_id: null, delivered: 1, failed: 0 });
  const [{ headers, body }] = received as [typeof received[0]];
  for (const secret of secrets) {
    equal(await verifyWebhook(headers, body, [secret], Date.now()), "valid");
  }
  const other = `whsec_${btoa("x".repeat(32))}`;
  equal(await verifyWebhook(headers, body, [other], Date.now()), "invalid");
  equal(await verifyWebhook(headers, `${body} `, secrets, Date.now()), "invalid");
  equal(await verifyWebhook(headers, body, secrets, Date.now() + 301_000), "stale");
  equal(await verifyWebhook(new Headers(), body, secrets, Date.now()), "invalid");
  deepEqual(outcomes, [{ status_code: 200, error: null, retry_after_ms: null }]);
});

Deno.test("receivers that fail, hang or redirect are recorded, and none delays the others", async () => {
  const { enqueue, deliver, outcomes } = start();
  let followed = 0;
  const hang = Promise.withResolvers<void>();
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    async (request) => {
      const { pathname } = new URL(request.url);
      if (pathname === "/hang") await hang.promise;
      if (pathname === "/followed") followed++;
      if (pathname === "/away") {
        return new Response(null, {
          status: 307,
          headers: { location: "/followed" },
        });
      }
      if (pathname === "/busy") {
        return new Response("", {
          status: 429,
          headers: { "retry-after": "7" },
        });
      }
      // Only the status of the receiver's response matters.
      if (pathname === "/large") return new Response("x".repeat(5_000_000));
      if (pathname === "/endless") {
        return new Response(
          new ReadableStream({ start: (stream) => stream.enqueue(new Uint8Array(1)) }),
        );
      }
      return pathname === "/gone"
        ? new Response("x".repeat(5_000_000), { status: 410 })
        : new Response(null, { status: 204 });
    },
  );
  const at = (path: string) => `http://127.0.0.1:${server.addr.port}${path}`;
  for (const path of ["/hang", "/away", "/busy", "/gone", "/large", "/endless", "/well"]) {
    await enqueue(at(path));
  }
  deepEqual(await deliver(), { run_id: null, delivered: 3, failed: 4 });
  hang.resolve();
  equal(followed, 0);
  deepEqual(
    outcomes.map(({ status_code, error, retry_after_ms }) => [status_code, error, retry_after_ms])
      .toSorted((a, b) => String([a[1], a[0]]).localeCompare(String([b[1], b[0]]))),
    [
      [200, null, null],
      [200, null, null],
      [204, null, null],
      [410, "The receiver answered 410.", null],
      [429, "The receiver answered 429.", 7_000],
      [null, "The receiver did not answer in time.", null],
      [null, "The receiver redirects elsewhere, which is not followed.", null],
    ],
  );
});

Deno.test("no address inside a private network is called, whatever the name says", async () => {
  const { enqueue, deliver, outcomes } = start({ trustedHosts: [] });
  let calls = 0;
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, () => {
    calls++;
    return new Response();
  });
  const { port } = server.addr;
  for (
    const url of ["https://localhost/", `https://localhost:${port}/`, `http://127.0.0.1:${port}/`]
  ) {
    await enqueue(url);
  }
  deepEqual(await deliver(), { run_id: null, delivered: 0, failed: 3 });
  equal(calls, 0);
  deepEqual(
    outcomes.map(({ status_code, error }) => `${status_code} ${error}`).toSorted(),
    [
      "null The address may not be called: it is not a public one.",
      "null The address may not be called: only https is allowed.",
      "null The address may not be called: only port 443 is allowed.",
    ],
  );
});

Deno.test("only the scheduler and the operator start a round", async () => {
  const { ask } = start();
  equal((await ask("POST", "/webhooks/deliver")).status, 401);
  equal((await ask("POST", "/webhooks/deliver", undefined, "sb_secret_wrong")).status, 401);
});

Deno.test("a secret that cannot be decrypted is skipped, and a call is never unsigned", async () => {
  const { enqueue, deliver, outbox, outcomes, lines } = start();
  const received: Headers[] = [];
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    (request) => {
      received.push(new Headers(request.headers));
      return new Response(null);
    },
  );
  const url = `http://127.0.0.1:${server.addr.port}/`;
  const broken = {
    id: crypto.randomUUID(),
    ciphertext: "v1:gone:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA",
  };
  await enqueue(url);
  outbox[0]!.secrets.push(broken);
  deepEqual(await deliver(), { run_id: null, delivered: 1, failed: 0 });
  equal(received[0]!.get("webhook-signature")!.split(" ").length, 1);
  match(lines.join(), new RegExp(`webhook_secret_undecryptable.*${broken.id}`));

  await enqueue(url);
  outbox[0]!.secrets = [broken];
  deepEqual(await deliver(), { run_id: null, delivered: 0, failed: 1 });
  equal(received.length, 1);
  equal(outcomes[1]!.error, "Its address or secret cannot be decrypted.");
});
