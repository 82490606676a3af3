import { echoRoute } from "../../common/echo-route.ts";
import { question } from "../question.ts";

/** What the chat function's calls are answered with. */
export interface InstantOutside {
  fetch: typeof fetch;
  /** Turns that were settled so far. */
  readonly settled: number;
  /** Resolves once so many turns are settled. */
  whenSettled(count: number): Promise<void>;
}

const upstreamUrl = "http://127.0.0.1:9/v1";
const route = echoRoute(upstreamUrl);
const encoder = new TextEncoder();

const usage = { prompt_tokens: 10, completion_tokens: 20, total_tokens: 30 };
const head = { id: "chatcmpl-echo", created: 1_790_000_000, model: "echo-1" };

const whole = encoder.encode(JSON.stringify({
  ...head,
  object: "chat.completion",
  choices: [{
    index: 0,
    message: { role: "assistant", content: question },
    finish_reason: "stop",
  }],
  usage,
}));

const events = [
  { choices: [{ index: 0, delta: { role: "assistant", content: "" }, finish_reason: null }] },
  ...question.split(/(?<= )/).map((content) => ({
    choices: [{ index: 0, delta: { content }, finish_reason: null }],
  })),
  { choices: [{ index: 0, delta: {}, finish_reason: "stop" }] },
  { choices: [], usage },
].map((event) =>
  encoder.encode(
    `data: ${JSON.stringify({ ...head, object: "chat.completion.chunk", ...event })}\n\n`,
  )
).concat(encoder.encode("data: [DONE]\n\n"));

/**
 * A `fetch` that reaches nothing: the database and the model answer at once, from memory.
 *
 * @throws {Error} when it is asked for anything that a turn does not need.
 */
export function instantOutside(): InstantOutside {
  let settled = 0;
  let waiting: { count: number; resolve: () => void } | null = null;
  return {
    get settled() {
      return settled;
    },
    whenSettled(count) {
      if (settled >= count) return Promise.resolve();
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting = { count, resolve };
      return promise;
    },
    fetch: (input, init) => {
      const url = input instanceof Request ? input.url : String(input);
      const body = init?.body;
      if (url.endsWith("/rpc/begin_chat_turn")) return Promise.resolve(begin(body));
      if (url.endsWith("/rpc/settle_chat_turn")) {
        settled++;
        if (waiting !== null && settled >= waiting.count) waiting.resolve();
        return Promise.resolve(Response.json({ settled: true, total_cost: "0.0002250000" }));
      }
      if (url.endsWith("/rpc/record_api_usage")) return Promise.resolve(Response.json(1));
      if (url.startsWith(upstreamUrl)) return Promise.resolve(upstream(body));
      return Promise.reject(new Error(`Cannot answer "${url}": a turn does not need it`));
    },
  };
}

function begin(body: BodyInit | null | undefined): Response {
  const { request } = JSON.parse(String(body));
  return Response.json({
    turn_id: crypto.randomUUID(),
    session_id: "sess_0123456789abcdef",
    agent: { id: route.agent_id, name: route.agent },
    model: request.model,
    route,
    routes: [route],
    defaults: { temperature: null, max_tokens: null },
    messages: request.echo === false ? [] : request.messages,
    echoed: request.echo !== false,
    new_messages: request.messages.length,
    limits: null,
    rate_limit: null,
  });
}

function upstream(body: BodyInit | null | undefined): Response {
  if (!String(body).includes('"stream":true')) {
    return new Response(whole, { headers: { "content-type": "application/json" } });
  }
  let next = 0;
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      const event = events[next++];
      if (event) controller.enqueue(event);
      else controller.close();
    },
  });
  return new Response(stream, { headers: { "content-type": "text/event-stream" } });
}
