import { deepEqual, equal, match } from "node:assert/strict";
import { handleV1 } from "../../../functions/v1/handler.ts";

const ask = (path: string, method = "POST") =>
  handleV1(
    new Request(`http://127.0.0.1${path}`, { method, headers: { origin: "https://a.example" } }),
    { log: () => {}, now: Date.now },
  );

Deno.test("a client whose base URL repeats /v1 is redirected to the right path", async () => {
  for (
    const [method, path, location] of [
      ["POST", "/v1/chat/completions", "/functions/v1/chat/completions"],
      ["POST", "/functions/v1/v1/messages?beta=true", "/functions/v1/messages?beta=true"],
      ["POST", "//v1//messages/count_tokens/", "/functions/v1/messages/count_tokens"],
      ["POST", "/v1/v1/v1/responses", "/functions/v1/responses"],
      ["GET", "/v1/models/droid%2Fgpt%204?a=b", "/functions/v1/models/droid/gpt%204?a=b"],
      ["GET", "/v1/models/a%3Fb%23", "/functions/v1/models/a%3Fb%23"],
      ["HEAD", "/v1/models", "/functions/v1/models"],
      ["DELETE", "/v1/responses/resp_1", "/functions/v1/responses/resp_1"],
    ] as const
  ) {
    const { status, headers } = await ask(path, method);
    deepEqual([status, headers.get("location")], [308, location], path);
    equal(headers.get("access-control-allow-origin"), "*");
  }
});

Deno.test("a path that no function has is a 404 that states the right base URL", async () => {
  const paths = [
    "/v1/conversations",
    "/v1/completions",
    "/v1/https://b.example/chat",
    "/v1/models/..%2F..%2F..%2Frest%2Fv1%2Fprofiles",
    "/v1/chat%2F..%2f%2e%2e/x",
    "/v1/models/.%2Fa",
  ];
  for (const path of paths) {
    const response = await ask(path);
    const { error } = await response.json();
    deepEqual([response.status, error.code], [404, "unknown_path"]);
    match(error.message, /base URL to …\/functions\/v1 .*\/responses/);
  }
});
