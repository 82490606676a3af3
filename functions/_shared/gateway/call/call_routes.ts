import { type ApiError, toApiError } from "../../core/errors.ts";
import type { Lifetime } from "../../core/runtime.ts";
import type { Log } from "../../core/log.ts";
import type { RequestContext } from "../../http/context.ts";
import { UndecryptableError } from "../../crypto/envelope.ts";
import { sleep } from "../../core/sleep.ts";
import { type KeyReport, REJECTED, reportOfUndecryptable } from "../../crypto/stored_key.ts";
import type { Route, Turn } from "../turn_database.ts";
import type { AttemptNote, Ledger } from "../settle/ledger.ts";
import type { TurnLimits } from "../limits.ts";
import {
  type CalledEndpoint,
  type EndpointDeps,
  endpointsOf,
  type PendingEndpoint,
} from "./endpoint.ts";
import { callUpstream, type Upstream } from "./upstream.ts";
import { UpstreamError } from "./upstream_error.ts";

/** What calling upstreams needs from outside. */
export interface CallDeps extends EndpointDeps {
  fetch: typeof globalThis.fetch;
  lifetime: Lifetime;
  limits: TurnLimits;
  log: Log;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** From 0 up to but not including 1, as Math.random(). */
  random: () => number;
}

/** A turn whose model is to be called. */
export interface OpenTurn<Deps extends CallDeps = CallDeps> {
  turn: Turn;
  ledger: Ledger;
  context: RequestContext;
  deps: Deps;
}

/** What is sent, and what becomes of the answer. */
export interface Call<Result> {
  /** What follows a vendor's base address. */
  path: string;
  /** The body for a route. Throws where the route cannot be sent what is asked. */
  body: (route: Route) => Record<string, unknown>;
  /**
   * Takes an answer whose head is there. What it throws before anything has gone to the client makes
   * the attempt a failed one.
   */
  accept: (upstream: Upstream, target: CalledEndpoint, route: Route) => Promise<Result>;
}

/**
 * Calls the routes of a turn until one answers. A call that failed by no fault of the request is
 * repeated after a random pause, as long as every route that follows still has its one attempt; then
 * the next route is called. All of it within the attempts and the time that a turn has, and where an
 * upstream may have sold what did not arrive, within what budgets take.
 *
 * @throws {ApiError} What the last call failed with, or why no route could be called.
 */
export async function callRoutes<Result>(open: OpenTurn, call: Call<Result>): Promise<Result> {
  const { turn, ledger, context, deps } = open;
  const { limits, now } = deps;
  const deadline = context.startedAt + limits.beginMs;
  let failure: UpstreamError | undefined;
  let obstacle: ApiError | undefined;
  let calls = 0;

  async function attempt(
    target: CalledEndpoint,
    route: Route,
    note: AttemptNote,
  ): Promise<Result> {
    const upstream = await callUpstream(target, target.sent, {
      fetch: deps.fetch,
      limits,
      shutdown: deps.lifetime.shutdown,
      firstByteMs: Math.min(limits.firstByteMs, deadline - now()),
      now,
      onHead: note.head,
    });
    return await call.accept(upstream, target, route);
  }

  for (const [index, route] of turn.routes.entries()) {
    const following = turn.routes.length - index - 1;
    const { sent, pending } = prepareRoute(route, call, deps, (error) => obstacle ??= error);
    for (const { key, prepare } of pending) {
      if (failure && (calls >= limits.attempts || now() >= deadline)) throw failure;
      const target = await context.measure("decrypt", prepare).catch(toApiError);
      if (target instanceof Error) {
        obstacle ??= target;
        if (key) ledger.reportKey({ ...key, ...reportOf(target) });
        continue;
      }
      for (let repeats = 0; calls < limits.attempts && now() < deadline; repeats++) {
        if (failure?.mayHaveSold && !await ledger.reserveAttempt()) throw failure;
        calls++;
        const note = ledger.startAttempt(route, key);
        try {
          const result = await context.measure(
            "upstream",
            () => attempt({ ...target, sent }, route, note),
          );
          if (key) ledger.reportKey({ ...key, event: "worked", problem: null });
          return result;
        } catch (thrown) {
          const error = toApiError(thrown);
          note.fail(error);
          if (key) ledger.reportKey({ ...key, ...reportOf(error) });
          if (!(error instanceof UpstreamError) || error.fault === "request") throw error;
          failure = error;
        }
        if (!failure.again || limits.attempts - calls <= following) break;
        const pause = pauseBefore(repeats, failure, deps);
        if (pause === null || now() + pause >= deadline) break;
        await sleep(pause, deps.lifetime.shutdown);
      }
      // Another key helps where one was refused, and nowhere else.
      if (failure?.fault !== "credential") break;
    }
  }
  throw failure ?? obstacle ?? toApiError(new Error("no time for a call"));
}

/** What a route is sent, and where; nowhere where it cannot be called, which is reported. */
function prepareRoute(
  route: Route,
  { path, body }: Pick<Call<unknown>, "path" | "body">,
  deps: EndpointDeps,
  report: (error: ApiError) => void,
): { sent: Record<string, unknown>; pending: PendingEndpoint[] } {
  try {
    return { pending: endpointsOf(route, path, deps), sent: body(route) };
  } catch (thrown) {
    report(toApiError(thrown));
    return { pending: [], sent: {} };
  }
}

/** What an error says about the key that was used. */
function reportOf(error: ApiError): Pick<KeyReport, "event" | "problem"> {
  if (error instanceof UndecryptableError) return reportOfUndecryptable(error);
  if (error instanceof UpstreamError && error.fault === "credential") {
    return error.keyIsBad ? { event: "rejected", problem: REJECTED } : {
      event: "failed",
      problem: "Its vendor does not let it be used, as when it has no credit.",
    };
  }
  return { event: "used", problem: null };
}

/**
 * Full jitter, so that callers who failed together do not return together; never sooner than the
 * upstream asks for. null: it asks for more than it is granted.
 */
function pauseBefore(
  repeats: number,
  { retryAfterMs }: UpstreamError,
  { limits, random }: CallDeps,
): number | null {
  if ((retryAfterMs ?? 0) > limits.retryAfterMs) return null;
  return (retryAfterMs ?? 0) + Math.floor(random() * limits.backoffMs * 2 ** repeats);
}
