/** A request as the upstream received it. */
export interface Received {
  path: string;
  /** The query string, including the question mark. */
  search: string;
  headers: Headers;
  // deno-lint-ignore no-explicit-any -- a test reads into whatever was sent.
  body: any;
}

/** A model provider on a loopback port with the answers of a test. */
export interface UpstreamServer extends AsyncDisposable {
  baseUrl: string;
  /** The received requests, in order. */
  received: Received[];
  /** Resolves when the caller closes the connection of an unfinished answer. */
  dropped: Promise<void>;
}

/** The answer of a provider to one call. */
export type Answer = (received: Received) => Response | Promise<Response>;

/** Starts a provider. */
export function startUpstream(answer: Answer): UpstreamServer {
  const received: Received[] = [];
  const dropped = Promise.withResolvers<void>();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const { pathname: path, search } = new URL(request.url);
      const body = request.method === "GET" ? null : await bodyOf(request);
      const call = { path, search, headers: request.headers, body };
      received.push(call);
      const response = await answer(call);
      return new Response(response.body?.pipeThrough(noticing(() => dropped.resolve())), response);
    },
  );
  return {
    baseUrl: `http://127.0.0.1:${server.addr.port}/v1`,
    received,
    dropped: dropped.promise,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/**
 * The body as JSON, as the bytes of audio, or as the entries of a form: for a file its name,
 * content type and bytes.
 */
async function bodyOf(request: Request): Promise<unknown> {
  if (request.headers.get("content-type")?.startsWith("audio/")) {
    return new Uint8Array(await request.arrayBuffer());
  }
  if (!request.headers.get("content-type")?.startsWith("multipart/")) return await request.json();
  const entries = [...await request.formData()].map(async ([field, value]) =>
    typeof value === "string"
      ? [field, value]
      : [field, value.name, value.type, new Uint8Array(await value.arrayBuffer())]
  );
  return await Promise.all(entries);
}

/** The header of an answer whose connection is broken at its end. */
export const BREAKS = { "x-breaks-off": "yes" } as const;

/** Fetches; an answer with {@linkcode BREAKS} fails after all its bytes have been read. */
export const breakingFetch: typeof fetch = async (input, init) => {
  const response = await fetch(input, init);
  if (!response.headers.has("x-breaks-off")) return response;
  const broken = new TransformStream<Uint8Array, Uint8Array>({
    flush: (controller) => controller.error(new Error("gone")),
  });
  return new Response(response.body?.pipeThrough(broken), response);
};

function noticing(onCancel: () => void): TransformStream<Uint8Array, Uint8Array> {
  return new TransformStream({ cancel: onCancel });
}

/** A complete answer that says `content`. */
export function completion(content: string, extra: object = {}): Response {
  return Response.json({
    id: "upstream-1",
    object: "chat.completion",
    created: 1,
    model: "vendor-model-0613",
    choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }],
    usage: { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 },
    ...extra,
  });
}

/** One chunk of a streamed answer, as a line of the stream. */
export function chunk(
  delta: object,
  rest: { finish_reason?: string | null; [field: string]: unknown } = {},
): string {
  const { finish_reason = null, ...extra } = rest;
  return data({
    id: "upstream-1",
    object: "chat.completion.chunk",
    created: 1,
    model: "vendor-model-0613",
    choices: [{ index: 0, delta, finish_reason }],
    ...extra,
  });
}

/** The chunk that only reports usage. */
export function usageChunk(prompt: number, completed: number, extra: object = {}): string {
  const usage = {
    prompt_tokens: prompt,
    completion_tokens: completed,
    total_tokens: prompt + completed,
    ...extra,
  };
  return data({ id: "upstream-1", model: "vendor-model-0613", choices: [], usage });
}

/** One event. */
export function data(value: unknown): string {
  return `data: ${typeof value === "string" ? value : JSON.stringify(value)}\n\n`;
}

/** An answer that streams these texts and ends; a function is awaited at its position. */
export function stream(...parts: (string | Uint8Array | (() => Promise<void>))[]): Response {
  const encoder = new TextEncoder();
  const queue = [...parts];
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const part = queue.shift();
      if (part === undefined) return controller.close();
      if (typeof part === "function") {
        await part();
        return this.pull?.(controller);
      }
      controller.enqueue(typeof part === "string" ? encoder.encode(part) : part);
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}
