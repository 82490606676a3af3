import { equal } from "node:assert/strict";
import { firstModel } from "./first-model.ts";

Deno.test("the printed example uses a model whose vendor has a credential", async () => {
  const data = [
    { id: "ccrouter/gemini", owned_by: "vertexai" },
    { id: "droid/gpt-4o", owned_by: "openrouter" },
    { id: "mine/llama", owned_by: "my-vendor" },
  ];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    ({ headers }) =>
      headers.get("authorization") === "Bearer good"
        ? Response.json({ object: "list", data })
        : Response.json({ error: { message: "No" } }, { status: 401 }),
  );
  const FUNCTIONS_URL = `http://127.0.0.1:${server.addr.port}`;
  const cases = [
    [undefined, "ccrouter/gemini"],
    ["GITHUB_API_KEY", "ccrouter/gemini"],
    ["GITHUB_API_KEY,OPENROUTER_API_KEY", "droid/gpt-4o"],
    ["MY_VENDOR_SERVICE_ACCOUNT", "mine/llama"],
  ] as const;
  try {
    for (const [VENDOR_CREDENTIALS, model] of cases) {
      equal(await firstModel({ FUNCTIONS_URL, VENDOR_CREDENTIALS }, "good"), model);
    }
    equal(await firstModel({ FUNCTIONS_URL }, "bad"), "gemini-3.8-flash");
  } finally {
    await server.shutdown();
  }
});
