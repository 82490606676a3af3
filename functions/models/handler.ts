import { type AuthenticateCaller, callerFields } from "../_shared/auth/caller.ts";
import { countCall } from "../_shared/rate_limit/count_call.ts";
import { ApiError } from "../_shared/core/errors.ts";
import type { RateLimiter } from "../_shared/rate_limit/limiter.ts";
import type { RequestContext } from "../_shared/http/context.ts";
import { respond, type RespondDeps } from "../_shared/http/respond.ts";
import { openaiErrors } from "../_shared/http/openai_errors.ts";
import { anthropicErrors } from "../_shared/gateway/formats/anthropic_messages/errors.ts";
import type { ModelsDatabase } from "./db.ts";
import { operations } from "./operations.ts";
import type { ChatModel } from "./schema.ts";

/** The outside of the models function. */
export interface ModelsDeps extends RespondDeps {
  authenticate: AuthenticateCaller;
  database: ModelsDatabase;
  limiter: RateLimiter;
}

/** Answers the {@linkcode operations} of the function `models`. */
export function handleModels(request: Request, deps: ModelsDeps): Promise<Response> {
  async function modelsOf(
    request: Request,
    context: RequestContext,
    model: string | null,
  ): Promise<ChatModel[]> {
    const caller = await deps.authenticate(request);
    Object.assign(context.fields, callerFields(caller));
    const counted = await countCall(caller, deps.limiter);
    const { models, caller: known, ...answer } = await deps.database
      .listModels(caller, counted.request.rate_limit, model)
      .catch(counted.failed);
    Object.assign(context.fields, known);
    counted.answered(answer, context);
    return models;
  }

  const list = async (request: Request, context: RequestContext) => {
    const models = await modelsOf(request, context, null);
    return Response.json({ object: "list", data: models.map(wireModel) });
  };

  const retrieve = async (request: Request, context: RequestContext) => {
    const wanted = context.params.id ?? "";
    const models = await modelsOf(request, context, wanted);
    const model = models.find(({ id }) => id === wanted) ??
      models.find((candidate) => `${candidate.agent}/${candidate.model}` === wanted);
    if (model) return Response.json(wireModel(model));
    throw new ApiError(
      "model_not_found",
      `Cannot find model "${
        wanted.slice(0, 200)
      }": it does not exist or you may not use it. GET /models lists the models that you may use.`,
      { param: "model" },
    );
  };

  // Clients of Anthropic's ask for models at the same path, and always name their version.
  const errors = request.headers.has("anthropic-version") ? anthropicErrors : openaiErrors;
  return respond(request, "models", operations, { list, retrieve }, deps, errors);
}

function wireModel({ id, created, provider, agent, display_name }: ChatModel) {
  return {
    id,
    object: "model",
    created,
    owned_by: provider ?? agent,
    agent,
    display_name: display_name ?? id,
  };
}
