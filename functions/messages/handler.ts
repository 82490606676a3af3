import { type AuthenticateCaller, type Caller, callerFields } from "../_shared/auth/caller.ts";
import { type CountDeps, countPrompt } from "../_shared/gateway/count_prompt.ts";
import { anthropicMessages } from "../_shared/gateway/formats/anthropic_messages/format.ts";
import { estimatePrompt } from "../_shared/gateway/formats/anthropic_messages/request.ts";
import { parsePrompt } from "../_shared/gateway/formats/anthropic_messages/schema.ts";
import { runTurn, type TurnDeps } from "../_shared/gateway/run_turn.ts";
import type { RequestContext } from "../_shared/http/context.ts";
import type { Handlers } from "../_shared/http/operation.ts";
import { respond, type RespondDeps } from "../_shared/http/respond.ts";
import { operations } from "./operations.ts";

/** The outside of the messages function. */
export interface MessagesDeps extends RespondDeps, TurnDeps, CountDeps {
  authenticate: AuthenticateCaller;
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
  deps: MessagesDeps,
): Promise<Response> {
  const { maxBytes } = operations.countTokens.body;
  const read = (json: object) => {
    const prompt = parsePrompt(json);
    return { model: prompt.model, tokens: estimatePrompt(prompt) };
  };
  const input_tokens = await countPrompt(request, caller, context, { maxBytes, read }, deps);
  return Response.json({ input_tokens });
}
