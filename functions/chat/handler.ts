import { type AuthenticateCaller, callerFields } from "../_shared/auth/caller.ts";
import { openaiChat } from "../_shared/gateway/formats/openai_chat/format.ts";
import { runTurn, type TurnDeps } from "../_shared/gateway/run_turn.ts";
import { respond, type RespondDeps } from "../_shared/http/respond.ts";
import { operations } from "./operations.ts";

/** The outside of the chat function. */
export interface ChatDeps extends RespondDeps, TurnDeps {
  authenticate: AuthenticateCaller;
}

/** Answers the {@linkcode operations} of the function `chat`. */
export function handleChat(request: Request, deps: ChatDeps): Promise<Response> {
  return respond(
    request,
    "chat",
    operations,
    {
      complete: async (request, context) => {
        const caller = await context.measure("auth", () => deps.authenticate(request));
        Object.assign(context.fields, callerFields(caller));
        return await runTurn(request, caller, openaiChat, context, deps);
      },
    },
    deps,
    openaiChat.errors,
  );
}
