import { echoRoute } from "../common/echo-route.ts";

/** The peers of the chat function: a Data API and a vendor that answer at once. */
export interface Outside extends AsyncDisposable {
  url: string;
}

const completion = {
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1,
  model: "echo-1",
  choices: [{ index: 0, message: { role: "assistant", content: "hi" }, finish_reason: "stop" }],
  usage: { prompt_tokens: 10, completion_tokens: 1, total_tokens: 11 },
};

/** Starts it on loopback. */
export function startOutside(): Outside {
  const server: Deno.HttpServer<Deno.NetAddr> = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request): Promise<Response> => {
      const path = new URL(request.url).pathname;
      const body = await request.json();
      if (path.endsWith("/begin_chat_turn")) {
        return Response.json(begin(body.request, new URL(request.url).origin));
      }
      if (path.endsWith("/settle_chat_turn")) return Response.json({ settled: true });
      if (path.endsWith("/chat/completions")) return Response.json(completion);
      return Response.json(1);
    },
  );
  const url = `http://127.0.0.1:${server.addr.port}`;
  return { url, [Symbol.asyncDispose]: () => server.shutdown() };
}

/** What begin_chat_turn answers. */
function begin(request: { messages: object[]; echo?: boolean }, url: string): object {
  return {
    turn_id: crypto.randomUUID(),
    session_id: "sess_0123456789abcdef",
    model: "bench-model-0",
    routes: [echoRoute(`${url}/v1`)],
    defaults: {},
    messages: request.echo === false ? [] : request.messages,
    echoed: request.echo !== false,
    new_messages: request.messages.length,
  };
}
