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
 * Why a call failed, which decides what is tried next and whom the failure counts against.
 * - `request`: the upstream refuses what the caller sent; another would refuse it too.
 * - `credential`: it refuses the key.
 * - `rate`: it was called too often.
 * - `route`: it does not know what it was asked for, such as the model.
 * - `upstream`: it is broken. Only this counts against the agent.
 * - `answer`: it answers, in a form that is not known or with one that its model spoilt, as some requests
 *   may provoke.
 * - `time`: an answer took longer than a turn may, or than a caller waits for one in one piece.
 */
export type Fault = "request" | "credential" | "rate" | "route" | "upstream" | "answer" | "time";

/** A call of an upstream that came to nothing, or not to its end. */
export class UpstreamError extends ApiError {
  readonly fault: Fault;
  /** Whether the same call may fare better soon. */
  readonly again: boolean;
  /** Milliseconds for which the upstream asks not to be called. */
  readonly retryAfterMs: number | null;
  /** Whether the credential itself is at fault, and not what it may be used for. */
  readonly keyIsBad: boolean;
  /** Whether the account of the credential has no credit or quota left. */
  readonly outOfCredit: boolean;
  /** Whether the upstream may have sold something all the same. One that answers with an error and no usage has not. */
  readonly mayHaveSold: boolean;
  /** What the upstream says that it sold, though it failed. */
  usage: TurnUsage | null;
  /** The message without what the vendor said, which may quote the caller: the ledger is read by others. */
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

/** What an upstream was called with, on which it depends what of its answer is repeated. */
export interface CalledWith {
  /** The credential, of which nothing may be repeated. */
  secret: string;
  /** Whether the credential is a person's key. */
  ownKey: boolean;
  /** The body. */
  sent: unknown;
}

/** What is needed to tell what an upstream's error answer means. */
export interface ErrorAnswer extends CalledWith {
  status: number;
  headers: Headers;
  /** The body, as much of it as was read. */
  body: string;
  /** Milliseconds since the epoch. */
  now: number;
  /** What it says that it sold nonetheless. */
  usage?: TurnUsage | null;
}

/**
 * Maps an upstream's error answer to ours. Faults of the request are explained in the vendor's words;
 * faults of our credential or of the vendor are not the caller's business and stay generic.
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
  // A firewall's page says nothing about the key.
  const isPage = status === 403 && /^\s*</.test(body);
  if (keyIsBad || ([401, 402, 403].includes(status) && !isPage)) {
    return credentialRefused(ownKey, keyIsBad, status, code);
  }
  const cause = logged(status, code);
  const matter = matterOf(names);
  if ([400, 413, 415, 422, 451].includes(status) && matter !== "model") {
    const ours = isTooLong(reason) ? "context_length_exceeded" : "upstream_rejected_request";
    return requestRefused(ours, message, status, code);
  }
  const retryAfterMs = readRetryAfter(headers, now);
  if (status === 429) return tooManyCalls(cause, retryAfterMs);
  const mayHaveSold = usage !== null || (!reason.isGiven && maySellAnswering(status));
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
 * The error for an upstream that names an error where an answer should be: in a 200. Its code is the
 * status that could no longer be sent, where it is a number.
 *
 * @param usage What it says that it sold nonetheless.
 */
export function reportedError(
  error: unknown,
  { secret, ownKey, sent }: CalledWith,
  usage: TurnUsage | null = null,
): UpstreamError {
  const body = JSON.stringify({ error });
  const { code, names } = readReason(body, secret, sent);
  const matter = matterOf(names);
  const told = Number(code);
  const status = Number.isInteger(told) && told >= 400 && told < 600
    ? told
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

/** The error for an answer that is none: a page, or half a text. */
export function invalidAnswer(what: string): UpstreamError {
  return unreadable("upstream", what);
}

/**
 * The error for an answer in a form that is not known. Some requests provoke one and others do not, so
 * it says nothing about the agent.
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
 * The error for an upstream that nothing is heard from.
 *
 * @param cause What `fetch` threw. A request that had no connection was not sent.
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
 * @param fault `answer` where the vendor ended it in good order, though it is not whole.
 */
export function interrupted(cause?: unknown, fault: Fault = "upstream"): UpstreamError {
  return new UpstreamError(fault, [
    "upstream_interrupted",
    "The model's answer is incomplete: the connection to its vendor broke off. Send the request again.",
  ], { cause, again: true, mayHaveSold: true });
}

/**
 * Whether a status without an explanation may hide an answer that was sold: a gateway's, in front of a
 * vendor that went on, or a success of another kind.
 */
function maySellAnswering(status: number): boolean {
  return status >= 500 || status === 408 || (status >= 200 && status < 300);
}

/** Whether a failure of `fetch` came before anything could be sent: no such host, refused, no TLS. */
function neverConnected(cause: unknown): boolean {
  const messages = [cause, cause instanceof Error ? cause.cause : undefined]
    .map((error) => error instanceof Error ? error.message : "");
  return messages.some((message) => message.includes(": client error (Connect): "));
}

/** The error for an upstream that took too long. */
export function timedOut(what: string, cause?: unknown): UpstreamError {
  return new UpstreamError("upstream", timeout(what), { cause, mayHaveSold: true });
}

/** The error for an answer that was under way for as long as a turn may last. */
export function outOfTime(what: string): UpstreamError {
  return new UpstreamError("time", timeout(what), { mayHaveSold: true });
}

/**
 * What is logged of an error: its status, and the vendor's code where that is a plain word or number.
 * The vendor's sentence may quote the caller, or a key in a form that no filter recognizes.
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

/** What the vendor refuses is explained in its words; the ledger keeps ours. */
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
