import { once } from "node:events";
import { createServer } from "node:net";

/** A call as a provider received it. */
export interface ProviderCall {
  method: string;
  path: string;
  headers: Headers;
  body: string;
}

/** A model provider on a loopback port that can also respond incorrectly, or not at all. */
export interface FakeProvider extends AsyncDisposable {
  baseUrl: string;
  calls: ProviderCall[];
}

/** The response of a provider to a call; "hang" for none. */
export type ProviderAnswer = (call: ProviderCall) => Response | Promise<Response> | "hang";

/** Starts a provider. */
export function startProvider(answer: ProviderAnswer): FakeProvider {
  const calls: ProviderCall[] = [];
  const stop = new AbortController();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, signal: stop.signal, onListen: () => {} },
    async (request) => {
      const { method, headers } = request;
      const { pathname } = new URL(request.url);
      const call = { method, path: pathname, headers, body: await request.text() };
      calls.push(call);
      const given = answer(call);
      return given === "hang" ? await new Promise<never>(() => {}) : await given;
    },
  );
  return {
    baseUrl: `http://127.0.0.1:${server.addr.port}/v1`,
    calls,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await server.finished;
    },
  };
}

/** Starts a provider that sends these bytes in response to any request. */
export async function startRawProvider(
  text: string,
): Promise<{ baseUrl: string } & AsyncDisposable> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.end(text));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, "close");
    },
  };
}

/** The list of models of a healthy provider. */
export const MODELS = { object: "list", data: [{ id: "small-1", object: "model" }] };
