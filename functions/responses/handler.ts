import type { AuthenticateCaller, Caller } from "../_shared/auth/caller.ts";
import { identifyCaller } from "../_shared/auth/identify_caller.ts";
import { ApiError } from "../_shared/core/errors.ts";
import { countPrompt } from "../_shared/gateway/count_prompt.ts";
import { openaiResponses } from "../_shared/gateway/formats/openai_responses/format.ts";
import { idOf, turnIdOf } from "../_shared/gateway/formats/openai_responses/ids.ts";
import { withReferredItems } from "../_shared/gateway/formats/openai_responses/references.ts";
import type { ResponsesRequest } from "../_shared/gateway/formats/openai_responses/request.ts";
import { responseObject } from "../_shared/gateway/formats/openai_responses/response.ts";
import { restoreResponse } from "../_shared/gateway/formats/openai_responses/stored.ts";
import { streamHeaders } from "../_shared/gateway/respond/stream/sse_writer.ts";
import { runTurn, type TurnDeps } from "../_shared/gateway/run_turn.ts";
import type { Turn } from "../_shared/gateway/turn_database.ts";
import type { RequestContext } from "../_shared/http/context.ts";
import { respond, type RespondDeps } from "../_shared/http/respond.ts";
import { countCall } from "../_shared/rate_limit/count_call.ts";
import { createFollower, followResponse } from "./background.ts";
import type { ResponsesDatabase } from "./db.ts";
import { listInputItems } from "./input_items.ts";
import { operations } from "./operations.ts";
import { readPaging, readResumption } from "./query.ts";
import { resumeStream } from "./resume.ts";

/** The dependencies of the responses function. */
export interface ResponsesDeps extends RespondDeps, TurnDeps {
  authenticate: AuthenticateCaller;
  responses: ResponsesDatabase;
}

/** Answers the {@linkcode operations} of the function `responses`. */
export function handleResponses(request: Request, deps: ResponsesDeps): Promise<Response> {
  /** The caller of a request for a stored response, and the turn of the response. */
  async function asks(request: Request, context: RequestContext) {
    const caller = await identifyCaller(request, context, deps);
    const counted = await countCall(caller, deps.limiter);
    if (counted.request.rate_limit) {
      counted.answered(await deps.database.countRefusedCall(caller, "chat"), context);
    }
    return { caller, turnId: turnNamed(context.params.id ?? "") };
  }

  return respond(
    request,
    "responses",
    operations,
    {
      create: (request, context) => create(request, context, deps),
      countTokens: (request, context) => countTokens(request, context, deps),
      compact: () => {
        throw new ApiError(
          "unknown_path",
          "Cannot compact a conversation: this API shortens one that exceeds the model's context window by itself. Send the next POST /responses with previous_response_id, or with the input as it is.",
        );
      },
      retrieve: async (request, context) => {
        const { caller, turnId } = await asks(request, context);
        const { stream, after } = readResumption(new URL(request.url).searchParams);
        const found = restoreResponse(await deps.responses.find(caller, turnId));
        if (!stream) return Response.json(found.response);
        const events = resumeStream({
          events: (after) => deps.responses.events(caller, turnId, after),
          after,
          now: deps.now,
          shutdown: deps.lifetime.shutdown,
        });
        return new Response(ReadableStream.from(events), { headers: streamHeaders });
      },
      remove: async (request, context) => {
        const { caller, turnId } = await asks(request, context);
        await deps.responses.delete(caller, turnId);
        return Response.json({ id: idOf("resp", turnId), object: "response", deleted: true });
      },
      cancel: async (request, context) => {
        const { caller, turnId } = await asks(request, context);
        return Response.json(restoreResponse(await deps.responses.cancel(caller, turnId)).response);
      },
      inputItems: async (request, context) => {
        const { caller, turnId } = await asks(request, context);
        const paging = readPaging(new URL(request.url).searchParams);
        return Response.json(
          await listInputItems(paging, (page) => deps.responses.input(caller, turnId, page)),
        );
      },
    },
    deps,
    openaiResponses.errors,
  );
}

/** @throws {ApiError} 404 for an id that does not have the form of a response id. */
function turnNamed(id: string): string {
  const turnId = turnIdOf(id);
  if (turnId) return turnId;
  throw new ApiError(
    "response_not_found",
    `Cannot find response "${id.slice(0, 100)}": it does not exist, or it is not yours.`,
  );
}

async function countTokens(
  request: Request,
  context: RequestContext,
  deps: ResponsesDeps,
): Promise<Response> {
  const caller = await identifyCaller(request, context, deps);
  const { maxBytes } = operations.countTokens.body;
  const read = async (json: object) =>
    openaiResponses.parse(await formatFor(caller, deps).complete(json), request.headers);
  const input_tokens = await countPrompt(request, caller, context, { maxBytes, read }, deps);
  return Response.json({ object: "response.input_tokens", input_tokens });
}

/** Runs the turn of a response: for a client that waits, or in the background. */
async function create(
  request: Request,
  context: RequestContext,
  deps: ResponsesDeps,
): Promise<Response> {
  const caller = await identifyCaller(request, context, deps);
  const cancelled = new AbortController();
  const { shutdown } = deps.lifetime;
  const lifetime = { ...deps.lifetime, shutdown: AbortSignal.any([shutdown, cancelled.signal]) };
  const begun = Promise.withResolvers<[Turn, ResponsesRequest]>();
  const running = runTurn(
    request,
    caller,
    formatFor(caller, deps),
    context,
    { ...deps, lifetime },
    (turn, body) => begun.resolve([turn, body]),
  );
  // A turn that does not begin also has an answer: an error, or a replayed response.
  const first = await Promise.race([begun.promise, running]);
  if (first instanceof Response) return first;
  const [turn, { asked, created }] = first;
  if (!asked.background) return await running;
  const { input: _input, ...echo } = asked;
  const vendor = turn.routes[0]?.vendor_id ?? "";
  const frame = { turnId: turn.turn_id, created, model: turn.model, vendor, asked: echo };
  const follower = asked.stream ? createFollower() : null;
  const cancel = () => cancelled.abort();
  const work = followResponse({ frame, running, cancel, database: deps.responses }, follower);
  deps.lifetime.waitUntil?.(work);
  context.until(work);
  return follower
    ? new Response(follower.stream, { headers: streamHeaders })
    : Response.json(responseObject(frame, { status: "queued", output: [] }));
}

function formatFor(caller: Caller, deps: ResponsesDeps) {
  return {
    ...openaiResponses,
    complete: (json: object) => withReferredItems(json, (ids) => deps.responses.items(caller, ids)),
  };
}
