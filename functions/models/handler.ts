import type { AuthenticateCaller } from "../_shared/auth/caller.ts";
import { identifyCaller } from "../_shared/auth/identify_caller.ts";
import { anthropicErrors } from "../_shared/gateway/formats/anthropic_messages/errors.ts";
import {
  type ChatModel,
  type ModelListDeps,
  modelNamed,
  modelsOf,
} from "../_shared/gateway/model_list.ts";
import type { RequestContext } from "../_shared/http/context.ts";
import { openaiErrors } from "../_shared/http/openai_errors.ts";
import { respond, type RespondDeps } from "../_shared/http/respond.ts";
import { operations } from "./operations.ts";

/** The dependencies of the models function. */
export interface ModelsDeps extends RespondDeps, ModelListDeps {
  authenticate: AuthenticateCaller;
}

/** Answers the {@linkcode operations} of the function `models`. */
export function handleModels(request: Request, deps: ModelsDeps): Promise<Response> {
  const find = async (request: Request, context: RequestContext, model: string | null) => {
    const caller = await identifyCaller(request, context, deps);
    return await modelsOf(caller, context, model, deps);
  };

  const list = async (request: Request, context: RequestContext) => {
    const data = (await find(request, context, null)).map(wireModel);
    const page = {
      has_more: false,
      first_id: data[0]?.id ?? null,
      last_id: data.at(-1)?.id ?? null,
    };
    return Response.json({ object: "list", data, ...page });
  };

  const retrieve = async (request: Request, context: RequestContext) => {
    const wanted = context.params.id ?? "";
    const models = await find(request, context, wanted);
    return Response.json(wireModel(modelNamed(wanted, models)));
  };

  // Anthropic's clients use the same path, and always send the header of their version.
  const errors = request.headers.has("anthropic-version") ? anthropicErrors : openaiErrors;
  return respond(request, "models", operations, { list, retrieve }, deps, errors);
}

/** A model as the clients of OpenAI and of Anthropic read it. */
function wireModel({ id, created, provider, agent, display_name, kind }: ChatModel) {
  return {
    id,
    object: "model",
    type: "model",
    created,
    created_at: new Date(created * 1000).toISOString(),
    owned_by: provider ?? agent,
    agent,
    display_name: display_name ?? id,
    kind,
  };
}
