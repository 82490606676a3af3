import { deepEqual, equal, rejects } from "node:assert/strict";
import { verifyWebhook } from "../../functions/_shared/crypto/webhook_signature.ts";
import { openDatabase, signUp, stack } from "./support/stack.ts";

Deno.test("a delivery reaches its receiver at once, signed with both secrets during a rotation", async () => {
  const ann = await signUp("ann");
  await using database = openDatabase();
  const received: { headers: Headers; body: string }[] = [];
  const arrived = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    async (request) => {
      received.push({ headers: request.headers, body: await request.text() });
      arrived[received.length - 1]?.resolve();
      return new Response();
    },
  );
  const ask = async (path: string, body: object) => {
    const response = await fetch(`${stack.FUNCTIONS_URL}/webhooks${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${ann.accessToken}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: await response.json() };
  };
  const [home] = await database.sql<{ id: string }[]>`
    select organizations.id from public.organizations join auth.users on users.id = created_by
    where email = ${ann.email} and is_personal`;
  const url = `http://127.0.0.1:${server.addr.port}/hook`;
  const made = await ask("", { organization_id: home?.id, name: "Mine", url });
  equal(made.status, 201);
  const id: string = made.body.id;
  const send = () => database.sql`select private.enqueue_webhook(${id}, 'probe.sent', '{"n": 1}')`;

  await send();
  await arrived[0]?.promise;
  const rotated = await ask(`/${id}/rotate`, {});
  await send();
  await arrived[1]?.promise;
  const [first, second] = received as [typeof received[0], typeof received[0]];
  const { secret } = made.body;
  equal(await verifyWebhook(first.headers, first.body, [secret], Date.now()), "valid");
  for (const one of [secret, rotated.body.secret]) {
    equal(await verifyWebhook(second.headers, second.body, [one], Date.now()), "valid");
  }
  equal(JSON.parse(first.body).type, "probe.sent");

  const rest = async (path: string) =>
    await (await fetch(`${stack.API_URL}/rest/v1/${path}`, {
      headers: { authorization: `Bearer ${ann.accessToken}`, apikey: stack.PUBLISHABLE_KEY },
    })).json();
  const rows = await rest("webhook_deliveries?select=event_type,endpoint_id");
  deepEqual(rows, Array(2).fill({ event_type: "probe.sent", endpoint_id: id }));
  equal((await rest("webhook_endpoints?select=encrypted_url")).code, "42501");
  equal((await rest("webhook_secrets")).code, "42501");
  await rejects(database.sql`select private.enqueue_webhook(${id}, 'Bad type', '{}')`);
});
