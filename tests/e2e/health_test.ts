import { deepEqual, equal, match } from "node:assert/strict";
import { stack } from "./support/stack.ts";

Deno.test("GET /health answers every caller, after asking the database", async () => {
  const response = await fetch(`${stack.FUNCTIONS_URL}/health`);
  equal(response.status, 200);
  const { status, checks } = await response.json();
  deepEqual([status, checks.database.status], ["ok", "ok"]);
  const head = await fetch(`${stack.FUNCTIONS_URL}/health`, { method: "HEAD" });
  deepEqual([head.status, await head.text()], [200, ""]);
});

Deno.test("a page of any origin may call the functions and read their headers", async () => {
  for (const path of ["chat/completions", "models", "health"]) {
    const preflight = await fetch(`${stack.FUNCTIONS_URL}/${path}`, {
      method: "OPTIONS",
      headers: {
        "origin": "https://app.example.com",
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type,x-session-id",
      },
    });
    equal(preflight.status, 204, path);
    equal(preflight.headers.get("access-control-allow-origin"), "*", path);
    match(preflight.headers.get("access-control-allow-headers") ?? "", /x-session-id/, path);
    await preflight.body?.cancel();
  }
});
