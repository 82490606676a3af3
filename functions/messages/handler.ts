import { type AuthenticateCaller, type Caller, callerFields } from "../_shared/auth/caller.ts";
import { anthropicMessages } from "../_shared/gateway/formats/anthropic_messages/format.ts";
import { estimatePrompt } from "../_shared/gateway/formats/anthropic_messages/request.ts";
import { parsePrompt } from "../_shared/gateway/formats/anthropic_messages/schema.ts";
import { modelNamed, type ModelsDatabase, modelsOf } from "../_shared/gateway/model_list.ts";
import { runTurn, type TurnDeps } from "../_shared/gateway/run_turn.ts";
import type { RequestContext } from "../_shared/http/context.ts";
import type { Handlers } from "../_shared/http/operation.ts";
import { readJson } from "../_shared/http/read_json.ts";
import { respond, type RespondDeps } from "../_shared/http/respond.ts";
import { operations } from "./operations.ts";

/** The outside of the messages function. */
export interface MessagesDeps extends RespondDeps, TurnDeps {
  authenticate: AuthenticateCaller;
  /** Who may use which model, for what is counted and not called. */
  models: ModelsDatabase;
}

/** Answers the {@linkcode operations} of the function `messages`. */
export function handleMessages(request: Request, deps: MessagesDeps): Promise<Response> {
  const handlers: Handlers<typeof operations> = {
    create: async (request, context) => {
      const caller = await identify(request, context, deps);
      return await runTurn(request, caller, anthropicMessages, context, deps);
    },
    countTokens: async (request, context) => {
      const caller = await identify(request, context, deps);
      return await countTokens(request, caller, context, deps);
    },
  };
  return respond(request, "messages", operations, handlers, deps, anthropicMessages.errors);
}

async function identify(
  request: Request,
  context: RequestContext,
  { authenticate }: MessagesDeps,
): Promise<Caller> {
  const caller = await context.measure("auth", () => authenticate(request));
  Object.assign(context.fields, callerFields(caller));
  return caller;
}

async function countTokens(
  request: Request,
  caller: Caller,
  context: RequestContext,
  { admission, limiter, models: database }: MessagesDeps,
): Promise<Response> {
  const admitted = admission.enter(request);
  try {
    const { maxBytes } = operations.countTokens.body;
    const prompt = parsePrompt(await readJson(request, maxBytes, admitted.arrived));
    const models = await modelsOf(caller, context, prompt.model, { limiter, database });
    modelNamed(prompt.model, models);
    return Response.json({ input_tokens: estimatePrompt(prompt) });
  } finally {
    admitted.leave();
  }
}
