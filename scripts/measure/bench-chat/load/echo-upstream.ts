/**
 * A process of its own: a model in OpenAI's format that repeats its prompt at once. It prints its
 * address as its first line.
 */
import { z } from "zod";

const requestSchema = z.object({
  model: z.string(),
  stream: z.boolean().optional(),
  messages: z.array(z.looseObject({ role: z.string(), content: z.unknown() })).min(1),
});

const encoder = new TextEncoder();
const head = { id: "chatcmpl-echo", created: 1_790_000_000 };

const server = Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => console.log(`http://127.0.0.1:${port}/v1`),
}, answer);
Deno.addSignalListener("SIGTERM", () => void server.shutdown().then(() => Deno.exit(0)));

async function answer(request: Request): Promise<Response> {
  const parsed = requestSchema.safeParse(await request.json().catch(() => null));
  if (!parsed.success) {
    return Response.json({ error: { message: "Cannot read the body" } }, { status: 400 });
  }
  const { model, stream, messages } = parsed.data;
  const text = String(messages.at(-1)?.content ?? "");
  const words = text.split(/(?<= )/);
  const usage = {
    prompt_tokens: messages.length * 10,
    completion_tokens: words.length,
    total_tokens: messages.length * 10 + words.length,
  };
  if (!stream) {
    const message = { role: "assistant", content: text };
    const choices = [{ index: 0, message, finish_reason: "stop" }];
    return Response.json({ ...head, object: "chat.completion", model, choices, usage });
  }

  const event = (fields: object) =>
    encoder.encode(
      `data: ${JSON.stringify({ ...head, object: "chat.completion.chunk", model, ...fields })}\n\n`,
    );
  const choice = (delta: object, finish_reason: string | null) => ({
    choices: [{ index: 0, delta, finish_reason }],
  });
  const events = [
    event(choice({ role: "assistant", content: "" }, null)),
    ...words.map((content) => event(choice({ content }, null))),
    event(choice({}, "stop")),
    event({ choices: [], usage }),
    encoder.encode("data: [DONE]\n\n"),
  ];
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const next = events.shift();
      if (next) controller.enqueue(next);
      else controller.close();
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}
