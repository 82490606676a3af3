import type { CallRecord, CallRecorder } from "./call_recorder.ts";
import { addCorsHeaders, preflight } from "./cors.ts";
import { ApiError, toApiError } from "../core/errors.ts";
import type { Log, LogFields, LogValue } from "../core/log.ts";
import { createPhases, type Phases } from "./server_timing.ts";
import { match, type Routes } from "./router.ts";

/** One request and all that belongs to it beyond the request itself. */
export interface Exchange {
  /** Unique per request; sent as `x-request-id`. */
  readonly requestId: string;
  /** What stood for `/*` in the route, decoded. */
  readonly rest: string;
  /** Milliseconds since the epoch at which the request came in. */
  readonly startedAt: number;
  /** Headers of the answer, whether it succeeds or not. */
  readonly headers: Headers;
  /** Fields of the request's one log line. */
  readonly fields: LogFields;
  /** Holds the log line back until work that outlives the answer has added its fields. */
  until(work: Promise<unknown>): void;
  /** Measures a phase of the request, for the header `server-timing` and the log. */
  readonly measure: Phases["measure"];
}

/** Answers one method of one path. May throw {@linkcode ApiError}. */
export type Handler = (request: Request, exchange: Exchange) => Promise<Response> | Response;

/** What {@linkcode respond} needs from outside. */
export interface RespondDeps {
  log: Log;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Absent where calls are not recorded. */
  calls?: CallRecorder;
}

const SECURITY_HEADERS = {
  "x-content-type-options": "nosniff",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
};

/**
 * Answers a request by its route. Whatever happens, the answer carries CORS and security headers and
 * its request id, an error has OpenAI's envelope, and one line is logged.
 *
 * @param name The function's name, for the log.
 */
export async function respond(
  request: Request,
  name: string,
  routes: Routes<Handler>,
  deps: RespondDeps,
): Promise<Response> {
  const work: Promise<unknown>[] = [];
  const fields: LogFields = {};
  const phases = createPhases();
  const exchange = {
    requestId: `req_${crypto.randomUUID().replaceAll("-", "")}`,
    rest: "",
    startedAt: deps.now(),
    headers: new Headers(),
    fields,
    until: (promise: Promise<unknown>) => void work.push(promise),
    measure: phases.measure,
  };

  let response: Response;
  try {
    if (request.method === "OPTIONS") {
      response = preflight(request);
    } else {
      const { handler, route, rest } = match(request, routes);
      fields.route = route;
      response = await handler(request, { ...exchange, rest });
    }
  } catch (thrown) {
    response = errorResponse(thrown, fields);
  }

  addCorsHeaders(response.headers);
  for (const [header, value] of Object.entries(SECURITY_HEADERS)) {
    response.headers.set(header, value);
  }
  for (const [header, value] of exchange.headers) response.headers.set(header, value);
  response.headers.set("x-request-id", exchange.requestId);
  response.headers.set("openai-processing-ms", String(deps.now() - exchange.startedAt));
  const timing = phases.header();
  if (timing) response.headers.set("server-timing", timing);
  if (!response.headers.has("cache-control")) response.headers.set("cache-control", "no-store");

  const { status } = response;
  const finish = () => {
    const duration = deps.now() - exchange.startedAt;
    deps.log(status >= 500 ? "error" : "info", {
      event: "request",
      function: name,
      request_id: exchange.requestId,
      method: request.method,
      status,
      duration_ms: duration,
      ...fields,
      ...phases.fields(),
    });
    // A preflight is the browser's question, and no call.
    if (request.method === "OPTIONS") return;
    deps.calls?.record({
      ...factsOf(fields, name),
      // Whatever else somebody makes up, one odd word must not cost the others their record.
      method: /^[A-Z]{1,10}$/.test(request.method) ? request.method : "OTHER",
      status_code: status,
      response_time_ms: Math.max(0, duration),
      created_at: new Date(exchange.startedAt).toISOString(),
    });
  };
  if (work.length === 0) finish();
  else allDone(work).then(finish);
  return response;
}

/** What the fields of a request's log line say of the call. */
function factsOf(
  fields: LogFields,
  name: string,
): Pick<CallRecord, "user_id" | "agent_id" | "endpoint" | "cost_usd"> {
  const text = (value: LogValue) => typeof value === "string" ? value : null;
  return {
    user_id: text(fields.user_id),
    agent_id: text(fields.agent_id),
    // Of a path that nobody declared, only the function is known.
    endpoint: text(fields.route) ?? `/${name}/*`,
    cost_usd: text(fields.cost_usd),
  };
}

/** Resolves when all work is done, that included which other work adds while it lasts. */
async function allDone(work: readonly Promise<unknown>[]): Promise<void> {
  for (let done = 0; done < work.length;) {
    done = work.length;
    await Promise.allSettled(work);
  }
}

function errorResponse(thrown: unknown, fields: LogFields): Response {
  const error: ApiError = toApiError(thrown);
  fields.error_code = error.code;
  if (error.cause !== undefined) fields.cause = describe(error.cause);
  return Response.json(error.toBody(), { status: error.status, headers: error.headers });
}

/** An error for the log: where it came from helps, what it was about may be private. */
function describe(cause: unknown): string {
  if (!(cause instanceof Error)) return typeof cause;
  const frames = cause.stack?.split("\n").filter((line) => /^\s+at /.test(line)).slice(0, 4) ?? [];
  return [`${cause.name}: ${cause.message}`, ...frames.map((frame) => frame.trim())].join(" | ");
}
