import type { ErrorCode } from "../../core/error_codes.ts";
import { ApiError, type ApiErrorOptions } from "../../core/errors.ts";
import { readRetryAfter, retryAfterHeaders } from "../../core/retry_after.ts";
import { matterOf, statusOf } from "../quirks/error_names.ts";
import { isTooLong } from "../quirks/too_long.ts";
import { readReason } from "../quirks/error_shapes.ts";
import { isFlagged } from "../quirks/flagged_input.ts";
import { isOutOfCredit } from "../quirks/spent_credit.ts";
import type { TurnUsage } from "../settle/outcome.ts";
import { refusesKey } from "../quirks/refused_keys.ts";

/**
 * The class of a failure, which decides what is tried next and against whom it counts.
 * - `request`: the upstream refuses the caller's request; others would refuse it too.
 * - `credential`: it refuses the key.
 * - `rate`: its rate limit is reached.
 * - `route`: it does not have the requested resource, such as the model.
 * - `upstream`: it fails. Only this counts against the agent.
 * - `answer`: it answers in an unknown form, or its model produced a malformed answer, as some
 *   requests may provoke.
 * - `time`: the answer took longer than a turn, or than a caller waits for a whole answer.
 */
export type Fault = "request" | "credential" | "rate" | "route" | "upstream" | "answer" | "time";

/** A call of an upstream that failed or was interrupted. */
export class UpstreamError extends ApiError {
  readonly fault: Fault;
  /** Whether a retry may succeed. */
  readonly again: boolean;
  /** The upstream's Retry-After, in milliseconds. */
  readonly retryAfterMs: number | null;
  /** Whether the credential itself is invalid, rather than its permissions. */
  readonly keyIsBad: boolean;
  /** Whether the account of the credential has no credit or quota left. */
  readonly outOfCredit: boolean;
  /**
   * Whether the upstream may bill the call nevertheless. An error answer without usage is not
   * billed.
   */
  readonly mayHaveSold: boolean;
  /** The usage that the upstream reports with its failure. */
  usage: TurnUsage | null;
  /**
   * The message without the vendor's text, which may quote the caller: others can read the ledger.
   */
  readonly ownWords: string;

  constructor(
    fault: Fault,
    [code, message]: [code: ErrorCode, message: string],
    options: ApiErrorOptions & {
      again?: boolean;
      retryAfterMs?: number | null;
      keyIsBad?: boolean;
      outOfCredit?: boolean;
      mayHaveSold?: boolean;
      usage?: TurnUsage | null;
      ownWords?: string;
    } = {},
  ) {
    const {
      again = false,
      retryAfterMs = null,
      keyIsBad = false,
      outOfCredit = false,
      mayHaveSold = false,
      usage = null,
      ownWords = message,
      ...rest
    } = options;
    super(code, message, { headers: retryAfterHeaders(retryAfterMs), ...rest });
    this.fault = fault;
    this.again = again;
    this.retryAfterMs = retryAfterMs;
    this.keyIsBad = keyIsBad;
    this.outOfCredit = outOfCredit;
    this.mayHaveSold = mayHaveSold;
    this.usage = usage;
    this.ownWords = ownWords;
  }
}

/**
 * The credential and body of a call, which determine the parts of the answer that may be quoted.
 */
export interface CalledWith {
  /** The credential, which must not be quoted. */
  secret: string;
  /** Whether the credential is a user's key. */
  ownKey: boolean;
  /** The body. */
  sent: unknown;
}

/** The input for classifying an upstream's error answer. */
export interface ErrorAnswer extends CalledWith {
  status: number;
  headers: Headers;
  /** The body, as far as it was read. */
  body: string;
  /** Milliseconds since the epoch. */
  now: number;
  /** The usage that it reports nevertheless. */
  usage?: TurnUsage | null;
}

/**
 * Maps an upstream's error answer to ours. Errors of the request quote the vendor; errors of our
 * credential or of the vendor get a generic message.
 */
export function upstreamError(answer: ErrorAnswer): UpstreamError {
  const error = classify(answer);
  error.usage = answer.usage ?? null;
  return error;
}

function classify(answer: ErrorAnswer): UpstreamError {
  const { status, headers, body, secret, sent, ownKey, now, usage = null } = answer;
  const reason = readReason(body, secret, sent);
  const { message, code, names } = reason;
  if (isFlagged(status, reason)) return requestRefused("content_filter", message, status, code);
  if (isOutOfCredit(status, reason)) return outOfCredit(ownKey, status, code);
  const keyIsBad = refusesKey(status, reason);
  // The page of a firewall shows nothing about the key.
  const isPage = status === 403 && /^\s*</.test(body);
  if (keyIsBad || ([401, 402, 403].includes(status) && !isPage)) {
    return credentialRefused(ownKey, keyIsBad, status, code);
  }
  const cause = logged(status, code);
  const matter = matterOf(names);
  const retryAfterMs = readRetryAfter(headers, now);
  if (status === 429 || (status === 400 && matter === "rate")) {
    return tooManyCalls(cause, retryAfterMs);
  }
  if (isTooLong(reason)) return requestRefused("context_length_exceeded", message, status, code);
  if ([400, 413, 415, 422, 451].includes(status) && matter !== "model") {
    return requestRefused("upstream_rejected_request", message, status, code);
  }
  const mayHaveSold = usage !== null || (!reason.isGiven && mayHideBilledAnswer(status));
  if (status === 408 || status === 504) {
    const said = timeout("the vendor itself timed out");
    return new UpstreamError("upstream", said, { cause, mayHaveSold });
  }
  const broken = status >= 500;
  return new UpstreamError(broken ? "upstream" : "route", [
    "upstream_error",
    `Cannot get an answer from the model: its vendor answered with status ${status}. Try again, or choose another model.`,
  ], { cause, again: broken, retryAfterMs, mayHaveSold });
}

/**
 * The error for an upstream that reports an error in a 200. If its code is a number, it is taken
 * for the status.
 *
 * @param usage The usage that it reports nevertheless.
 */
export function reportedError(
  error: unknown,
  { secret, ownKey, sent }: CalledWith,
  usage: TurnUsage | null = null,
): UpstreamError {
  const body = JSON.stringify({ error });
  const reason = readReason(body, secret, sent);
  const { code } = reason;
  const matter = isTooLong(reason) ? "context" : matterOf(reason.names);
  const reported = Number(code);
  const status = Number.isInteger(reported) && reported >= 400 && reported < 600
    ? reported
    : matter && statusOf(matter);
  if (status !== null && matter !== "load") {
    const answer = { status, headers: new Headers(), body, secret, ownKey, sent, now: 0, usage };
    return upstreamError(answer);
  }
  const isModels = typeof error === "object" && error !== null &&
    Reflect.get(error, "failure") === "model";
  return new UpstreamError(isModels ? "answer" : "upstream", [
    "upstream_error",
    isModels
      ? "Cannot get an answer from the model: it broke off with a malformed answer. Try again, or choose another model."
      : "Cannot get an answer from the model: its vendor reported an error. Try again, or choose another model.",
  ], { cause: logged(200, code), again: true, mayHaveSold: true, usage });
}

/** The error for an answer that is not one: an HTML page, or a truncated text. */
export function invalidAnswer(what: string): UpstreamError {
  return unreadable("upstream", what);
}

/**
 * The error for an answer in an unknown form. It depends on the request, so it does not count
 * against the agent.
 */
export function unknownShape(what: string, usage: TurnUsage | null = null): UpstreamError {
  return unreadable("answer", what, usage);
}

function unreadable(fault: Fault, what: string, usage: TurnUsage | null = null): UpstreamError {
  return new UpstreamError(fault, [
    "upstream_invalid_response",
    "Cannot read the model's answer: its vendor's response does not follow the OpenAI format. Try again, or choose another model.",
  ], { cause: new Error(`upstream: ${what}`), mayHaveSold: true, usage });
}

/**
 * The error for an upstream that does not answer.
 *
 * @param cause The error of `fetch`. Without a connection, the request was not sent.
 */
export function unreachable(cause: unknown): UpstreamError {
  return new UpstreamError("upstream", [
    "upstream_unreachable",
    "Cannot reach the model's vendor. Try again, or choose another model.",
  ], { cause, again: true, mayHaveSold: !neverConnected(cause) });
}

/**
 * The error for an answer that stopped before its end.
 *
 * @param fault `answer` if the vendor ended the stream properly, but the answer is incomplete.
 */
export function interrupted(cause?: unknown, fault: Fault = "upstream"): UpstreamError {
  return new UpstreamError(fault, [
    "upstream_interrupted",
    "The model's answer is incomplete: the connection to its vendor broke off. Send the request again.",
  ], { cause, again: true, mayHaveSold: true });
}

/**
 * Whether a status without an explanation may hide a billed answer: a gateway's timeout while the
 * vendor continues, or another 2xx.
 */
function mayHideBilledAnswer(status: number): boolean {
  return status >= 500 || status === 408 || (status >= 200 && status < 300);
}

/**
 * Whether `fetch` failed before anything was sent: host not found, connection refused, or TLS
 * failure.
 */
function neverConnected(cause: unknown): boolean {
  const messages = [cause, cause instanceof Error ? cause.cause : undefined]
    .map((error) => error instanceof Error ? error.message : "");
  return messages.some((message) => message.includes(": client error (Connect): "));
}

/** The error for an upstream that took too long. */
export function timedOut(what: string, cause?: unknown): UpstreamError {
  return new UpstreamError("upstream", timeout(what), { cause, mayHaveSold: true });
}

/** The error for an answer that exceeds the longest duration of a turn. */
export function outOfTime(what: string): UpstreamError {
  return new UpstreamError("time", timeout(what), { mayHaveSold: true });
}

/**
 * The log entry of an error: its status, and the vendor's code if that is a plain word or number.
 * The vendor's message may quote the caller, or a key in a form that no filter recognizes.
 */
function logged(status: number, code: unknown): Error {
  const isPlain = typeof code === "number" ||
    (typeof code === "string" && /^[a-z_]{1,64}$/.test(code));
  return new Error(`upstream: ${status}${isPlain ? ` ${code}` : ""}`);
}

function timeout(what: string): [ErrorCode, string] {
  return [
    "upstream_timeout",
    `The model did not answer in time: ${what}. Try again, or choose another model.`,
  ];
}

function tooManyCalls(cause: Error, retryAfterMs: number | null): UpstreamError {
  return new UpstreamError("rate", [
    "rate_limit_exceeded",
    "Cannot call the model now: the rate limit of its vendor is reached. Try again later.",
  ], { cause, again: true, retryAfterMs });
}

/** The caller sees the vendor's message; the ledger stores ours. */
function requestRefused(
  code: ErrorCode,
  message: string,
  status: number,
  vendorsCode: unknown,
): UpstreamError {
  const ownWords = "The model's vendor rejects the request";
  const cause = logged(status, vendorsCode);
  return new UpstreamError("request", [code, `${ownWords}: ${message}`], {
    cause,
    ownWords: `${ownWords}.`,
  });
}

function outOfCredit(ownKey: boolean, status: number, code: unknown): UpstreamError {
  const said: [ErrorCode, string] = ownKey
    ? [
      "vendor_key_rejected",
      "Cannot call the model: your account with its vendor has no credit or quota left. Add credit there, or choose a platform agent's model.",
    ]
    : [
      "upstream_credential_rejected",
      "Cannot call the model: this server's account with its vendor has no credit or quota left. The operator must add credit.",
    ];
  return new UpstreamError("credential", said, {
    cause: logged(status, code),
    outOfCredit: true,
  });
}

function credentialRefused(
  ownKey: boolean,
  keyIsBad: boolean,
  status: number,
  code: unknown,
): UpstreamError {
  const cause = logged(status, code);
  const said: [ErrorCode, string] = ownKey
    ? [
      "vendor_key_rejected",
      "Cannot call the model: its vendor rejected your key. Store a valid one, or choose a platform agent's model.",
    ]
    : [
      "upstream_credential_rejected",
      "Cannot call the model: its vendor rejected this server's credential. The operator must renew it.",
    ];
  return new UpstreamError("credential", said, { cause, keyIsBad });
}
