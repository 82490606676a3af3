import type { Lifetime } from "../_shared/lifetime.ts";
import type { Exchange } from "../_shared/respond.ts";
import { type AnswerIdentity, createChunkWriter } from "./chunk_writer.ts";
import { createClientSink } from "./client_sink.ts";
import { readCompletion } from "./completion.ts";
import type { Turn } from "./db.ts";
import { within } from "./within.ts";
import type { Ledger } from "./ledger.ts";
import type { ChatLimits } from "./limits.ts";
import type { ChatBody } from "./schema.ts";
import { endStream, startStream, type StreamParts } from "./stream.ts";
import { resolveTarget, type VendorEnv } from "./target.ts";
import { createTranscript } from "./transcript.ts";
import { callUpstream, type Upstream } from "./upstream.ts";
import { upstreamBody } from "./upstream_body.ts";
import { invalidAnswer } from "./upstream_error.ts";

/** What answering a turn needs from outside. */
export interface TurnDeps {
  env: VendorEnv;
  fetch: typeof globalThis.fetch;
  lifetime: Lifetime;
  limits: ChatLimits;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/** A turn that has begun, and what it is answered with. */
export interface OpenTurn {
  body: ChatBody;
  turn: Turn;
  ledger: Ledger;
  exchange: Exchange;
  deps: TurnDeps;
}

/**
 * Answers a turn with one upstream call. An answer that is returned has been settled, or will be when
 * its stream ends; for one that is thrown, settling is left to the caller.
 *
 * @throws {ApiError} When there is nothing to answer with, as long as no part of it has been sent.
 */
export async function answerTurn(open: OpenTurn): Promise<Response> {
  const { body, turn, ledger, deps } = open;
  const target = resolveTarget(turn.route, deps.env);
  ledger.startAttempt();
  const upstream = await callUpstream(target, upstreamBody(body, turn), {
    fetch: deps.fetch,
    limits: deps.limits,
    shutdown: deps.lifetime.shutdown,
    onHead: ledger.head,
  });
  const identity = {
    id: `chatcmpl-${turn.turn_id.replaceAll("-", "")}`,
    created: Math.floor(deps.now() / 1000),
    model: turn.model,
  };
  return body.stream
    ? answerStreaming(open, upstream, identity, target.secret)
    : answerWhole(open, upstream, identity, target.secret);
}

async function answerWhole(
  { turn, ledger }: OpenTurn,
  upstream: Upstream,
  identity: AnswerIdentity,
  secret: string,
): Promise<Response> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of upstream.read()) text += decoder.decode(bytes, { stream: true });
  text += decoder.decode();

  const { answer, body } = readCompletion(text, identity, turn.messages, secret);
  // Settled first, so that a caller who goes on at once finds this turn in its session.
  await ledger.settle(answer, null);
  return Response.json(body);
}

async function answerStreaming(
  { body, turn, ledger, exchange, deps }: OpenTurn,
  upstream: Upstream,
  identity: AnswerIdentity,
  secret: string,
): Promise<Response> {
  if (!/^text\/event-stream\b/i.test(upstream.contentType)) {
    const error = invalidAnswer(`a stream was asked for, "${upstream.contentType}" came`);
    upstream.abort(error);
    throw error;
  }
  const withUsage = body.stream_options?.include_usage === true;
  const parts: StreamParts = {
    upstream,
    sink: createClientSink(deps.limits, upstream.aborted),
    writer: createChunkWriter(identity, withUsage),
    transcript: createTranscript(() => deps.now() - exchange.startedAt),
    messages: turn.messages,
    withUsage,
    secret,
    limits: deps.limits,
  };

  // A status is final once it is sent: a stream that fails at once still gets the right one.
  const stream = startStream(parts);
  const early = await within(deps.limits.commitAfterMs, stream.opened);
  if (early?.error) {
    parts.sink.close();
    await ledger.settle(early.answer, early.error);
    throw early.error;
  }

  const finished = stream.ended.then(async (ending) => {
    await ledger.settle(ending.answer, ending.error);
    endStream(parts, ending);
  });
  deps.lifetime.waitUntil?.(finished);
  exchange.until(finished);
  return new Response(parts.sink.stream, {
    headers: {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache, no-transform",
      "x-accel-buffering": "no",
    },
  });
}
