import { type ApiError, toApiError } from "../_shared/core/errors.ts";
import type { OpenTurn } from "../_shared/gateway/call/call_routes.ts";
import { callRoutes } from "../_shared/gateway/call/call_routes.ts";
import type { Route } from "../_shared/gateway/turn_database.ts";
import type { CalledEndpoint } from "../_shared/gateway/call/endpoint.ts";
import { readError, readText, type Upstream } from "../_shared/gateway/call/upstream.ts";
import { invalidAnswer, UpstreamError } from "../_shared/gateway/call/upstream_error.ts";
import { errorIn, parseUpstreamJson } from "../_shared/gateway/call/upstream_json.ts";
import { within } from "../_shared/core/deadline.ts";
import {
  type AnswerIdentity,
  createChunkWriter,
} from "../_shared/gateway/formats/openai_chat/chunk_writer.ts";
import { createClientSink } from "../_shared/gateway/respond/stream/client_sink.ts";
import { readCompletion } from "../_shared/gateway/formats/openai_chat/completion.ts";
import { correctUsage } from "../_shared/gateway/settle/correct_usage.ts";
import { createReplayLog } from "../_shared/gateway/formats/openai_chat/replay_log.ts";
import { keptStream, streamHeaders } from "../_shared/gateway/formats/openai_chat/replay.ts";
import type { ChatBody } from "../_shared/gateway/formats/openai_chat/schema.ts";
import {
  endStream,
  startStream,
  type StreamParts,
} from "../_shared/gateway/respond/stream/pump.ts";
import { createAccumulator } from "../_shared/gateway/formats/openai_chat/accumulator.ts";
import { upstreamBody } from "../_shared/gateway/formats/openai_chat/upstream_body.ts";

/** What follows a vendor's base address. */
const PATH = "/chat/completions";

/**
 * Answers a turn. An answer that is returned has been settled, or will be when its stream ends; for
 * one that is thrown, settling is left to the caller.
 *
 * @throws {ApiError} When there is nothing to answer with, as long as no part of it has been sent.
 */
export async function answerTurn(body: ChatBody, open: OpenTurn): Promise<Response> {
  const { turn, deps } = open;
  const identity = {
    id: `chatcmpl-${turn.turn_id.replaceAll("-", "")}`,
    created: Math.floor(deps.now() / 1000),
    model: turn.model,
  };
  const call = {
    path: PATH,
    body: (route: Route) => upstreamBody(body, turn, route),
  };
  if (!body.stream) {
    const { answer, body: whole } = await callRoutes(open, {
      ...call,
      accept: async (upstream, target) =>
        readCompletion(await readText(upstream), identity, turn.messages, target),
    });
    // Settled first, so that a caller who goes on at once finds this turn in its session.
    await open.ledger.settle(answer, null, whole);
    return Response.json(whole);
  }

  const withUsage = body.stream_options?.include_usage === true;
  return await callRoutes(open, {
    ...call,
    accept: (upstream, target, route) =>
      acceptStream({ open, identity, withUsage }, upstream, target, route),
  });
}

/** What the attempts of one streamed answer have in common. */
interface Streaming {
  open: OpenTurn;
  identity: AnswerIdentity;
  withUsage: boolean;
}

/** Begins to pass a stream on. One that fails before it has begun is thrown. */
async function acceptStream(
  { open, identity, withUsage }: Streaming,
  upstream: Upstream,
  target: CalledEndpoint,
  route: Route,
): Promise<Response> {
  const { turn, ledger, context, deps } = open;
  if (!/^text\/event-stream\b/i.test(upstream.contentType)) throw await noStream(upstream, target);
  const parts: StreamParts = {
    upstream,
    sink: createClientSink(deps.limits, upstream.aborted),
    writer: createChunkWriter(identity, withUsage),
    transcript: createAccumulator(() => deps.now() - context.startedAt),
    recording: ledger.keepsAnswer ? createReplayLog(deps.limits.recordingBytes) : null,
    messages: turn.messages,
    withUsage,
    target,
    stopsBilling: route.cancel_stops_billing,
    limits: deps.limits,
  };

  // A status is final once it is sent: a stream that fails at once still gets the right one, or
  // another attempt.
  const stream = startStream(parts);
  const early = await within(deps.limits.commitAfterMs, stream.opened);
  if (early?.error) {
    parts.sink.close();
    // Broken off by us, its prompt was paid for; nothing is billed for a failure of the upstream's.
    if (early.error instanceof UpstreamError) early.error.usage ??= early.answer.usage;
    else await ledger.settle(early.answer, early.error);
    throw early.error;
  }

  const finished = stream.ended.then(async (ending) => {
    const kept = parts.recording && keptStream(parts.recording, identity, ending.answer);
    await ledger.settle(ending.answer, ending.error, kept ?? undefined);
    endStream(parts, ending);
    return ending;
  });
  context.until(finished);
  const corrected = finished.then((ending) =>
    correctUsage(open, { ...parts, route, path: PATH }, ending)
  );
  deps.lifetime.waitUntil?.(corrected);
  return new Response(parts.sink.stream, { headers: streamHeaders });
}

/** What is wrong with an answer that should have been a stream: it may say so itself, in one piece. */
async function noStream(upstream: Upstream, target: CalledEndpoint): Promise<ApiError> {
  const error = invalidAnswer("a stream was asked for, something else came");
  if (!/[/+]json\b/i.test(upstream.contentType)) {
    upstream.abort(error);
    return error;
  }
  try {
    const text = await readError(upstream.read(), upstream.abort);
    return errorIn(parseUpstreamJson(text, "answer"), target) ?? error;
  } catch (thrown) {
    return toApiError(thrown);
  }
}
