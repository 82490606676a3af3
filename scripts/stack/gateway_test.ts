import { deepEqual, equal, match } from "node:assert/strict";
import { freePort } from "../common/free-port.ts";
import { startGateway } from "./gateway.ts";

/** What the gateway answers to a request that is written by hand. */
async function send(port: number, method: string): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode(
    `${method} /rest/v1/agents HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n`,
  ));
  return await new Response(connection.readable).text();
}

Deno.test("methods that no API has are refused with 405, a failing API with 500, both as JSON", async () => {
  const port = freePort();
  const gateway = startGateway(port);
  gateway.open({
    "/rest/v1/": (request) => Promise.resolve(new Response(new Request(request).method)),
  });
  try {
    match(await send(port, "PATCH"), /^HTTP\/1\.1 200 [\s\S]*\r\nPATCH$/);
    for (const method of ["TRACE", "TRACK", "PROPFIND", "get"]) {
      const answer = await send(port, method);
      match(answer, /^HTTP\/1\.1 405 /, method);
      match(answer, /\r\nallow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n/);
      match(answer, /\{"message":"The method .* is not allowed",/);
    }
    gateway.open({ "/rest/v1/": () => Promise.reject(new Error("a secret")) });
    const answer = await send(port, "GET");
    match(answer, /^HTTP\/1\.1 500 [\s\S]*\{"message":"Internal server error",/);
    equal(answer.includes("a secret"), false);
  } finally {
    await gateway.close(1000);
  }
});

Deno.test("an unknown path, or an API that the stack lacks, is answered with a sentence that browsers can read", async () => {
  const port = freePort();
  const gateway = startGateway(port);
  gateway.open({ "/rest/v1/": () => Promise.resolve(new Response("here")) });
  const paths = [
    ["/graphql/v1", 501, "GraphQL"],
    ["/nothing", 404, "Nothing"],
    ["/functions/chat/completions", 404, "Nothing is at .* Set the base URL"],
  ] as const;
  try {
    for (const [path, status, word] of paths) {
      const asked = (method: string) => fetch(`http://127.0.0.1:${port}${path}`, { method });
      const preflight = await asked("OPTIONS");
      const answer = await asked("POST");
      for (const { headers } of [preflight, answer]) {
        equal(headers.get("access-control-allow-origin"), "*", path);
      }
      deepEqual([preflight.status, answer.status], [204, status], path);
      match((await answer.json()).message, new RegExp(`^${word} `));
    }
  } finally {
    await gateway.close(1000);
  }
});
