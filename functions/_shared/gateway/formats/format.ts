import type { AccessKeyScope } from "../../core/access_key_scopes.ts";
import type { ApiError } from "../../core/errors.ts";
import type { ErrorFormat } from "../../http/error_format.ts";
import type { CalledEndpoint } from "../call/endpoint.ts";
import type { TurnLimits } from "../limits.ts";
import type { SseEvent } from "../respond/stream/sse_event.ts";
import type { Answer, TurnUsage } from "../settle/outcome.ts";
import type { Route, Turn, TurnRequest } from "../turn_database.ts";

/*
 * How an endpoint is built. To add one, for instance `/responses`:
 *
 * 1. `functions/_shared/gateway/formats/<name>/`: its wire format, an implementation of
 *    {@linkcode WireFormat}. `schema.ts` validates the body, `allowed_fields.ts` lists the fields
 *    that are sent with a credential other than the caller's own, `format.ts` puts the parts
 *    together.
 * 2. `functions/<name>/`: `index.ts` wires the dependencies, `operations.ts` declares path, body,
 *    answers and error codes, `handler.ts` passes the format to `turnHandler`. If its errors are
 *    not in OpenAI's format, it passes its error format to `defineFunction` and `respond`, and
 *    exports it as `errorFormat` from `operations.ts`. Add the function's block to
 *    `supabase/config.toml`.
 * 3. `tests/functions/gateway/formats_test.ts`: a row in the table of all formats; and tests of its
 *    own in `tests/functions/<name>/`.
 *
 * A new kind of turn (another kind of service, or another unit of price) also needs its kind in
 * `private.service_kinds()`, `private.turn_kinds()` and `TurnRequest`; its scope in
 * `private.access_key_scopes()` and `private.scope_of_turn()`; and in `private.refuse_routes()` the
 * error for models of other kinds, which is a row of `private.error_codes`. Vendors' oddities
 * belong in `gateway/quirks/`, one file each. Nothing else changes: the stages in `begin/`,
 * `call/`, `respond/` and `settle/` do not depend on the format.
 */

/** A validated request. */
export interface ParsedRequest<Body> {
  body: Body;
  /** The arguments with which the turn begins. */
  turn: Pick<
    TurnRequest,
    | "model"
    | "session_id"
    | "organization_id"
    | "continues_turn"
    | "store"
    | "response"
    | "title"
    | "messages"
    | "other_bytes"
    | "other_tokens"
    | "max_output_tokens"
    | "units"
  >;
  /** Whether the answer is to be streamed. */
  stream: boolean;
}

/** The context in which an answer is read and written. */
export interface AnswerContext<Body> {
  body: Body;
  turn: Turn;
  /** The route that was called. */
  route: Route;
  endpoint: CalledEndpoint;
  /** Estimated tokens of the prompt, for an answer without measured usage. */
  promptTokens: () => number;
  /** When the request arrived, in milliseconds since the epoch. */
  startedAt: number;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/** A whole answer: what is stored, and what the client is sent. */
export interface WholeAnswer {
  answer: Answer;
  body: object;
  /** The value stored for replay, if it is not the body. */
  kept?: object;
  /** The response to the client, if it is not the body as JSON. */
  response?: Response;
}

/** The result of an event of an upstream's stream. */
export interface TakenEvent {
  /** The bytes that the client is sent for it. */
  bytes: Uint8Array | null;
  /** Whether the stream ends with it. */
  isLast: boolean;
  /** The error that the vendor reports, which ends the answer. */
  error: ApiError | null;
}

/** One streamed answer, translated event by event from the upstream to the client. */
export interface StreamedAnswer {
  /**
   * Translates an event of the upstream.
   *
   * @throws {ApiError} 502 for an event that does not belong to the format.
   */
  take(event: SseEvent): TakenEvent;
  /** Whether the finish reason has arrived; only usage may follow. */
  readonly isFinished: boolean;
  /** Whether there is any output or reasoning. */
  readonly hasOutput: boolean;
  /** The vendor's id of the answer; null until it is known. */
  readonly id: string | null;
  /** The answer so far; its usage is null unless it was measured. */
  answer(): Answer;
  /** The usage of the answer so far, estimated from its text. */
  estimate(): TurnUsage;
  /** The events that clients need but the upstream omitted; null if the answer is incomplete. */
  complete(): Uint8Array | null;
  /** The end of the client's stream: the usage, if requested, and the last event. */
  end(answer: Answer): Uint8Array;
  /** The end of the client's stream after an error. */
  fail(error: ApiError, answer: Answer): Uint8Array;
  /** Headers of the client's stream; absent for server-sent events. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether an error aborts the stream, because the format cannot carry one. */
  readonly breaksOff?: boolean;
  /** The value stored to replay the stream; null for none. */
  stored(answer: Answer): object | null;
}

/** A wire format: everything that depends on the form of requests and answers. */
export interface WireFormat<Body extends object> {
  /** The kind of its turns in the ledger. */
  readonly kind: TurnRequest["kind"];
  /** The scope that an access key needs. */
  readonly scope: AccessKeyScope;
  /** The path after the base address of a vendor with OpenAI's API. */
  readonly path: string;
  /**
   * The path after the base address of a vendor with another API; null for OpenAI's.
   *
   * @throws {ApiError} 400 for an operation that the vendor does not offer.
   */
  ownPath?(body: Body, route: Route): string | null;
  /** Whether its answers are binary, and passed through. */
  readonly isBinary?: boolean;
  /** Whether its requests are forms, `multipart/form-data`, which may have files. */
  readonly isForm?: boolean;
  /** The format of its errors, as a whole answer and within a stream. */
  readonly errors: ErrorFormat;
  /** Bytes that a request may have. */
  maxBytes(limits: TurnLimits): number;
  /** Most characters outside its strings; absent for the default. */
  maxStructure?(limits: TurnLimits): number;
  /**
   * Resolves references in a body. Absent for formats without references.
   *
   * @throws {ApiError} 400 that names the reference in `param`.
   */
  complete?(json: object): Promise<object>;
  /** @throws {ApiError} 400 that names the field at fault in `param`. */
  parse(json: object, headers: Headers): ParsedRequest<Body>;
  /**
   * Writes the body for a route.
   *
   * @throws {ApiError} If the route's credential does not cover the request.
   */
  upstreamBody(body: Body, turn: Turn, route: Route): Record<string, unknown>;
  /** Headers of the call beside its credential and those of its transport. */
  upstreamHeaders?(body: Body, route: Route): Record<string, string>;
  /**
   * @throws {ApiError} 502 for an invalid answer; the reported error for one that reports an error.
   */
  readWhole(text: string, context: AnswerContext<Body>): WholeAnswer;
  /**
   * Starts to translate a stream. Absent for formats without streaming.
   *
   * @param replayBytes How many bytes of it are recorded chunk by chunk for replay; null for no
   * replay.
   * @param contentType The content type of the vendor's answer.
   */
  openStream?(
    context: AnswerContext<Body>,
    replayBytes: number | null,
    contentType: string,
  ): StreamedAnswer;
  /** Answers a repeated request with the stored answer. */
  replay(stored: object, body: Body): Response;
}
