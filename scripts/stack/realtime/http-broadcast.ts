import { z } from "zod";
import type { Caller } from "./callers.ts";
import { isTopic, type Message } from "./hub.ts";
import type { Server } from "./server.ts";

const messagesSchema = z.object({
  messages: z.array(z.object({
    topic: z.string().min(1).refine(isTopic),
    event: z.string().min(1),
    payload: z.unknown(),
    private: z.boolean().nullish(),
  })),
});

/**
 * Broadcasts what is posted: several messages to `/api/broadcast`, or one to
 * `/api/broadcast/{topic}/events/{event}`, whose body is the payload.
 *
 * @returns 202; also for messages on private channels on which the caller may not send.
 */
export async function broadcastByHttp(
  server: Server,
  caller: Caller,
  request: Request,
): Promise<Response> {
  const messages = await readMessages(request);
  if (messages === null) {
    return Response.json({ error: "The body has no messages." }, { status: 422 });
  }
  for (const { topic, isPrivate, broadcast } of messages) {
    const allowed = !isPrivate ||
      (await server.policies.whoMay("send", topic, "broadcast", [caller])).has(caller);
    if (allowed) await server.hub.send({ topic, isPrivate, broadcast });
  }
  return new Response(null, { status: 202 });
}

async function readMessages(request: Request): Promise<Message[] | null> {
  const url = new URL(request.url);
  const one = /\/api\/broadcast\/([^/]+)\/events\/([^/]+)$/.exec(url.pathname);
  const isBinary = request.headers.get("content-type") === "application/octet-stream";
  if (one !== null && isBinary) {
    return messageOf(one, url, new Uint8Array(await request.arrayBuffer()));
  }
  const body: unknown = await request.json().catch(() => undefined);
  if (one !== null) return body === undefined ? null : messageOf(one, url, body);
  const parsed = messagesSchema.safeParse(body);
  if (!parsed.success) return null;
  return parsed.data.messages.map(({ topic, event, payload, private: isPrivate }) => ({
    topic,
    isPrivate: isPrivate ?? false,
    broadcast: { type: "broadcast", event, payload },
  }));
}

/** The message that an address names; null where it is encoded wrongly. */
function messageOf(encoded: string[], url: URL, payload: unknown): Message[] | null {
  try {
    const [, topic = "", event = ""] = encoded.map(decodeURIComponent);
    if (!isTopic(topic)) return null;
    const isPrivate = url.searchParams.get("private") === "true";
    return [{ topic, isPrivate, broadcast: { type: "broadcast", event, payload } }];
  } catch {
    return null;
  }
}
