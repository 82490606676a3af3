import { z } from "zod";
import type { ErrorCode } from "../_shared/core/error_codes.ts";
import { ApiError, toApiError } from "../_shared/core/errors.ts";
import { createSseParser } from "../_shared/gateway/respond/stream/sse_parser.ts";
import { KEEPALIVE, sseData, streamHeaders } from "../_shared/gateway/respond/stream/sse_writer.ts";

/** Codes that a visitor may see. All others are for the owner only. */
const VISIBLE: ReadonlySet<string> = new Set<ErrorCode>([
  "idempotency_key_reused",
  "internal_error",
  "invalid_json",
  "invalid_type",
  "invalid_value",
  "message_too_long",
  "missing_required_parameter",
  "origin_not_allowed",
  "rate_limit_exceeded",
  "request_in_progress",
  "request_too_large",
  "server_busy",
  "session_busy",
  "shutting_down",
  "unknown_parameter",
  "visitor_session_ended",
  "visitor_session_full",
  "visitor_token_not_valid",
  "widget_not_found",
]);

const UNAVAILABLE = "Cannot answer at the moment. Try again later.";

/** An error as a visitor may see it, without the agent's costs and vendors. */
export function visibleError(thrown: unknown): ApiError {
  const error = toApiError(thrown);
  if (VISIBLE.has(error.code)) return error;
  return new ApiError("widget_unavailable", UNAVAILABLE, { cause: error });
}

/** The chunks of a streamed answer. */
type VisitorEvent =
  | { type: "delta"; text: string }
  | { type: "done" }
  | { type: "error"; code: string; message: string };

const wholeSchema = z.object({
  choices: z.array(z.object({ message: z.object({ content: z.string().nullable() }) })),
});

const eventSchema = z.object({
  choices: z.array(z.object({
    delta: z.object({ content: z.string().nullish() }).nullish(),
  })).default([]),
  error: z.object({ message: z.string(), code: z.string().nullish() }).optional(),
});

/**
 * The answer to a visitor: only the text of a completion, without model, usage and reasoning.
 *
 * @param background Keeps the worker alive for a stream whose visitor has disconnected.
 */
export async function visitorAnswer(
  completion: Response,
  background: (work: Promise<void>) => void,
): Promise<Response> {
  if (!completion.headers.get("content-type")?.startsWith("text/event-stream")) {
    const { choices } = wholeSchema.parse(await completion.json());
    return Response.json({ role: "assistant", content: choices[0]?.message.content ?? "" });
  }
  const { readable, work } = visitorStream(completion.body ?? ReadableStream.from([]));
  background(work);
  return new Response(readable, { headers: streamHeaders });
}

/**
 * Translates a stream. It is read to its end even if the visitor has disconnected, as phones do;
 * the answer is then found in the session.
 */
function visitorStream(source: ReadableStream<Uint8Array>) {
  let listens = true;
  const started = Promise.withResolvers<ReadableStreamDefaultController<Uint8Array>>();
  const readable = new ReadableStream<Uint8Array>({
    start: started.resolve,
    cancel: () => void (listens = false),
  });

  async function translate(): Promise<void> {
    const controller = await started.promise;
    const send = (bytes: Uint8Array) => {
      if (listens) controller.enqueue(bytes);
    };
    const parser = createSseParser();
    let isComplete = false;
    try {
      for await (const bytes of source) {
        const events = parser.push(bytes);
        // A comment of SSE, which keeps the connection open.
        if (events.length === 0) send(KEEPALIVE);
        for (const { data } of events) {
          const event: VisitorEvent | null = data === "[DONE]" ? { type: "done" } : eventOf(data);
          isComplete ||= event?.type === "done" || event?.type === "error";
          if (event) send(sseData(event));
        }
      }
    } catch {
      // The error follows.
    }
    if (!isComplete) send(sseData(failure("widget_unavailable", UNAVAILABLE)));
    if (listens) controller.close();
  }
  return { readable, work: translate() };
}

function eventOf(data: string): VisitorEvent | null {
  const { choices, error } = eventSchema.parse(JSON.parse(data));
  if (error) {
    const code = error.code ?? "";
    return VISIBLE.has(code)
      ? failure(code, error.message)
      : failure("widget_unavailable", UNAVAILABLE);
  }
  const text = choices[0]?.delta?.content;
  return text ? { type: "delta", text } : null;
}

function failure(code: string, message: string): VisitorEvent {
  return { type: "error", code, message };
}
