import type { Caller } from "../_shared/auth/caller.ts";
import { identifyCaller } from "../_shared/auth/identify_caller.ts";
import { countPrompt } from "../_shared/gateway/count_prompt.ts";
import { anthropicMessages } from "../_shared/gateway/formats/anthropic_messages/format.ts";
import { parsePrompt } from "../_shared/gateway/formats/anthropic_messages/request.ts";
import { turnHandler, type TurnHandlerDeps } from "../_shared/gateway/turn_handler.ts";
import type { RequestContext } from "../_shared/http/context.ts";
import type { Handlers } from "../_shared/http/operation.ts";
import { respond } from "../_shared/http/respond.ts";
import { operations } from "./operations.ts";

/** Answers the {@linkcode operations} of the function `messages`. */
export function handleMessages(request: Request, deps: TurnHandlerDeps): Promise<Response> {
  const handlers: Handlers<typeof operations> = {
    create: turnHandler(anthropicMessages, deps),
    countTokens: async (request, context) => {
      const caller = await identifyCaller(request, context, deps);
      return await countTokens(request, caller, context, deps);
    },
  };
  return respond(request, "messages", operations, handlers, deps, anthropicMessages.errors);
}

async function countTokens(
  request: Request,
  caller: Caller,
  context: RequestContext,
  deps: TurnHandlerDeps,
): Promise<Response> {
  const { maxBytes } = operations.countTokens.body;
  const read = (json: object) => parsePrompt(json, request.headers);
  const input_tokens = await countPrompt(request, caller, context, { maxBytes, read }, deps);
  return Response.json({ input_tokens });
}
