import { stack } from "../../e2e/support/stack.ts";
import type { N8nRequest } from "../../e2e/support/n8n_requests.ts";

/** Headers that differ with the address, and with the version of the library that n8n was installed with. */
const VARYING = ["host", "content-length", "user-agent"];

/** Passes calls on to the stack under test, and keeps them without the access key. */
export function startRecorder() {
  const requests: N8nRequest[] = [];
  const below = new URL(stack.FUNCTIONS_URL).pathname;
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const { pathname } = new URL(request.url);
      const { method } = request;
      const body = await request.text();
      const headers = Object.fromEntries(
        [...request.headers].filter(([name]) => !VARYING.includes(name)),
      );
      requests.push({
        path: pathname.slice(below.length),
        headers: { ...headers, authorization: "Bearer {secret}" },
        body: JSON.parse(body),
      });
      return await fetch(new URL(pathname, stack.API_URL), { method, headers, body });
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    requests,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
