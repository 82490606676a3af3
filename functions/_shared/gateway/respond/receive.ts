import { type ApiError, toApiError } from "../../core/errors.ts";
import { within } from "../../core/deadline.ts";
import type { OpenTurn } from "../open_turn.ts";
import type { CalledEndpoint } from "../call/endpoint.ts";
import { readError, readText, type Upstream } from "../call/upstream.ts";
import { invalidAnswer, UpstreamError } from "../call/upstream_error.ts";
import { errorIn, parseUpstreamJson } from "../call/upstream_json.ts";
import type { AnswerContext, ParsedRequest, WholeAnswer, WireFormat } from "../formats/format.ts";
import { sizeOfMessages, tokensOf } from "../token_estimate.ts";
import type { Route } from "../turn_database.ts";
import { createClientSink } from "./stream/client_sink.ts";
import { startStream, type TurnStream } from "./stream/pump.ts";

/** A call that was answered. */
export interface CalledRoute {
  open: OpenTurn;
  route: Route;
  endpoint: CalledEndpoint;
}

/** The answer of a call: read to its end, or a stream whose first output has come. */
export type Call =
  | { kind: "whole"; whole: WholeAnswer }
  | { kind: "stream"; stream: TurnStream; called: CalledRoute; path: string };

/**
 * Receives what an upstream answers, as far as it decides between success and failure.
 *
 * @throws {ApiError} Why the call has failed. The client has been sent nothing.
 */
export async function receive<Body extends object>(
  upstream: Upstream,
  format: WireFormat<Body>,
  asked: ParsedRequest<Body>,
  called: CalledRoute,
): Promise<Call> {
  const { open: { turn, context, deps }, endpoint } = called;
  const about: AnswerContext<Body> = {
    body: asked.body,
    turn,
    endpoint,
    promptTokens: () => tokensOf(sizeOfMessages(turn.messages)) + asked.turn.other_tokens,
    startedAt: context.startedAt,
    now: deps.now,
  };
  if (!asked.stream || !format.openStream) {
    return { kind: "whole", whole: format.readWhole(await readText(upstream), about) };
  }
  if (!/^text\/event-stream\b/i.test(upstream.contentType)) {
    throw await noStream(upstream, endpoint);
  }
  const replayBytes = called.open.ledger.keepsAnswer ? deps.limits.recordingBytes : null;
  const stream = startStream({
    upstream,
    sink: createClientSink(deps.limits, upstream.aborted),
    answer: format.openStream(about, replayBytes),
    stopsBilling: called.route.cancel_stops_billing,
    limits: deps.limits,
  });
  await assertOpens(stream, called.open);
  return { kind: "stream", stream, called, path: format.path };
}

/**
 * Waits for a stream's first output. A status is final once it is sent: a stream that fails at once
 * still gets the right one, or another attempt.
 */
async function assertOpens(stream: TurnStream, { ledger, deps }: OpenTurn): Promise<void> {
  const early = await within(deps.limits.commitAfterMs, stream.opened);
  if (!early?.error) return;
  stream.sink.close();
  // A prompt that we aborted was paid for; a failure of the upstream's is not billed.
  if (early.error instanceof UpstreamError) early.error.usage ??= early.answer.usage;
  else await ledger.settle(early.answer, early.error);
  throw early.error;
}

/** The error for an answer that should have been a stream; it may name one itself, in one piece. */
async function noStream(upstream: Upstream, endpoint: CalledEndpoint): Promise<ApiError> {
  const error = invalidAnswer("a stream was asked for, something else came");
  if (!/[/+]json\b/i.test(upstream.contentType)) {
    upstream.abort(error);
    return error;
  }
  try {
    const text = await readError(upstream.read(), upstream.abort);
    return errorIn(parseUpstreamJson(text, "answer"), endpoint) ?? error;
  } catch (thrown) {
    return toApiError(thrown);
  }
}
