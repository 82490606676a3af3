import type { AccessKeyScope } from "../../core/access_key_scopes.ts";
import type { ApiError } from "../../core/errors.ts";
import type { ErrorFormat } from "../../http/error_format.ts";
import type { CalledEndpoint } from "../call/endpoint.ts";
import type { TurnLimits } from "../limits.ts";
import type { SseEvent } from "../respond/stream/sse_event.ts";
import type { Answer, TurnUsage } from "../settle/outcome.ts";
import type { Route, Turn, TurnRequest } from "../turn_database.ts";

/*
 * What an endpoint consists of. To add one, for instance `/responses`:
 *
 * 1. `functions/_shared/gateway/formats/<name>/`: its wire format, an implementation of
 *    {@linkcode WireFormat}. `schema.ts` validates the body, `allowed_fields.ts` lists what a credential
 *    buys that is not the caller's own, `format.ts` puts the parts together.
 * 2. `functions/<name>/`: `index.ts` wires, `operations.ts` declares path, body, answers and error
 *    codes, `handler.ts` calls `runTurn` with the format. One whose errors are not OpenAI's passes the
 *    format's to `defineFunction` and `respond`, and exports them as `errorFormat` from `operations.ts`.
 *    Plus the function's block in `supabase/config.toml`.
 * 3. `tests/functions/gateway/formats_test.ts`: its row in the table that every format is tested with;
 *    and tests of its own in `tests/functions/<name>/`.
 *
 * A new kind of turn (of another kind of service, or priced in another way) also has its kind in
 * `private.turn_kinds()`, `scope_of_turn()` and `refuse_routes()`, and in `TurnRequest`. Vendors'
 * oddities belong in `gateway/quirks/`, one file each. Nothing else changes: the stages in `begin/`,
 * `call/`, `respond/` and `settle/` know no format.
 */

/** A validated request. */
export interface ParsedRequest<Body> {
  body: Body;
  /** What the database is asked when the turn begins. */
  turn: Pick<
    TurnRequest,
    | "model"
    | "session_id"
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

/** What an answer is read and written with. */
export interface AnswerContext<Body> {
  body: Body;
  turn: Turn;
  /** What was called. */
  route: Route;
  endpoint: CalledEndpoint;
  /** Tokens of what the model was given, estimated: for an answer without measured usage. */
  promptTokens: () => number;
  /** Milliseconds since the epoch at which the request came. */
  startedAt: number;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/** An answer that came in one piece: what is stored, and what the client is sent. */
export interface WholeAnswer {
  answer: Answer;
  body: object;
  /** What is kept to repeat it, where that is not the body. */
  kept?: object;
  /** What the client is sent, where that is not the body as JSON. */
  response?: Response;
}

/** What an event of an upstream's stream comes to. */
export interface TakenEvent {
  /** What the client is sent for it. */
  bytes: Uint8Array | null;
  /** Whether the stream ends with it. */
  isLast: boolean;
  /** What the vendor says went wrong, which ends the answer. */
  error: ApiError | null;
}

/** One streamed answer, translated event by event from the upstream to the client. */
export interface StreamedAnswer {
  /**
   * Takes an event of the upstream.
   *
   * @throws {ApiError} 502 for an event that the format does not have.
   */
  take(event: SseEvent): TakenEvent;
  /** Whether the upstream has said why the model stopped; what follows is usage alone. */
  readonly isFinished: boolean;
  /** Whether the model has said or thought anything. */
  readonly hasOutput: boolean;
  /** The vendor's id of the answer; null until it is known. */
  readonly id: string | null;
  /** The answer so far; its usage is null unless it was measured. */
  answer(): Answer;
  /** The usage of the answer so far, estimated from its text. */
  estimate(): TurnUsage;
  /** What a finished upstream left out that clients need; null where the answer is incomplete. */
  complete(): Uint8Array | null;
  /** What ends the client's stream: the usage where the caller asked for it, and the last event. */
  end(answer: Answer): Uint8Array;
  /** What ends the client's stream when the answer broke off. */
  fail(error: ApiError, answer: Answer): Uint8Array;
  /** Headers of the client's stream; absent where it is one of events. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether a failure breaks the stream off, because it has no place for an error. */
  readonly breaksOff?: boolean;
  /** What is stored to replay the stream; null where nothing is kept. */
  stored(answer: Answer): object | null;
}

/** A wire format: everything that depends on what requests and answers look like. */
export interface WireFormat<Body extends object> {
  /** What the ledger counts its turns as. */
  readonly kind: TurnRequest["kind"];
  /** The scope that an access key needs. */
  readonly scope: AccessKeyScope;
  /** What follows the base address of a vendor with OpenAI's API. */
  readonly path: string;
  /**
   * What follows the base address of a vendor that has an API of its own for it; null for OpenAI's.
   *
   * @throws {ApiError} 400 for what the vendor does not offer.
   */
  ownPath?(body: Body, route: Route): string | null;
  /** Whether its answers are no text, and are passed on as they come. */
  readonly isBinary?: boolean;
  /** Whether its requests are forms, `multipart/form-data`, which may have files. */
  readonly isForm?: boolean;
  /** The format of its errors, as a whole answer and within a stream. */
  readonly errors: ErrorFormat;
  /** Bytes that a request may have. */
  maxBytes(limits: TurnLimits): number;
  /** Characters outside its strings; absent for what any body may have. */
  maxStructure?(limits: TurnLimits): number;
  /**
   * Completes a body with what it refers to. Absent where bodies are complete.
   *
   * @throws {ApiError} 400 that names the reference in `param`.
   */
  complete?(json: object): Promise<object>;
  /** @throws {ApiError} 400 that names the field at fault in `param`. */
  parse(json: object, headers: Headers): ParsedRequest<Body>;
  /**
   * Writes what a route is sent.
   *
   * @throws {ApiError} Where the route's credential does not buy what is asked.
   */
  upstreamBody(body: Body, turn: Turn, route: Route): Record<string, unknown>;
  /** Headers of the call beside its credential and those of its transport. */
  upstreamHeaders?(body: Body, route: Route): Record<string, string>;
  /** @throws {ApiError} 502 for an answer that is invalid; what it says for one that reports an error. */
  readWhole(text: string, context: AnswerContext<Body>): WholeAnswer;
  /**
   * Begins to translate a stream. Absent where the format has none.
   *
   * @param replayBytes How much of it is kept apart to be replayed; null where nothing is kept.
   * @param contentType What the vendor says that it sends.
   */
  openStream?(
    context: AnswerContext<Body>,
    replayBytes: number | null,
    contentType: string,
  ): StreamedAnswer;
  /** Answers a repeated request with what was stored. */
  replay(stored: object, body: Body): Response;
}
