import { within } from "../../core/deadline.ts";
import type { OpenTurn } from "../open_turn.ts";
import type { CalledEndpoint } from "../call/endpoint.ts";
import { readText, type Upstream } from "../call/upstream.ts";
import { invalidAnswer, UpstreamError } from "../call/upstream_error.ts";
import { parseUpstreamJson } from "../call/upstream_json.ts";
import { asStream, eventBytes, isObject, isStream } from "../quirks/unasked_streams.ts";
import { type VendorApi, vendorApiOf } from "../formats/vendor_apis.ts";
import type { AnswerContext, ParsedRequest, WholeAnswer, WireFormat } from "../formats/format.ts";
import { sizeOfMessages, tokensOf } from "../token_estimate.ts";
import type { Route } from "../turn_database.ts";
import { createClientSink } from "./stream/client_sink.ts";
import { createByteParser, createSseParser } from "./stream/sse_parser.ts";
import { KEEPALIVE } from "./stream/sse_writer.ts";
import { startStream, type TurnStream } from "./stream/pump.ts";

/** A call that was answered. */
export interface CalledRoute {
  open: OpenTurn;
  route: Route;
  endpoint: CalledEndpoint;
}

/** The answer of a call: read to its end, or a stream whose first output has arrived. */
export type Call =
  | { kind: "whole"; whole: WholeAnswer }
  | { kind: "stream"; stream: TurnStream; called: CalledRoute; path: string };

/**
 * Receives an upstream's answer, until success or failure is known.
 *
 * @throws {ApiError} If the call has failed. Nothing has been sent to the client.
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
    route: called.route,
    endpoint,
    promptTokens: () => tokensOf(sizeOfMessages(turn.messages)) + asked.turn.other_tokens,
    startedAt: context.startedAt,
    now: deps.now,
  };
  const api = vendorApiOf(called.route);
  if (!asked.stream || !format.openStream) {
    const text = await readText(upstream);
    return { kind: "whole", whole: format.readWhole(api?.completionText(text) ?? text, about) };
  }
  const check = (text: string) => void format.readWhole(text, about);
  const streamed = format.isBinary
    ? await asBytes(upstream, check)
    : await asStreamed(upstream, api, check);
  const replayBytes = called.open.ledger.keepsAnswer ? deps.limits.recordingBytes : null;
  const stream = startStream({
    upstream: streamed,
    sink: createClientSink(deps.limits, streamed.aborted, format.isBinary ? null : KEEPALIVE),
    chunksOf: api?.createChunkEvents() ?? ((event) => [event]),
    parser: format.isBinary ? createByteParser() : createSseParser(),
    answer: format.openStream(about, replayBytes, upstream.contentType),
    stopsBilling: called.route.cancel_stops_billing,
    limits: deps.limits,
  });
  await assertOpens(stream, called.open);
  return { kind: "stream", stream, called, path: format.path };
}

/**
 * Waits for a stream's first output. A status is final once it is sent: a stream that fails
 * immediately gets an error status, or a retry.
 */
async function assertOpens(stream: TurnStream, { ledger, deps }: OpenTurn): Promise<void> {
  const early = await within(deps.limits.commitAfterMs, stream.opened);
  if (!early?.error) return;
  stream.sink.close();
  // After a failure of the upstream the call may be retried, so its usage is only noted. If we
  // aborted the call, the turn ends here and its prompt is billed.
  if (early.error instanceof UpstreamError) early.error.usage ??= early.answer.usage;
  else await ledger.settle(early.answer, early.error);
  throw early.error;
}

/**
 * Reads an answer that should be a stream, whatever form it has, as a stream.
 *
 * @param check Reads an answer that came in one piece; throws if it is not one.
 * @throws {ApiError} The error that it reports, or 502 if it is neither a stream nor an answer.
 */
async function asStreamed(
  upstream: Upstream,
  api: VendorApi | undefined,
  check: (text: string) => void,
): Promise<Upstream> {
  const eventsOf = (sent: string) => {
    if (isStream(sent)) return eventBytes(sent);
    if (!isObject(sent) && !/[/+]json\b/i.test(upstream.contentType)) {
      throw invalidAnswer("a stream was asked for, something else came");
    }
    const text = api?.completionText(sent) ?? sent;
    check(text);
    return asStream(parseUpstreamJson(text, "answer"));
  };
  if (/^(text\/(event-stream|plain)|application\/octet-stream)\b|^$/i.test(upstream.contentType)) {
    return { ...upstream, read: () => readStream(upstream, eventsOf) };
  }
  return replacing(upstream, eventsOf(await readText(upstream)));
}

/** A stream as it arrives; one that begins like JSON is read to its end first. */
async function* readStream(
  upstream: Upstream,
  eventsOf: (sent: string) => Uint8Array,
): AsyncGenerator<Uint8Array, void, void> {
  const decoder = new TextDecoder();
  let held: Uint8Array[] = [];
  let begin = "";
  let isJson: boolean | null = null;
  for await (const bytes of upstream.read()) {
    if (isJson === false) {
      yield bytes;
      continue;
    }
    held.push(bytes);
    begin += decoder.decode(bytes, { stream: true });
    // Checked once, ignoring leading white space: an answer may arrive in very many pieces.
    if (isJson === null && begin.trim() === "") begin = "";
    else isJson ??= isObject(begin);
    if (isJson === null) continue;
    if (!isJson) yield* held;
    held = [];
  }
  if (isJson) yield eventsOf(begin + decoder.decode());
  else yield* held;
}

/**
 * A binary answer, as it arrives.
 *
 * @param check Reads a text answer; throws the error that it reports.
 * @throws {ApiError} The error that the upstream reports instead.
 */
async function asBytes(upstream: Upstream, check: (text: string) => void): Promise<Upstream> {
  if (/[/+]json\b|^text\/(?!event-stream\b)/i.test(upstream.contentType)) {
    check(await readText(upstream));
  }
  return upstream;
}

/** An upstream that was read to its end. */
function replacing(upstream: Upstream, bytes: Uint8Array): Upstream {
  async function* read() {
    await Promise.resolve();
    yield bytes;
  }
  return { ...upstream, read };
}
