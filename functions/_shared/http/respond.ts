import type { CallRecord, CallRecorder } from "./call_recorder.ts";
import { addCorsHeaders, type CorsPolicy, preflight } from "./cors.ts";
import { type ApiError, toApiError } from "../core/errors.ts";
import { type ErrorFormat, mayPass } from "./error_format.ts";
import type { Log, LogFields, LogValue } from "../core/log.ts";
import type { RequestContext } from "./context.ts";
import { type Handlers, match, type Operations } from "./operation.ts";
import { openaiErrors } from "./openai_errors.ts";
import { createServerTiming } from "./server_timing.ts";

/** The dependencies of {@linkcode respond}. */
export interface RespondDeps {
  log: Log;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Absent if calls are not recorded. */
  calls?: CallRecorder;
  /** Absent if pages of any origin may read the answers. */
  cors?: CorsPolicy;
}

const SECURITY_HEADERS = {
  "x-content-type-options": "nosniff",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
};

/**
 * Routes a request to its operation and answers it. Every answer has CORS and security headers and
 * a request id, every error has the format of the function, and one line is logged.
 *
 * @param name The function's name, for the log.
 * @param errors The format of the function's errors.
 */
export async function respond<Of extends Operations>(
  request: Request,
  name: string,
  operations: Of,
  handlers: Handlers<Of>,
  deps: RespondDeps,
  errors: ErrorFormat = openaiErrors,
): Promise<Response> {
  const work: Promise<unknown>[] = [];
  const phases = createServerTiming();
  const context: RequestContext = {
    requestId: `req_${crypto.randomUUID().replaceAll("-", "")}`,
    params: {},
    startedAt: deps.now(),
    headers: new Headers(),
    fields: {},
    until: (promise) => void work.push(promise),
    measure: phases.measure,
  };
  const response = await answer(request, context, operations, handlers)
    .catch((thrown) => errorResponse(thrown, context, errors));
  addHeaders(response.headers, context, deps.now() - context.startedAt, phases.header());
  addCorsHeaders(response.headers, deps.cors ? await deps.cors(request) : "*");
  const finish = () => {
    const done = { name, method: request.method, status: response.status, phases: phases.fields() };
    finishExchange(context, done, deps);
  };
  if (work.length === 0) finish();
  else allDone(work).then(finish);
  return response;
}

async function answer<Of extends Operations>(
  request: Request,
  context: RequestContext,
  operations: Of,
  handlers: Handlers<Of>,
): Promise<Response> {
  if (request.method === "OPTIONS") return preflight(request);
  const { handler, route, params } = match(request, operations, handlers);
  context.fields.route = route;
  const response = await handler(request, { ...context, params });
  return request.method === "HEAD" ? new Response(null, response) : response;
}

function addHeaders(
  headers: Headers,
  context: RequestContext,
  ms: number,
  timing: string | null,
): void {
  for (const [header, value] of Object.entries(SECURITY_HEADERS)) headers.set(header, value);
  for (const [header, value] of context.headers) headers.set(header, value);
  headers.set("x-request-id", context.requestId);
  headers.set("request-id", context.requestId);
  headers.set("openai-processing-ms", String(ms));
  if (timing) headers.set("server-timing", timing);
  if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
}

/** The facts of a request that was answered. */
interface Done {
  name: string;
  method: string;
  status: number;
  phases: LogFields;
}

/** Writes the request's log line and its record. */
function finishExchange(context: RequestContext, done: Done, deps: RespondDeps): void {
  const { requestId, startedAt, fields } = context;
  const { name, method, status, phases } = done;
  const duration = deps.now() - startedAt;
  deps.log(status >= 500 ? "error" : "info", {
    event: "request",
    function: name,
    request_id: requestId,
    method,
    status,
    duration_ms: duration,
    ...fields,
    ...phases,
  });
  // A preflight is not recorded as a call.
  if (method === "OPTIONS") return;
  deps.calls?.record({
    ...factsOf(fields, name),
    // One invalid method must not lose the other calls of the batch.
    method: /^[A-Z]{1,10}$/.test(method) ? method : "OTHER",
    status_code: status,
    response_time_ms: Math.max(0, duration),
    created_at: new Date(startedAt).toISOString(),
  });
}

/** The fields of the log line that are recorded with the call. */
function factsOf(
  fields: LogFields,
  name: string,
): Pick<CallRecord, "user_id" | "agent_id" | "endpoint" | "cost_usd"> {
  const text = (value: LogValue) => typeof value === "string" ? value : null;
  return {
    user_id: text(fields.user_id),
    agent_id: text(fields.agent_id),
    // For an undeclared path, only the function is known.
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

function errorResponse(
  thrown: unknown,
  { fields, requestId }: RequestContext,
  errors: ErrorFormat,
): Response {
  const error = toApiError(thrown);
  logError(fields, error);
  const { status, body } = errors.write(error, requestId);
  const response = Response.json(body, { status, headers: error.headers });
  // The clients of OpenAI and Anthropic otherwise go by the status, and repeat each of their calls.
  if (!mayPass(error)) response.headers.set("x-should-retry", "false");
  return response;
}

/**
 * Adds an error to the log line of its request, also one that occurs after the headers were sent.
 */
export function logError(fields: LogFields, { code, cause }: ApiError): void {
  fields.error_code = code;
  if (cause !== undefined) fields.cause = describe(cause);
}

/** An error for the log: its stack helps, while its message may be private. */
function describe(cause: unknown): string {
  if (!(cause instanceof Error)) return typeof cause;
  const frames = cause.stack?.split("\n").filter((line) => /^\s+at /.test(line)).slice(0, 4) ?? [];
  return [`${cause.name}: ${cause.message}`, ...frames.map((frame) => frame.trim())].join(" | ");
}
