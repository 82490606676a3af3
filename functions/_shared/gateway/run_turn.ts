import type { Caller } from "../auth/caller.ts";
import { toApiError } from "../core/errors.ts";
import type { Admission } from "../http/admission.ts";
import type { RequestContext } from "../http/context.ts";
import { readForm } from "../http/read_form.ts";
import { readJson } from "../http/read_json.ts";
import { countCall, type CountedCall } from "../rate_limit/count_call.ts";
import type { RateLimiter } from "../rate_limit/limiter.ts";
import { begin, type BeginDeps } from "./begin/begin.ts";
import { type NamedExecution, namedExecution } from "./begin/execution.ts";
import { type Idempotency, readIdempotency } from "./begin/idempotency.ts";
import { callRoutes } from "./call/call_routes.ts";
import type { OpenTurn } from "./open_turn.ts";
import type { ParsedRequest, WireFormat } from "./formats/format.ts";
import { checkDocuments } from "./prepare/check_documents.ts";
import { respondTo } from "./respond/respond_to.ts";
import { NO_ANSWER } from "./settle/outcome.ts";
import type { Turn } from "./turn_database.ts";

/** The dependencies of a turn. */
export interface TurnDeps extends BeginDeps {
  limiter: RateLimiter;
  admission: Admission;
}

/**
 * Runs the turn of a request: admit, count, read, begin, call, respond. Each stage takes the result
 * of the one before. A turn that has begun is always settled.
 *
 * @param onBegun Called with the turn before the vendor is called; from then on the turn runs to
 * its end by itself.
 * @throws {ApiError} Only before any part of an answer was sent.
 */
export async function runTurn<Body extends object>(
  request: Request,
  caller: Caller,
  format: WireFormat<Body>,
  context: RequestContext,
  deps: TurnDeps,
  onBegun?: (turn: Turn, body: Body) => void,
): Promise<Response> {
  const admitted = deps.admission.enter(request);
  const { until, ended } = createTracker(context);
  const tracked = { ...context, until };
  try {
    const refused = () => deps.database.countRefusedCall(caller, format.scope);
    const counted = await countCall(caller, deps.limiter, refused);
    const asked = await read(request, format, deps, admitted.arrived).catch(counted.failed);
    if (format.openStream) tracked.fields.stream = asked.stream;
    const opened = await begin(caller, turnRequest(asked, format, counted), tracked, deps)
      .catch(counted.failed);
    counted.answered("replay" in opened ? opened : opened.turn, context);
    if ("replay" in opened) return format.replay(opened.replay, asked.body);
    onBegun?.(opened.turn, asked.body);
    return await answer(opened, format, asked);
  } finally {
    // A stream holds its conversation until it has ended.
    ended().then(admitted.leave);
  }
}

/** A request with its parsed headers. */
interface ReadRequest<Body> extends ParsedRequest<Body> {
  execution: NamedExecution | null;
  idempotency: Idempotency;
}

/** Reads and validates a request. */
async function read<Body extends object>(
  request: Request,
  format: WireFormat<Body>,
  { limits }: TurnDeps,
  arrived: (bytes: number) => void,
): Promise<ReadRequest<Body>> {
  const maxBytes = format.maxBytes(limits);
  const json = format.isForm
    ? await readForm(request, maxBytes, arrived)
    : await readJson(request, maxBytes, arrived, format.maxStructure?.(limits));
  const parsed = format.parse(await format.complete?.(json) ?? json, request.headers);
  checkDocuments(parsed.turn.messages);
  return {
    ...parsed,
    execution: namedExecution(request.headers),
    idempotency: await readIdempotency(request.headers, format.kind, json),
  };
}

function turnRequest<Body extends object>(
  { turn, execution, idempotency }: ReadRequest<Body>,
  { kind }: WireFormat<Body>,
  counted: CountedCall,
) {
  return { kind, ...turn, execution, ...idempotency, ...counted.request };
}

/** Calls and responds; an error before the response settles the turn as failed. */
async function answer<Body extends object>(
  opened: OpenTurn,
  format: WireFormat<Body>,
  asked: ParsedRequest<Body>,
): Promise<Response> {
  try {
    const call = await callRoutes(opened, format, asked);
    return await respondTo(call, opened);
  } catch (thrown) {
    const error = toApiError(thrown);
    await opened.ledger.settle(NO_ANSWER, error);
    throw error;
  }
}

/** Collects the work that outlives the response. */
function createTracker(context: RequestContext) {
  const pending: Promise<unknown>[] = [];
  return {
    until(work: Promise<unknown>): void {
      pending.push(work);
      context.until(work);
    },
    ended: () => Promise.allSettled(pending),
  };
}
