import { z } from "zod";
import { answerAudio } from "./demo-audio.ts";
import { failure } from "./failure.ts";

/** A model upstream that needs no account. */
export interface DemoUpstream {
  /** Base URL of its API; `/chat/completions`, `/audio/…` and `/models` follow. */
  url: string;
  stop(): Promise<void>;
}

const modelName = "demo";

/** Pause between two words of a stream, in milliseconds. */
const wordPause = 20;

const requestSchema = z.object({
  model: z.string().min(1),
  messages: z.array(z.looseObject({ role: z.string(), content: z.unknown().optional() })).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
  max_tokens: z.int().positive().nullish(),
  max_completion_tokens: z.int().positive().nullish(),
});

type ChatRequest = z.infer<typeof requestSchema>;

/**
 * Starts an upstream on a port of its own that speaks OpenAI's chat protocol and repeats its
 * prompt. Every answer says that it is a demo, and how many messages it was given.
 */
export function startDemoUpstream(): DemoUpstream {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, answer);
  return {
    url: `http://127.0.0.1:${server.addr.port}/v1`,
    stop: () => server.shutdown(),
  };
}

async function answer(request: Request): Promise<Response> {
  const path = new URL(request.url).pathname;
  if (path === "/v1/models" && request.method === "GET") {
    const model = { id: modelName, object: "model", created: 0, owned_by: "agentbase" };
    return Response.json({ object: "list", data: [model] });
  }
  const missing = request.headers.get("x-missing-credential") ?? "OPENROUTER_API_KEY";
  const audio = await answerAudio(request, path, missing);
  if (audio) return audio;
  if (path !== "/v1/chat/completions" || request.method !== "POST") {
    return failure(404, `The demo model has no ${request.method} ${path}.`);
  }
  const parsed = requestSchema.safeParse(await request.json().catch(() => null));
  if (!parsed.success) {
    return failure(400, `The demo model cannot read the request: ${z.prettifyError(parsed.error)}`);
  }
  const chat = parsed.data;
  const all = reply(chat, missing).split(/(?<= )/);
  const limit = chat.max_completion_tokens ?? chat.max_tokens ?? all.length;
  const words = all.slice(0, limit);
  const completion: Completion = {
    id: `chatcmpl-demo-${crypto.randomUUID()}`,
    created: Math.floor(Date.now() / 1000),
    model: chat.model,
    words,
    finishReason: words.length < all.length ? "length" : "stop",
    usage: {
      prompt_tokens: countWords(chat),
      completion_tokens: words.length,
      total_tokens: countWords(chat) + words.length,
    },
  };
  if (!chat.stream) return Response.json(whole(completion));
  return new Response(stream(completion, chat.stream_options?.include_usage === true), {
    headers: { "content-type": "text/event-stream", "cache-control": "no-cache" },
  });
}

interface Completion {
  id: string;
  created: number;
  model: string;
  words: string[];
  finishReason: "stop" | "length";
  usage: { prompt_tokens: number; completion_tokens: number; total_tokens: number };
}

/**
 * What the demo says: the last user message, and how many messages came before it.
 *
 * @param missing The variable that would hold the credential of the vendor that it stands in for.
 */
function reply(chat: ChatRequest, missing: string): string {
  const last = chat.messages.findLastIndex((message) => message.role === "user");
  const said = textOf(chat.messages[last]?.content).trim();
  const earlier = chat.messages.slice(0, Math.max(last, 0))
    .filter((message) => message.role === "user" || message.role === "assistant").length;
  const memory = earlier === 0
    ? "This is the first message I was given."
    : `I was also given ${earlier} earlier message${
      earlier === 1 ? "" : "s"
    } of this conversation.`;
  return `[demo model] You said: "${said}". ${memory} ` +
    `Set ${missing} before "npm start", and a real model answers.`;
}

/** The text of a message, which is a string or a list of parts. */
function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  const parts = z.array(z.looseObject({ type: z.string(), text: z.string().optional() }))
    .safeParse(content);
  if (!parts.success) return "";
  return parts.data.map((part) => part.text ?? `(${part.type})`).join(" ");
}

/** Words stand in for tokens. */
function countWords(chat: ChatRequest): number {
  return chat.messages
    .map((message) => textOf(message.content).split(/\s+/).filter(Boolean).length)
    .reduce((sum, count) => sum + count, 0);
}

function whole(completion: Completion): unknown {
  const { id, created, model, words, finishReason, usage } = completion;
  return {
    id,
    object: "chat.completion",
    created,
    model,
    choices: [{
      index: 0,
      message: { role: "assistant", content: words.join("") },
      logprobs: null,
      finish_reason: finishReason,
    }],
    usage,
  };
}

/** Streams the answer word by word until the client disconnects. */
function stream(completion: Completion, includeUsage: boolean): ReadableStream<Uint8Array> {
  const { id, created, model, words, finishReason, usage } = completion;
  const head = { id, object: "chat.completion.chunk", created, model };
  const choice = (delta: unknown, finish_reason: string | null = null) => ({
    ...head,
    choices: [{ index: 0, delta, logprobs: null, finish_reason }],
    ...includeUsage ? { usage: null } : {},
  });
  async function* events() {
    yield choice({ role: "assistant", content: "" });
    for (const content of words) {
      await new Promise((resolve) => setTimeout(resolve, wordPause));
      yield choice({ content });
    }
    yield choice({}, finishReason);
    if (includeUsage) yield { ...head, choices: [], usage };
  }
  async function* lines() {
    for await (const event of events()) yield `data: ${JSON.stringify(event)}\n\n`;
    yield "data: [DONE]\n\n";
  }
  return ReadableStream.from(lines()).pipeThrough(new TextEncoderStream());
}
