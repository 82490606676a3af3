import { type ApiError, toApiError } from "../../core/errors.ts";
import { backoffMs } from "../../core/retry.ts";
import { sleep } from "../../core/sleep.ts";
import type { StoredKey } from "../../crypto/stored_key.ts";
import type { ParsedRequest, WireFormat } from "../formats/format.ts";
import type { CallDeps, OpenTurn } from "../open_turn.ts";
import { type Call, receive } from "../respond/receive.ts";
import { keyEvent } from "../settle/key_events.ts";
import { messageTokens, shortened } from "../prepare/fitting_messages.ts";
import { givenBackTo } from "../prepare/given_back.ts";
import type { Route } from "../turn_database.ts";
import { type Endpoint, endpointsOf, type PendingEndpoint, routeToCall } from "./endpoint.ts";
import { callUpstream } from "./upstream.ts";
import { UpstreamError } from "./upstream_error.ts";

/** The header that names the model which answered for a retired one. */
const SUCCESSOR = "x-model-successor";

/** The shared state of the calls of one turn. */
interface Calls<Body extends object> {
  /** Its turn has the messages that are sent, fewer if a vendor found the prompt too long. */
  open: OpenTurn;
  format: WireFormat<Body>;
  asked: ParsedRequest<Body>;
  /** Milliseconds since the epoch at which no more calls are made. */
  deadline: number;
  /** Calls made so far. */
  made: number;
  /** Why the last call failed. */
  failure?: UpstreamError;
  /** Why the first unusable endpoint could not be called. */
  obstacle?: ApiError;
}

/**
 * Calls the routes of a turn until one answers. A call that failed through no fault of the request
 * is retried after a random pause, as long as one attempt remains for each following route; then
 * the next route is called. Attempts and time are limited, and so is the cost, by budgets, if a
 * failed upstream may have billed its call.
 *
 * @throws {ApiError} The error of the last call, or why no route could be called.
 */
export async function callRoutes<Body extends object>(
  open: OpenTurn,
  format: WireFormat<Body>,
  asked: ParsedRequest<Body>,
): Promise<Call> {
  const { turn: { routes }, context, deps } = open;
  const deadline = context.startedAt + deps.limits.beginMs;
  const calls: Calls<Body> = { open, format, asked, deadline, made: 0 };
  for (const [index, route] of routes.entries()) {
    const call = await callFitting(calls, routeToCall(route, deps), routes.length - index - 1);
    if (call) return call;
  }
  throw calls.failure ?? calls.obstacle ?? toApiError(new Error("no time for a call"));
}

/**
 * Calls a route, and retries without the oldest messages while it finds the prompt too long.
 *
 * @param following How many routes follow.
 */
async function callFitting<Body extends object>(
  calls: Calls<Body>,
  route: Route,
  following: number,
): Promise<Call | null> {
  const whole = calls.open.turn;
  for (;;) {
    const call = await callRoute(calls, route, following);
    const { turn } = calls.open;
    if (call) {
      if (turn !== whole) calls.open.ledger.limitPrompt(messageTokens(turn.messages));
      return call;
    }
    if (!isTooLong(calls.failure)) return null;
    const shorter = mayCall(calls) ? shortened(turn) : null;
    if (!shorter) throw calls.failure;
    calls.open = { ...calls.open, turn: shorter };
  }
}

function isTooLong(failure: UpstreamError | undefined): failure is UpstreamError {
  return failure?.code === "context_length_exceeded";
}

/**
 * Calls the endpoints of a route until one answers. The next key is tried only if one was refused.
 *
 * @param following How many routes follow.
 */
async function callRoute<Body extends object>(
  calls: Calls<Body>,
  route: Route,
  following: number,
): Promise<Call | null> {
  const { open: { turn, ledger, context, deps }, format, asked } = calls;
  let endpoints: PendingEndpoint[];
  let sent: Record<string, unknown>;
  try {
    const ownPath = format.ownPath?.(asked.body, route);
    const isStreamed = asked.stream && !!format.openStream;
    endpoints = endpointsOf(route, format.path, deps, isStreamed, ownPath);
    const messages = givenBackTo(route, turn.messages);
    sent = format.upstreamBody(asked.body, { ...turn, messages }, route);
  } catch (thrown) {
    calls.obstacle ??= toApiError(thrown);
    return null;
  }
  for (const { key, prepare } of endpoints) {
    if (calls.failure && !mayCall(calls)) throw calls.failure;
    const endpoint = await context.measure("decrypt", prepare).catch(toApiError);
    if (endpoint instanceof Error) {
      calls.obstacle ??= endpoint;
      if (key) ledger.reportKey({ ...key, ...keyEvent(endpoint) });
      continue;
    }
    const call = await callEndpoint(calls, route, following, { endpoint, sent, key });
    if (call) return call;
    if (calls.failure?.fault !== "credential") break;
  }
  return null;
}

/** An endpoint, and the body that it is sent. */
interface ReadyCall {
  endpoint: Endpoint;
  sent: Record<string, unknown>;
  key: StoredKey | undefined;
}

/** Calls an endpoint, with retries while they may help. */
async function callEndpoint<Body extends object>(
  calls: Calls<Body>,
  route: Route,
  following: number,
  ready: ReadyCall,
): Promise<Call | null> {
  const { ledger, deps } = calls.open;
  for (let repeats = 0; mayCall(calls); repeats++) {
    if (calls.failure?.mayHaveSold && !await ledger.reserveAttempt()) throw calls.failure;
    calls.made++;
    const outcome = await attempt(calls, route, ready);
    if (!(outcome instanceof UpstreamError)) return outcome;
    calls.failure = outcome;
    if (!outcome.again || deps.limits.attempts - calls.made <= following) break;
    const pause = pauseBefore(repeats, outcome, deps);
    if (pause === null || deps.now() + pause >= calls.deadline) break;
    await sleep(pause, deps.lifetime.shutdown);
  }
  return null;
}

/**
 * Makes one call and records its outcome.
 *
 * @returns The error of a call that may be retried.
 * @throws {ApiError} If no other call would help.
 */
async function attempt<Body extends object>(
  calls: Calls<Body>,
  route: Route,
  { endpoint, sent, key }: ReadyCall,
): Promise<Call | UpstreamError> {
  const { open, format, asked, deadline } = calls;
  const { ledger, context, deps } = open;
  const { fetch, limits, now, lifetime: { shutdown } } = deps;
  const note = ledger.startAttempt(route, sent, key);
  const stated = open.turn.defaults.timeout_ms ?? limits.firstByteMs;
  const firstByteMs = Math.min(stated, limits.firstByteMs, deadline - now());
  try {
    const call = await context.measure("upstream", async () => {
      const options = { fetch, limits, shutdown, firstByteMs, now, onHead: note.head };
      const headers = { ...format.upstreamHeaders?.(asked.body, route), ...endpoint.headers };
      const upstream = await callUpstream({ ...endpoint, headers }, sent, options);
      return await receive(upstream, format, asked, {
        open,
        route,
        endpoint: { ...endpoint, sent },
      });
    });
    if (key) ledger.reportKey({ ...key, event: "worked", problem: null });
    if (route.replaces) context.headers.set(SUCCESSOR, encodeURI(route.model));
    return call;
  } catch (thrown) {
    const error = toApiError(thrown);
    note.fail(error);
    if (key) ledger.reportKey({ ...key, ...keyEvent(error) });
    if (!(error instanceof UpstreamError)) throw error;
    if (error.fault === "request" && !isTooLong(error)) throw error;
    return error;
  }
}

function mayCall<Body extends object>({ open: { deps }, made, deadline }: Calls<Body>): boolean {
  return made < deps.limits.attempts && deps.now() < deadline;
}

/** Never shorter than the upstream's Retry-After; null if that is longer than a turn waits. */
function pauseBefore(
  repeats: number,
  { retryAfterMs }: UpstreamError,
  { limits, random }: CallDeps,
): number | null {
  if ((retryAfterMs ?? 0) > limits.retryAfterMs) return null;
  const backoff = backoffMs(repeats, { firstMs: limits.backoffMs, random });
  return (retryAfterMs ?? 0) + Math.floor(backoff);
}
