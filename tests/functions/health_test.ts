import { deepEqual, doesNotMatch, equal } from "node:assert/strict";
import { createDatabase } from "../../functions/_shared/database.ts";
import type { LogFields } from "../../functions/_shared/log.ts";
import { healthDatabase } from "../../functions/health/db.ts";
import { handleHealth } from "../../functions/health/handler.ts";

/** A Data API on a loopback port, and the health function that asks it. */
function startHealth(answer: () => Response | Promise<Response>) {
  const asked: Headers[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    asked.push(new Headers(request.headers));
    return answer();
  });
  const lines: LogFields[] = [];
  const client = createDatabase({
    supabaseUrl: `http://127.0.0.1:${server.addr.port}`,
    secretKey: "sb_secret_4711",
  }, fetch);
  const deps = {
    database: healthDatabase(client),
    now: Date.now,
    log: (_level: string, fields: LogFields) => void lines.push(fields),
  };
  return {
    asked,
    lines,
    send: (method = "GET") =>
      handleHealth(new Request("http://127.0.0.1/health", { method }), deps),
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

Deno.test("health is ok when the database answers, for anyone", async () => {
  await using health = startHealth(() => Response.json([]));
  const response = await health.send();
  equal(response.status, 200);
  const { status, checks } = await response.json();
  deepEqual([status, checks.database.status], ["ok", "ok"]);
  equal(health.asked[0]?.get("apikey"), "sb_secret_4711");
});

Deno.test("health is degraded when the database does not answer, and keeps the reason to itself", async () => {
  const answer = { code: "PGRST001", message: "connection to db.internal refused" };
  await using health = startHealth(() => Response.json(answer, { status: 503 }));
  const response = await health.send();
  equal(response.status, 503);
  const text = await response.text();
  equal(JSON.parse(text).status, "degraded");
  doesNotMatch(text, /internal|4711/);
  equal(health.lines[0]?.cause, "database: PGRST001: connection to db.internal refused");
});

Deno.test("health answers HEAD without a body, and nothing but reads", async () => {
  await using health = startHealth(() => Response.json([]));
  const head = await health.send("HEAD");
  deepEqual([head.status, head.body], [200, null]);
  const post = await health.send("POST");
  deepEqual([post.status, post.headers.get("allow")], [405, "GET, HEAD, OPTIONS"]);
  await post.body?.cancel();
});

Deno.test("probes at the same time share one question to the database", async () => {
  const pause = Promise.withResolvers<void>();
  await using health = startHealth(async () => {
    await pause.promise;
    return Response.json([]);
  });
  const probes = Array.from({ length: 5 }, () => health.send());
  pause.resolve();
  const statuses = (await Promise.all(probes)).map(({ status }) => status);
  deepEqual([statuses, health.asked.length], [[200, 200, 200, 200, 200], 1]);
});
